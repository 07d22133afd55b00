"""What the school keeps and for how long, what it may not store, and where data go (D28, rule 29)."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.forms import Line
from admin.web.rendering import show
from messages.text import Words
from storage.msgids import N_
from storage.privacy import retention
from storage.privacy.retention_table import TABLE, Period
from storage.refusals import Refused

router = APIRouter(prefix="/desk/school/privacy")


@router.get("")
def privacy(desk: Administrator) -> HTMLResponse:
    """What the school keeps, for how long, and where data go."""
    return _page(desk, 200)


@router.post("")
def set_days(desk: Administrator, bookings_kept: Line = "", leavers_kept: Line = "") -> Response:
    """Change for how many days talks and leavers are kept; the page again with a sentence where they are refused."""
    given = {"bookings_kept": bookings_kept, "leavers_kept": leavers_kept}
    try:
        desk.database.work(
            retention.set_days,
            desk.school.id,
            desk.acting,
            bookings_kept=form_values.number(bookings_kept, N_("Days that talks are kept")),
            leavers_kept=form_values.number(leavers_kept, N_("Days that leavers are kept")),
        )
    except Refused as refused:
        return _page(desk, 422, given, desk.told(refused))
    return desk.go("/desk/school/privacy", desk.words.say("Saved."))


def _page(desk: Desk, status: int, given: dict[str, str] | None = None, wrong: str = "") -> HTMLResponse:
    kept = desk.database.read(retention.kept, desk.school.id, desk.now)
    standing = {"bookings_kept": str(kept.bookings_kept), "leavers_kept": str(kept.leavers_kept)}
    return show(
        desk,
        "trust/privacy.html",
        status,
        kept=kept,
        given=given or standing,
        wrong=wrong,
        telegram=bool(desk.settings.telegram_bot_token.get_secret_value()),
        periods=[(period, _how_long(desk.words, period)) for period in TABLE if not period.chosen],
    )


def _how_long(words: Words, period: Period) -> str:
    """`12 hours`, `1 day`."""
    if period.longest < timedelta(days=1):
        return words.count("%(number)s hour", "%(number)s hours", period.longest // timedelta(hours=1))
    return words.count("%(number)s day", "%(number)s days", period.longest.days)
