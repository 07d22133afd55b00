"""A family's data as a file (right of access, D28): one page that a parent can open, and the same for a machine."""

import io
import json
import zipfile
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import AfterValidator

from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.downloads import file_answer
from admin.web.rendering import TEMPLATES
from messages import audit_trail, labels, text
from storage.audit.trail import Deed
from storage.msgids import N_
from storage.privacy import subject_access
from storage.privacy.subject_access import Known
from storage.words import Actor, ChatKind, NoticeKind, NoticeState

router = APIRouter(prefix="/desk/families")

Id = Annotated[int, Path(), AfterValidator(form_values.known_id)]
CHATS = {ChatKind.TELEGRAM: N_("Telegram"), ChatKind.WEB: N_("in a browser")}
NOTICES = {
    NoticeKind.CARD: N_("confirmation of a talk"),
    NoticeKind.CHANGED: N_("the school booked, moved or cancelled a talk"),
    NoticeKind.REMINDER: N_("reminder of talks"),
    NoticeKind.LINKED: N_("another chat came in"),
    NoticeKind.INVITATION: N_("invitation to sign up"),
    NoticeKind.SIGN_UP_OPENED: N_("message that sign-up is open"),
    NoticeKind.SIGN_UP_CLOSING: N_("message that sign-up closes soon"),
}
STATES = {
    NoticeState.WAITING: N_("on its way"),
    NoticeState.SENDING: N_("on its way"),
    NoticeState.SENT: N_("sent"),
    NoticeState.DROPPED: N_("not needed any more"),
    NoticeState.FAILED: N_("could not be delivered"),
}


@router.post("/{family_id:int}/file")
def file(desk: Administrator, family_id: Id) -> Response:
    """A ZIP of both: no browser shows children's data that somebody only wanted to keep."""
    known = desk.database.work(subject_access.take, desk.school.id, desk.acting, family_id, desk.zone)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        name = desk.words.say("our-data")
        archive.writestr(f"{name}.html", page(desk, known))
        archive.writestr(f"{name}.json", json.dumps(plain(desk, known), ensure_ascii=False, indent=2))
    title = desk.words.say("Data of the family %(name)s", name=known.name)
    return file_answer(packed.getvalue(), f"{title} {desk.now:%Y-%m-%d}.zip", "application/zip")


def page(desk: Desk, known: Known) -> str:
    """The page to read, complete in itself."""
    values: dict[str, Any] = {
        "known": known,
        "school": desk.school,
        "zone": desk.zone,
        "now": desk.now,
        "chat": {kind: desk.words.say(said) for kind, said in CHATS.items()},
        "notice": {kind: desk.words.say(NOTICES.get(kind, N_("message"))) for kind in NoticeKind},
        "state": {state: desk.words.say(said) for state, said in STATES.items()},
        "kind": {kind: labels.kind(kind, desk.words) for kind in labels.KINDS},
        "deeds": [
            (deed.at, _who(desk, deed), audit_trail.sentence(deed, desk.words, desk.zone)) for deed in known.deeds
        ],
    }
    return text.render("trust/family_file.html", desk.language, values, TEMPLATES)


def plain(desk: Desk, known: Known) -> dict[str, Any]:
    """For a machine: keys in English, moments in UTC; what was done as a sentence."""
    made: dict[str, Any] = _plain(asdict(known))
    made["deeds"] = [
        {
            "at": deed.at.isoformat(),
            "act": str(deed.act),
            "who": _who(desk, deed),
            "what": audit_trail.sentence(deed, desk.words, desk.zone),
        }
        for deed in known.deeds
    ]
    return {"school": desk.school.name, "made": desk.now.isoformat(), "family": made}


def _who(desk: Desk, deed: Deed) -> str:
    """Of the school's own people no names: the file is about the family."""
    return desk.words.say("the school") if deed.actor is Actor.STAFF else audit_trail.who(deed, desk.words)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
