"""Conferences: rounds of talks that plannings belong to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlmodel import Session, col

from storage.audit.record import record
from storage.planning.validation import text_of, whole_number
from storage.refusals import Booked, Invalid, NotFound, Refused
from storage.tables import Booking, Conference, Planning, PlanningTeacher, Slot
from storage.words import Act, Acting, Policy

REMIND_DAYS = (1, 2, 3, 7)  # before sign-up closes: what a school can choose, more than one at once
REMINDED = (2,)  # what a new conference begins with


@dataclass(frozen=True, slots=True)
class ConferenceForm:
    """What is typed about a conference. `walking_minutes` are kept free between a family's talks (P8).

    What the clock tells parents (M6): `tells_opening`, that sign-up opened; `remind_days`, so many days before it
    closes, who has not booked.
    """

    name: str
    policy: Policy = Policy.TOGETHER
    walking_minutes: int = 0
    large_family: int = 3
    tells_opening: bool = True
    remind_days: tuple[int, ...] = REMINDED


@dataclass(frozen=True, slots=True)
class ConferenceView:
    id: int
    name: str
    policy: Policy
    walking_minutes: int
    large_family: int
    tells_opening: bool
    remind_days: tuple[int, ...]


def make(session: Session, school_id: int, acting: Acting, form: ConferenceForm) -> int:
    """A new conference; returns its id. Raises Refused(Invalid), also for a name that is there already."""
    form = _checked(session, school_id, form, None)
    row = Conference(
        school_id=school_id,
        name=form.name,
        policy=form.policy,
        walking_minutes=form.walking_minutes,
        large_family=form.large_family,
        tells_opening=form.tells_opening,
        remind_days=form.remind_days,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    record(session, school_id, acting, Act.PLANNING_MADE, None, conference=row.id)
    return row.id


def edit(session: Session, school_id: int, acting: Acting, conference_id: int, form: ConferenceForm) -> None:
    """Raises Refused: NotFound, Invalid; Booked where the policy would change under standing bookings (rule 12)."""
    row = session.scalar(_row(school_id, conference_id).with_for_update(key_share=True))
    if row is None:
        raise Refused(NotFound("conference"))
    form = _checked(session, school_id, form, conference_id)
    if form.policy != row.policy and (count := _booked(session, school_id, conference_id)):
        raise Refused(Booked(count))
    row.name, row.policy = form.name, form.policy
    row.walking_minutes, row.large_family = form.walking_minutes, form.large_family
    row.tells_opening, row.remind_days = form.tells_opening, form.remind_days
    session.flush()
    record(session, school_id, acting, Act.PLANNING_CHANGED, None, conference=conference_id)


def remove(session: Session, school_id: int, acting: Acting, conference_id: int) -> None:
    """Only an empty one goes. Raises Refused: NotFound; Invalid while it has plannings."""
    row = session.scalar(_row(school_id, conference_id).with_for_update())
    if row is None:
        raise Refused(NotFound("conference"))
    within = (col(Planning.school_id) == school_id, col(Planning.conference_id) == conference_id)
    if session.execute(select(func.count()).select_from(Planning).where(*within)).scalar_one():
        raise Refused(Invalid("This conference still has plannings. Remove those first."))
    session.delete(row)
    session.flush()
    record(session, school_id, acting, Act.PLANNING_REMOVED, None, conference=conference_id)


@dataclass(frozen=True, slots=True)
class ConferenceLine:
    """A conference in the list. `last` is the end of its last talk; `over`: all of it is past."""

    id: int
    name: str
    plannings: int
    last: datetime | None
    over: bool


def conference_lines(
    session: Session, school_id: int, *, now: datetime, teacher_id: int | None = None
) -> tuple[ConferenceLine, ...]:
    """All of the school's, the newest first; with `teacher_id` counting that teacher's plannings alone.

    One is over when its last talk has ended and none of its plannings waits for times.
    """
    of_it = (col(Planning.school_id) == school_id, col(Planning.conference_id) == col(Conference.id))
    of_planning = (col(Slot.school_id) == school_id, col(Slot.planning_id) == col(Planning.id))
    ends = select(func.max(col(Slot.end))).where(*of_planning).correlate(Planning).scalar_subquery()
    own = select(col(PlanningTeacher.planning_id)).where(
        col(PlanningTeacher.school_id) == school_id, col(PlanningTeacher.teacher_id) == teacher_id
    )
    sought = (
        select(col(Conference.id), col(Conference.name), col(Planning.id), ends)
        .outerjoin(Planning, and_(*of_it, *(() if teacher_id is None else (col(Planning.id).in_(own),))))
        .where(col(Conference.school_id) == school_id)
        .order_by(col(Conference.id).desc())
    )
    found: dict[int, tuple[str, list[datetime | None]]] = {}
    for id_, name, planning_id, end in session.execute(sought):
        kept = found.setdefault(id_, (name, []))
        if planning_id is not None:
            kept[1].append(end)
    return tuple(
        ConferenceLine(
            id=id_,
            name=name,
            plannings=len(of_round),
            last=max((end for end in of_round if end), default=None),
            over=bool(of_round) and all(end is not None and end <= now for end in of_round),
        )
        for id_, (name, of_round) in found.items()
    )


def conference(session: Session, school_id: int, conference_id: int) -> ConferenceView:
    """Raises Refused(NotFound)."""
    row = session.scalar(_row(school_id, conference_id))
    if row is None:
        raise Refused(NotFound("conference"))
    return _view(row)


def conferences(session: Session, school_id: int) -> tuple[ConferenceView, ...]:
    """All of the school's, the newest first."""
    sought = select(Conference).where(col(Conference.school_id) == school_id).order_by(col(Conference.id).desc())
    return tuple(_view(row) for row in session.scalars(sought))


def conference_by_name(session: Session, school_id: int, name: str) -> ConferenceView | None:
    """As named on the command line, whatever the case."""
    for view in conferences(session, school_id):
        if view.name.casefold() == " ".join(name.split()).casefold():
            return view
    return None


def _view(row: Conference) -> ConferenceView:
    assert row.id is not None
    told = row.tells_opening, row.remind_days
    return ConferenceView(row.id, row.name, row.policy, row.walking_minutes, row.large_family, *told)


def _row(school_id: int, conference_id: int) -> Select[Conference]:
    return select(Conference).where(col(Conference.school_id) == school_id, col(Conference.id) == conference_id)


def _checked(session: Session, school_id: int, form: ConferenceForm, itself: int | None) -> ConferenceForm:
    if not set(form.remind_days) <= set(REMIND_DAYS):
        raise Refused(Invalid("Please choose from the list."))
    checked = ConferenceForm(
        name=text_of(form.name, "The name of the conference", 120),
        policy=form.policy,
        walking_minutes=whole_number(form.walking_minutes, "Walking time in minutes", 0, 60),
        large_family=whole_number(form.large_family, "The number of children of a large family", 2, 12),
        tells_opening=form.tells_opening,
        remind_days=tuple(sorted(set(form.remind_days), reverse=True)),
    )
    namesake = conference_by_name(session, school_id, checked.name)
    if namesake is not None and namesake.id != itself:
        raise Refused(Invalid("There is a conference named %(name)s already.", (("name", checked.name),)))
    return checked


def _booked(session: Session, school_id: int, conference_id: int) -> int:
    live = (
        select(func.count())
        .select_from(Booking)
        .join(Planning, col(Planning.id) == col(Booking.planning_id))
        .where(
            col(Planning.school_id) == school_id,
            col(Planning.conference_id) == conference_id,
            col(Booking.cancelled).is_(None),
        )
    )
    return int(session.execute(live).scalar_one())
