"""Plannings at the desk: the list by conference, one planning in blocks, and the forms that make and change them.

Administrators see and change all; a teacher sees only their own plannings and may turn times into breaks (D1, T3).
"""

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator
from sqlmodel import Session

from admin.pages.plannings.board_selection import BoardSelection, board_selection
from admin.pages.plannings.findings import FindingLine, by_planning, finding_lines
from admin.web import form_values
from admin.web.desk import Administrator, Desk, SignedIn, inner_path
from admin.web.forms import Line, chosen
from admin.web.rendering import show
from storage.booking.clashes import OtherTalk, elsewhere
from storage.planning import conferences, plannings, slots, teachers
from storage.planning.plannings import PlanningForm
from storage.planning.readiness import facts
from storage.planning.teachers import TeacherLine
from storage.planning.views import candidates, planning_board, planning_list
from storage.refusals import NotFound, Refused
from storage.timezone import to_local
from storage.words import SlotState

router = APIRouter(prefix="/desk/plannings")

Id = Annotated[int, Path(), AfterValidator(form_values.known_id)]
TEACHER_LINES = 4  # in the form; more when there are more already


@dataclass(frozen=True, slots=True)
class PlanningFields:
    """The planning form's fields as text, to be shown again."""

    conference: str
    title: str = ""
    room: str = ""
    remarks: str = ""
    opens: str = ""
    opens_early: str = ""
    closes: str = ""
    mail_each_booking: bool = False
    teachers: tuple[tuple[str, str], ...] = ()
    group_ids: frozenset[int] = frozenset()


def scope(desk: Desk) -> int | None:
    """Whose plannings exist for this reader: None is all; 0 is nobody's, for a teacher's account without a teacher."""
    return None if desk.administrator else desk.staff.teacher_id or 0


def own(desk: Desk, planning_id: int) -> planning_board.PlanningView:
    """The planning where the reader may see it. Raises Refused(NotFound), which is a 404."""
    return desk.database.read(planning_board.planning, desk.school.id, planning_id, teacher_id=scope(desk))


def findings_of(desk: Desk, planning_id: int) -> list[FindingLine]:
    """What is to be said of one planning, the wrong ones first."""
    found = desk.database.read(facts.check, desk.school.id, now=desk.now, teacher_id=scope(desk))
    return finding_lines(desk, (one for one in found if one.planning_id == planning_id))


def _sent(
    conference: Annotated[int, Form()] = 0,
    title: Line = "",
    room: Line = "",
    remarks: Annotated[str, Form(max_length=4000)] = "",
    opens: Line = "",
    opens_early: Line = "",
    closes: Line = "",
    mail_each_booking: Annotated[bool, Form()] = False,
    teacher: Annotated[list[str], Form()] = [],  # noqa: B006
    email: Annotated[list[str], Form()] = [],  # noqa: B006
    group: Annotated[list[int], Form()] = [],  # noqa: B006
) -> PlanningFields:
    """The form of a planning as it was sent."""
    addresses = [*email, *[""] * len(teacher)]
    people = tuple((name, address) for name, address in zip(teacher, addresses, strict=False) if name or address)
    return PlanningFields(
        conference=str(form_values.known_id(conference)),
        title=title,
        room=room,
        remarks=remarks.replace("\r\n", "\n"),
        opens=opens,
        opens_early=opens_early,
        closes=closes,
        mail_each_booking=mail_each_booking,
        teachers=people[:20],
        group_ids=frozenset(form_values.known_id(one) for one in group),
    )


def board(planning_id: int, back: str = "") -> str:
    """The board that somebody acted on: of the planning, its breaks, or another page of plannings."""
    if back == "breaks":
        return f"/desk/plannings/{planning_id}?mode=breaks"
    return inner_path(back) if back.startswith("/desk/plannings/") else f"/desk/plannings/{planning_id}"


Sent = Annotated[PlanningFields, Depends(_sent)]


@router.get("")
def plannings_list(desk: SignedIn, old: int = 0) -> HTMLResponse:
    """The conferences with their plannings. One whose last talk is past is a line; `old` opens it."""
    lines = desk.database.read(conferences.conference_lines, desk.school.id, now=desk.now, teacher_id=scope(desk))
    shown = [one for one in lines if not one.over or one.id == old]
    rows = desk.database.read(planning_list.of_conferences, desk.school.id, [one.id for one in shown], scope(desk))
    theirs = {key: list(of_it) for key, of_it in groupby(rows, key=lambda row: row.conference_id)}
    findings = desk.database.read(facts.check, desk.school.id, now=desk.now, teacher_id=scope(desk))
    return show(
        desk,
        "plannings/list.html",
        conferences=[(one, theirs.get(one.id, [])) for one in shown if desk.administrator or one.id in theirs],
        folded=[one for one in lines if one not in shown and one.plannings],
        found=by_planning(desk, findings),
    )


@router.get("/new")
def new(desk: Administrator, conference: int = 0) -> Response:
    """The empty form of a planning; where no conference exists, that comes first."""
    there = desk.database.read(conferences.conferences, desk.school.id)
    if not there:
        return desk.go("/desk/plannings/conferences/new", desk.words.say("First the conference itself."), kind="warn")
    return _form(desk, 200, PlanningFields(str(form_values.known_id(conference) or there[0].id)), None)


@router.post("/new")
def make(desk: Administrator, sent: Sent) -> Response:
    """Make a planning and go on to its times; the form again with a sentence where it is refused."""
    try:
        made = desk.database.work(
            plannings.make, desk.school.id, desk.acting, int(sent.conference), _read(sent, desk.zone, frozenset())
        )
    except Refused as refused:
        return _form(desk, 422, sent, None, desk.told(refused))
    return desk.go(f"/desk/plannings/{made}/times", desk.words.say("The planning has been made. Now give it times."))


@router.get("/{planning_id:int}")
def planning(desk: SignedIn, planning_id: Id, mode: str = "talks", pick: str = "") -> HTMLResponse:
    """The board of one planning. `pick` is what was taken up: `c<student>-<family>` or `t<booking>`."""
    view = own(desk, planning_id)
    found = desk.database.read(candidates.candidates, desk.school.id, planning_id)
    taken_up = board_selection(view, found, pick)
    return show(
        desk,
        "plannings/planning.html",
        planning=view,
        mode="breaks" if mode == "breaks" and not pick else "talks",
        pick=taken_up,
        clashes=_in_the_way(desk, view, taken_up) if taken_up else {},
        over=view.over(desk.now),
        waiting=[one for one in found if one.booking_id is None and not one.elsewhere],
        found=findings_of(desk, planning_id),
    )


def _in_the_way(desk: Desk, view: planning_board.PlanningView, taken_up: BoardSelection) -> dict[int, list[OtherTalk]]:
    """slot → who is elsewhere then, for every time at which it could be put down."""
    around = desk.database.read(elsewhere, desk.school.id, view.id)
    open_ones = (block for day in view.days for block in day.blocks if block.booking is None)
    who, but = taken_up.family_id, taken_up.booking_id
    return {block.slot_id: around.clashes(who, block.start, block.end, but) for block in open_ones}


@router.get("/{planning_id:int}/edit")
def edit_form(desk: Administrator, planning_id: Id) -> HTMLResponse:
    """The form of a planning that exists."""
    view = own(desk, planning_id)
    return _form(desk, 200, _standing(view, desk.zone), view)


@router.post("/{planning_id:int}/edit")
def edit(desk: Administrator, planning_id: Id, sent: Sent) -> Response:
    """Change a planning; the form again with a sentence where it is refused."""
    view = own(desk, planning_id)
    again = replace(sent, conference=str(view.conference_id))
    try:
        form = _read(again, desk.zone, frozenset(line.name for line in view.teachers))
        desk.database.work(plannings.edit, desk.school.id, desk.acting, planning_id, form)
    except Refused as refused:
        return _form(desk, 422, again, view, desk.told(refused))
    return desk.go(f"/desk/plannings/{planning_id}", desk.words.say("Saved."))


@router.get("/{planning_id:int}/remove")
def remove_question(desk: Administrator, planning_id: Id) -> HTMLResponse:
    """Asks whether a planning is to be removed."""
    return show(desk, "plannings/remove.html", planning=own(desk, planning_id), wrong="")


@router.post("/{planning_id:int}/remove")
def remove(desk: Administrator, planning_id: Id) -> Response:
    """Remove a planning that nobody has booked on; else the question again with a sentence."""
    view = own(desk, planning_id)
    try:
        desk.database.work(plannings.remove, desk.school.id, desk.acting, planning_id)
    except Refused as refused:
        return show(desk, "plannings/remove.html", 422, planning=view, wrong=desk.told(refused))
    return desk.go("/desk/plannings", desk.words.say("“%(title)s” has been removed.", title=view.title))


@router.post("/{planning_id:int}/slots/{slot_id:int}/state")
def change_slot(desk: SignedIn, planning_id: Id, slot_id: Id, state: Line = "", back: Line = "") -> Response:
    """Free to break and back (D11); teachers may too."""

    def change(session: Session) -> None:
        planning_list.allow(session, desk.school.id, planning_id, scope(desk))
        wanted = SlotState(chosen(state, tuple(SlotState)))
        slots.change(session, desk.school.id, desk.acting, planning_id, slot_id, wanted)

    where = board(planning_id, back)
    try:
        desk.database.work(change)
    except Refused as refused:
        return desk.go(where, desk.told(refused), kind="bad")
    return desk.go(where)


@router.post("/{planning_id:int}/days/remove")
def remove_day(desk: Administrator, planning_id: Id, day: Line = "") -> Response:
    """The times of a day that nobody has: made by mistake, or one evening fewer."""
    where = f"/desk/plannings/{planning_id}"
    try:
        when = form_values.day(day, "The date")
        gone = desk.database.work(slots.remove_day, desk.school.id, desk.acting, planning_id, when)
    except Refused as refused:
        return desk.go(where, desk.told(refused), kind="bad")
    said = desk.words.count("%(number)s time has been removed.", "%(number)s times have been removed.", gone)
    return desk.go(where, said)


@router.post("/{planning_id:int}/slots/{slot_id:int}/remove")
def remove_slot(desk: Administrator, planning_id: Id, slot_id: Id) -> Response:
    """Remove one time that nobody has booked; else back with a sentence."""
    where = f"/desk/plannings/{planning_id}"
    try:
        desk.database.work(slots.remove, desk.school.id, desk.acting, planning_id, slot_id)
    except Refused as refused:
        return desk.go(where, desk.told(refused), kind="bad")
    return desk.go(where, desk.words.say("The time has been removed."))


def _form(
    desk: Desk, status: int, shown: PlanningFields, planning: planning_board.PlanningView | None, wrong: str = ""
) -> HTMLResponse:
    known = desk.database.read(teachers.all_teachers, desk.school.id)
    empty = max(TEACHER_LINES - len(shown.teachers), 1)
    return show(
        desk,
        "plannings/form.html",
        status,
        typed=shown,
        lines=(*shown.teachers, *[("", "")] * empty),
        known=known,
        groups=desk.database.read(planning_list.groups, desk.school.id),
        conferences=desk.database.read(conferences.conferences, desk.school.id),
        planning=planning,
        found=findings_of(desk, planning.id) if planning else [],
        wrong=wrong,
    )


def _read(shown: PlanningFields, zone: str, seated: frozenset[str]) -> PlanningForm:
    """The form's values. Raises Refused: Invalid, or NotFound for a group that no form of ours offers.

    Only for teachers who were `seated` here, and so shown with their address, does an empty one take it away.
    """
    if 0 in shown.group_ids:
        raise Refused(NotFound("group"))
    return PlanningForm(
        title=shown.title,
        teachers=tuple(
            TeacherLine(name, address if address or name in seated else None) for name, address in shown.teachers
        ),
        group_ids=shown.group_ids,
        opens=form_values.moment(shown.opens, zone, "“Sign-up opens”"),
        opens_early=form_values.moment_or_none(shown.opens_early, zone, "“Opens earlier for large families”"),
        closes=form_values.moment(shown.closes, zone, "“Sign-up closes”"),
        remarks=shown.remarks,
        room=shown.room,
        mail_each_booking=shown.mail_each_booking,
    )


def _standing(view: planning_board.PlanningView, zone: str) -> PlanningFields:
    opens, closes = to_local(view.opens, zone), to_local(view.closes, zone)
    early = to_local(view.opens_early, zone) if view.opens_early else None
    return PlanningFields(
        conference=str(view.conference_id),
        title=view.title,
        room=view.room,
        remarks=view.remarks,
        opens=f"{opens:%Y-%m-%dT%H:%M}",
        opens_early=f"{early:%Y-%m-%dT%H:%M}" if early else "",
        closes=f"{closes:%Y-%m-%dT%H:%M}",
        mail_each_booking=view.mail_each_booking,
        teachers=tuple((line.name, line.email or "") for line in view.teachers),
        group_ids=view.group_ids,
    )
