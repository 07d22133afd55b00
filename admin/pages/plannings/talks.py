"""Booking, moving and cancelling for a parent who phones (D14). Teachers do so in their own plannings (T3).

Nothing is done before a page has said what it will be; the family is told by the action itself (rule 15). Where
somebody is elsewhere then, that has to be seen first: a form says in `seen` which talks were (rule 10).
"""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin.pages.plannings.plannings import Id, board, own, scope
from admin.web.desk import Desk, SignedIn
from admin.web.form_values import known_id
from admin.web.forms import Line
from admin.web.rendering import show
from storage.booking import booking
from storage.booking.clashes import OtherTalk, elsewhere
from storage.booking.views import BookingView
from storage.outbox.recipients import family_addresses, pushable_chats
from storage.planning.views import candidates, planning_list
from storage.planning.views.candidates import Candidate
from storage.planning.views.planning_board import Block, PlanningView
from storage.refusals import NotFound, Refused
from storage.values.normalise import name as name_key

router = APIRouter(prefix="/desk/plannings")
LONGEST_LIST = 60


@router.get("/{planning_id:int}/slots/{slot_id:int}")
def slot(desk: SignedIn, planning_id: Id, slot_id: Id, name: str = "") -> HTMLResponse:
    """One time: who has it, or whom to book on it."""
    view = own(desk, planning_id)
    return _slot(desk, 200, view, view.block(slot_id), name)


@router.get("/{planning_id:int}/slots/{slot_id:int}/book")
def book_question(desk: SignedIn, planning_id: Id, slot_id: Id, student: int = 0, family: int = 0) -> HTMLResponse:
    """Asks whether a time is to be booked for this student and family, and says who is elsewhere then."""
    view = own(desk, planning_id)
    return _book_question(desk, 200, view, view.block(slot_id), _candidate(desk, planning_id, student, family))


@router.post("/{planning_id:int}/slots/{slot_id:int}/book")
def book(
    desk: SignedIn,
    planning_id: Id,
    slot_id: Id,
    student: Annotated[int, Form()] = 0,
    family: Annotated[int, Form()] = 0,
    back: Line = "",
    seen: Line = "",
) -> Response:
    """Book a time for a family; the question again where it is refused, or somebody is elsewhere unseen (409)."""
    view = own(desk, planning_id)
    block = view.block(slot_id)
    who = _candidate(desk, planning_id, student, family)
    if block.booking is None and _unseen(_clashes(desk, view, block, who.family_id), seen):
        return _book_question(desk, 409, view, block, who)

    def act(session: Session) -> tuple[BookingView, bool]:
        planning_list.allow(session, desk.school.id, planning_id, scope(desk))
        held = booking.book(
            session,
            desk.school.id,
            desk.acting,
            family_id=who.family_id or 0,
            student_id=who.student_id,
            slot_id=slot_id,
        )
        return held, _reached(session, held)

    try:
        held, reached = desk.database.work(act)
    except Refused as refused:
        view = own(desk, planning_id)
        return _slot(desk, 422, view, view.block(slot_id), "", desk.told(refused))
    said = desk.words.say(
        "%(student)s has a talk on %(moment)s.",
        student=held.student_name,
        moment=desk.words.moment(held.start, desk.zone),
    )
    return _done(desk, planning_id, back, said, reached)


@router.get("/{planning_id:int}/talks/{booking_id:int}/move")
def move_question(desk: SignedIn, planning_id: Id, booking_id: Id, to: int = 0) -> HTMLResponse:
    """Choose another free time; with `to` the page that asks whether it is right."""
    view = own(desk, planning_id)
    block = _block_of(view, booking_id)
    return _move_question(desk, 200, view, block, view.block(known_id(to)) if to else None)


@router.post("/{planning_id:int}/talks/{booking_id:int}/move")
def move(
    desk: SignedIn,
    planning_id: Id,
    booking_id: Id,
    to: Annotated[int, Form()] = 0,
    back: Line = "",
    seen: Line = "",
) -> Response:
    """Move a talk to another time; the question again where it is refused, or somebody is elsewhere unseen (409)."""

    def act(session: Session) -> tuple[BookingView, bool]:
        planning_list.allow(session, desk.school.id, planning_id, scope(desk))
        held = booking.move(session, desk.school.id, desk.acting, booking_id=booking_id, slot_id=known_id(to))
        return held, _reached(session, held)

    view = own(desk, planning_id)
    block = _block_of(view, booking_id)
    target = next((one for day in view.days for one in day.blocks if one.slot_id == to), None)
    if target is not None and target.booking is None:
        assert block.booking is not None
        if _unseen(_clashes(desk, view, target, block.booking.family_id, booking_id), seen):
            return _move_question(desk, 409, view, block, target)
    try:
        held, reached = desk.database.work(act)
    except Refused as refused:
        view = own(desk, planning_id)
        return _move_question(desk, 422, view, _block_of(view, booking_id), None, desk.told(refused))
    said = desk.words.say(
        "The talk of %(student)s is now on %(moment)s.",
        student=held.student_name,
        moment=desk.words.moment(held.start, desk.zone),
    )
    return _done(desk, planning_id, back, said, reached)


@router.get("/{planning_id:int}/talks/{booking_id:int}/cancel")
def cancel_question(desk: SignedIn, planning_id: Id, booking_id: Id) -> HTMLResponse:
    """Asks whether a talk is to be cancelled."""
    view = own(desk, planning_id)
    return show(desk, "talks/cancel.html", planning=view, block=_block_of(view, booking_id))


@router.post("/{planning_id:int}/talks/{booking_id:int}/cancel")
def cancel(desk: SignedIn, planning_id: Id, booking_id: Id, back: Line = "") -> Response:
    """Cancel a talk and say of whom it was, when, and whether the family is told by itself."""

    def act(session: Session) -> tuple[BookingView, bool]:
        planning_list.allow(session, desk.school.id, planning_id, scope(desk))
        held = booking.cancel(session, desk.school.id, desk.acting, booking_id=booking_id)
        return held, _reached(session, held)

    _block_of(own(desk, planning_id), booking_id)
    held, reached = desk.database.work(act)
    said = desk.words.say(
        "The talk of %(student)s on %(moment)s has been cancelled.",
        student=held.student_name,
        moment=desk.words.moment(held.start, desk.zone),
    )
    return _done(desk, planning_id, back, said, reached)


def _reached(session: Session, held: BookingView) -> bool:
    """Whether the family's notice has anywhere to go: a chat, or an address."""
    family = (session, held.school_id, held.family_id)
    return bool(pushable_chats(*family) or family_addresses(*family))


def _done(desk: Desk, planning_id: int, back: str, said: str, reached: bool) -> Response:
    if reached:
        told = desk.words.say("The family is told.")
    else:
        told = desk.words.say("This family has no chat and no e-mail address here: tell them yourself.")
    return desk.go(board(planning_id, back), f"{said} {told}", kind="good" if reached else "warn")


def _block_of(view: PlanningView, booking_id: int) -> Block:
    """The block that this booking holds. Raises Refused(NotFound) for another planning's or an old booking."""
    for day in view.days:
        for block in day.blocks:
            if block.booking is not None and block.booking.id == booking_id:
                return block
    raise Refused(NotFound("booking"))


def _candidate(desk: Desk, planning_id: int, student_id: int, family_id: int) -> Candidate:
    """Raises Refused(NotFound) for a child that is not of this planning, or not of this family."""
    for one in desk.database.read(candidates.candidates, desk.school.id, planning_id):
        if one.family_id is not None and (one.student_id, one.family_id) == (student_id, family_id):
            return one
    raise Refused(NotFound("student"))


def _clashes(
    desk: Desk, view: PlanningView, block: Block, family_id: int | None, but: int | None = None
) -> list[OtherTalk]:
    around = desk.database.read(elsewhere, desk.school.id, view.id)
    return around.clashes(family_id, block.start, block.end, but)


def _unseen(found: list[OtherTalk], seen: str) -> bool:
    """Whether one of them was not on the page that sent the form."""
    return not {str(one.booking_id) for one in found} <= set(seen.split())


def _slot(desk: Desk, status: int, view: PlanningView, block: Block, name: Line, wrong: str = "") -> HTMLResponse:
    around = desk.database.read(elsewhere, desk.school.id, view.id)
    found = desk.database.read(candidates.candidates, desk.school.id, view.id)
    wanted = name_key(name)
    fitting = [one for one in found if wanted in name_key(one.student) or wanted in name_key(one.family)]
    # Who still has no talk is most often the one who phones.
    fitting.sort(key=lambda one: one.booking_id is not None or one.elsewhere)
    return show(
        desk,
        "talks/slot.html",
        status,
        planning=view,
        block=block,
        name=name,
        found=[(one, around.of_family(one.family_id or 0, block.start, block.end)) for one in fitting[:LONGEST_LIST]],
        busy=around.of_teachers(block.start, block.end),
        more=max(len(fitting) - LONGEST_LIST, 0),
        wrong=wrong,
    )


def _book_question(desk: Desk, status: int, view: PlanningView, block: Block, who: Candidate) -> HTMLResponse:
    standing = _block_of(view, who.booking_id) if who.booking_id else None
    found = _clashes(desk, view, block, who.family_id)
    return show(desk, "talks/book.html", status, planning=view, block=block, who=who, standing=standing, clashes=found)


def _move_question(
    desk: Desk, status: int, view: PlanningView, block: Block, target: Block | None, wrong: str = ""
) -> HTMLResponse:
    held = block.booking
    assert held is not None
    around = desk.database.read(elsewhere, desk.school.id, view.id)
    free = [one for day in view.days for one in day.blocks if one.booking is None]
    found = {one.slot_id: around.clashes(held.family_id, one.start, one.end, held.id) for one in free}
    return show(desk, "talks/move.html", status, planning=view, block=block, target=target, clashes=found, wrong=wrong)
