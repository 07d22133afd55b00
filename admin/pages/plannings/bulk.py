"""A whole conference in one page: the groups, their teachers, the times and the sign-up window, all at once (D10, D11).

From nothing to a draft planning with times for every group. What was so last time is filled in already; what comes out
is shown against the children of each group before anything is made. For administrators.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from admin.pages.plannings import time_fields
from admin.pages.plannings.time_fields import TimeFields, Times, TimesPreview
from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.forms import Line, line
from admin.web.rendering import show
from storage.planning import bulk, conferences, default_window, teachers
from storage.planning.bulk import GroupLine, OfOne, SignUp
from storage.planning.conferences import ConferenceForm
from storage.planning.grid import Span
from storage.planning.teachers import TeacherLine
from storage.planning.views import new_conference
from storage.planning.views.new_conference import GroupProposal
from storage.refusals import NotFound, Refused
from storage.timezone import local_day, to_local, to_utc
from storage.words import Policy

router = APIRouter(prefix="/desk/plannings")


@dataclass(frozen=True, slots=True)
class GroupFields:
    """One group of the form, as text. Teachers are parted by commas, their addresses in the same order."""

    group_id: int
    ticked: bool = False
    title: str = ""
    teacher: str = ""
    email: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class BulkFields:
    """The rest of the form as text; `conference` 0 is a new one."""

    conference: int = 0
    name: str = ""
    opens: str = ""
    opens_early: str = ""
    closes: str = ""
    remarks: str = ""
    mail_each_booking: bool = False
    rows: tuple[GroupFields, ...] = field(default=())

    @property
    def ticked(self) -> list[GroupFields]:
        return [row for row in self.rows if row.ticked]


def _sent(
    conference: Annotated[int, Form()] = 0,
    name: Line = "",
    opens: Line = "",
    opens_early: Line = "",
    closes: Line = "",
    remarks: Annotated[str, Form(max_length=4000)] = "",
    mail_each_booking: Annotated[bool, Form()] = False,
    group: Annotated[list[int], Form()] = [],  # noqa: B006
    row: Annotated[list[int], Form()] = [],  # noqa: B006
    title: Annotated[list[str], Form()] = [],  # noqa: B006
    teacher: Annotated[list[str], Form()] = [],  # noqa: B006
    email: Annotated[list[str], Form()] = [],  # noqa: B006
    room: Annotated[list[str], Form()] = [],  # noqa: B006
) -> BulkFields:
    """The form as it was sent; every group has a row, whether it is ticked or not."""
    ticked = {form_values.known_id(one) for one in group}
    rows = tuple(
        GroupFields(
            form_values.known_id(id_), form_values.known_id(id_) in ticked, *(line(text[:500]) for text in texts)
        )
        for id_, *texts in zip(row, title, teacher, email, room, strict=False)
    )
    remarks = remarks.replace("\r\n", "\n")
    return BulkFields(
        form_values.known_id(conference), name, opens, opens_early, closes, remarks, mail_each_booking, rows
    )


Sent = Annotated[BulkFields, Depends(_sent)]


@router.get("/many")
def form(desk: Administrator, conference: int = 0) -> HTMLResponse:
    """Ticked are the groups with children that have no planning in this conference yet."""
    known = desk.database.read(new_conference.proposals, desk.school.id)
    there = {one.id for one in desk.database.read(conferences.conferences, desk.school.id)}
    chosen = form_values.known_id(conference) if conference in there else 0
    opens = default_window.opening(local_day(desk.now, desk.zone))
    rows = tuple(_proposed(one, bool(one.children) and chosen not in one.conferences) for one in known)
    shown = BulkFields(conference=chosen, opens=f"{opens:%Y-%m-%dT%H:%M}", rows=rows)
    asked = time_fields.usual(desk.database.read(new_conference.habit, desk.school.id))
    return _form(desk, 200, shown, asked, TimesPreview(), known)


@router.post("/many")
def make(desk: Administrator, sent: Sent, asked: Times, step: Line = "") -> Response:
    """Make a conference's plannings, or with the step `look` only show their times; all of them or none."""
    known = desk.database.read(new_conference.proposals, desk.school.id)
    _demand_ours(sent, known)
    if step == "look":
        return _form(desk, 200, sent, asked, time_fields.look(desk, asked), known)
    try:
        spans = time_fields.spans(asked, desk.zone)
        made = desk.database.work(
            bulk.make_for_groups,
            desk.school.id,
            desk.acting,
            sent.conference or ConferenceForm(sent.name),
            _lines(sent),
            _sign_up(desk, sent, spans),
            spans,
        )
    except Refused as refused:
        of = refused.refusal.group_id if isinstance(refused.refusal, OfOne) else None
        return _form(desk, 422, sent, asked, time_fields.look(desk, asked), known, desk.told(refused), of)
    one, more = (
        "%(number)s draft planning has been made, each with %(talks)s times.",
        ("%(number)s draft plannings have been made, each with %(talks)s times."),
    )
    said = desk.words.count(one, more, len(made.planning_ids), talks=len(spans))
    return desk.go(f"/desk/plannings/conferences/{made.conference_id}/publish", said)


def _proposed(one: GroupProposal, ticked: bool) -> GroupFields:
    names, addresses = (", ".join(part) for part in zip(*one.teachers, strict=True)) if one.teachers else ("", "")
    return GroupFields(one.group_id, ticked, one.title, names, addresses.strip(", "), one.room)


def _demand_ours(sent: BulkFields, known: Sequence[GroupProposal]) -> None:
    """Raises Refused(NotFound) for a row that no form of ours shows."""
    if {row.group_id for row in sent.rows} - {one.group_id for one in known}:
        raise Refused(NotFound("group"))


def _lines(sent: BulkFields) -> list[GroupLine]:
    """The ticked rows as values. An address left empty leaves a known teacher's alone."""
    return [GroupLine(row.group_id, row.title, _teachers(row), row.room) for row in sent.ticked]


def _teachers(row: GroupFields) -> tuple[TeacherLine, ...]:
    names = [name.strip() for name in row.teacher.split(",") if name.strip()]
    addresses = [address.strip() for address in row.email.split(",")]
    padded = [*addresses, *[""] * len(names)]
    return tuple(TeacherLine(name, address or None) for name, address in zip(names, padded, strict=False))


def _sign_up(desk: Desk, sent: BulkFields, spans: Sequence[Span]) -> SignUp:
    """Raises Refused(Invalid)."""
    opens = form_values.moment(sent.opens, desk.zone, "“Sign-up opens”")
    closes = _closes(desk, sent, spans)
    early = form_values.moment_or_none(sent.opens_early, desk.zone, "“Opens earlier for large families”")
    return SignUp(opens, closes, early, sent.remarks, sent.mail_each_booking)


def _closes(desk: Desk, sent: BulkFields, spans: Sequence[Span]) -> datetime:
    """As typed, else the proposal: two days before the first evening. Raises Refused(Invalid)."""
    if sent.closes.strip():
        return form_values.moment(sent.closes, desk.zone, "“Sign-up closes”")
    opens = to_local(form_values.moment(sent.opens, desk.zone, "“Sign-up opens”"), desk.zone).replace(tzinfo=None)
    first = to_local(min(spans).start, desk.zone).replace(tzinfo=None)
    return to_utc(default_window.closing(first, opens), desk.zone)


def _form(
    desk: Desk,
    status: int,
    shown: BulkFields,
    asked: TimeFields,
    outcome: TimesPreview,
    known: Sequence[GroupProposal],
    wrong: str = "",
    wrong_group: int | None = None,
) -> HTMLResponse:
    there = desk.database.read(conferences.conferences, desk.school.id)
    policies = {one.id: one.policy for one in there}
    each = policies.get(shown.conference) is Policy.EACH
    sizes = {one.group_id: (one.group, one.talks if each else one.children) for one in known}
    ticked = [sizes[row.group_id] for row in shown.ticked if row.group_id in sizes]
    closing = None
    if outcome.spans:
        try:
            closing = _closes(desk, shown, outcome.spans)
        except Refused:  # said when it is sent
            closing = None
    return show(
        desk,
        "plannings/many.html",
        status,
        typed=shown,
        groups={one.group_id: one for one in known},
        each=each,
        short=[(name, needed - len(outcome.spans)) for name, needed in ticked if needed > len(outcome.spans)],
        most=max((needed for _, needed in ticked), default=0),
        conferences=there,
        teachers=desk.database.read(teachers.all_teachers, desk.school.id),
        asked=asked,
        outcome=outcome,
        closing=closing,
        wrong=wrong,
        wrong_group=wrong_group,
    )
