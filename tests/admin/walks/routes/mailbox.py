"""The demo's mailbox."""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from tests.admin.walks.route_table import Ground, Way


def mailed(ground: Ground) -> Mapping[str, Any]:
    """A mail with an attachment lies in the demo's folder."""
    mail = EmailMessage()
    mail["To"], mail["Subject"] = "devries@example.org", "Afspraak"
    mail.set_content("Tot dan!")
    mail.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="afspraak.ics")
    folder = ground.browser.app.state.frame.mailbox
    folder.mkdir(exist_ok=True)
    (folder / "notice-1.eml").write_bytes(mail.as_bytes())
    return {"name": "notice-1.eml", "number": 0}


WAYS = {
    "GET /desk/mailbox/{name}": Way(ready=mailed),
    "GET /desk/mailbox/{name}/{number}": Way(ready=mailed),
}
