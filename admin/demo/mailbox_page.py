"""The demo's mailbox: the mails that were sent, as they would have arrived. Exists in the demo alone.

A mail is untrusted content: its text is shown as text, attachments are offered as downloads, HTML is never shown.
"""

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, Response

from admin.demo import mailbox as mails
from admin.web.desk import Administrator, Desk, Frame
from admin.web.rendering import show
from storage.refusals import NotFound, Refused

router = APIRouter(prefix="/desk/mailbox")


@router.get("")
def mailbox(desk: Administrator) -> HTMLResponse:
    """The list of mails that were sent, the newest first."""
    frame: Frame = desk.request.app.state.frame
    assert frame.mailbox is not None
    return show(desk, "mailbox/list.html", mails=mails.newest(frame.mailbox))


@router.get("/{name}")
def mail(desk: Administrator, name: str) -> HTMLResponse:
    """One mail as it was sent; 404 where there is none of that name."""
    return show(desk, "mailbox/mail.html", mail=_found(desk, name))


@router.get("/{name}/{number}")
def attachment(desk: Administrator, name: str, number: int) -> Response:
    """One attachment as a download that no browser opens by itself; 404 where the mail has fewer."""
    found = _found(desk, name).attachments
    if not 0 <= number < len(found):
        raise HTTPException(404)
    headers = {
        "Content-Disposition": f'attachment; filename="attachment-{number}"',
        "Content-Security-Policy": "sandbox",
    }
    return Response(found[number].content, media_type="application/octet-stream", headers=headers)


def _found(desk: Desk, name: str) -> mails.Mail:
    frame: Frame = desk.request.app.state.frame
    assert frame.mailbox is not None
    found = mails.read(frame.mailbox, name)
    if found is None:
        raise Refused(NotFound("mail"))
    return found
