"""What a family may choose from: its children, their talks, the days and the times that can really work (P6, P8).

Everything is sought within the family (rule 6): a planning or child that is not theirs gives nothing. A time that is
taken, a break, begun, or in the way of another talk of the family or of a teacher is simply not free (rule 16).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.booking import rules
from storage.booking.reading import household_talks, of_family
from storage.booking.views import BookingView, ChildOffers, DayOffer, Phase, SlotOffer, TalkOffer
from storage.booking.within import FAMILY, here
from storage.column_types import UtcDateTime
from storage.database.prepared import Prepared, askings, one_of
from storage.tables import (
    Booking,
    Conference,
    Family,
    FamilyStudent,
    Planning,
    PlanningGroup,
    PlanningTeacher,
    School,
    Slot,
    Student,
    StudentGroup,
    Teacher,
)
from storage.timezone import day_bounds, local_day
from storage.values.person_names import called
from storage.values.talk_span import TalkSpan, overlap
from storage.words import PlanningState, Policy, SlotState

_NOW = bindparam("now", type_=UtcDateTime())
_SEATED = aliased(PlanningTeacher)
_CHILDREN = Prepared(
    select(col(Student.id), col(Student.first_name), col(Student.call_name))
    .join(FamilyStudent, here(FamilyStudent, col(FamilyStudent.student_id) == col(Student.id)))
    .join(Family, here(Family, col(Family.id) == col(FamilyStudent.family_id)))
    .where(here(Student), col(Family.id) == FAMILY, col(Family.blocked).is_(False), col(Student.left).is_(None))
)
_OFFER = (
    col(Planning.id),
    col(Conference.id),
    col(Conference.name),
    col(Conference.policy),
    col(Conference.walking_minutes),
    col(Conference.large_family),
    col(Planning.title),
    col(Planning.room),
    col(Planning.remarks),
    col(Planning.opens),
    col(Planning.opens_early),
    col(Planning.closes),
    col(Planning.state),
)
_ITS_CONFERENCE = here(Conference, col(Conference.id) == col(Planning.conference_id))
_ITS_FAMILY = here(Family, col(Family.id) == col(FamilyStudent.family_id))
_ITS_STUDENT = here(Student, col(Student.id) == col(FamilyStudent.student_id))
_OF_THIS_FAMILY = (
    here(FamilyStudent, col(FamilyStudent.family_id) == FAMILY),
    col(Family.blocked).is_(False),
    col(Student.left).is_(None),
)
_BY_GROUP = Prepared(
    select(col(FamilyStudent.student_id), *_OFFER)
    .distinct()
    .select_from(FamilyStudent)
    .join(Family, _ITS_FAMILY)
    .join(Student, _ITS_STUDENT)
    .join(StudentGroup, here(StudentGroup, col(StudentGroup.student_id) == col(FamilyStudent.student_id)))
    .join(PlanningGroup, here(PlanningGroup, col(PlanningGroup.group_id) == col(StudentGroup.group_id)))
    .join(Planning, here(Planning, col(Planning.id) == col(PlanningGroup.planning_id)))
    .join(Conference, _ITS_CONFERENCE)
    .where(*_OF_THIS_FAMILY)
)
_BY_BOOKING = Prepared(
    select(col(FamilyStudent.student_id), *_OFFER)
    .distinct()
    .select_from(FamilyStudent)
    .join(Family, _ITS_FAMILY)
    .join(Student, _ITS_STUDENT)
    .join(Booking, here(Booking, col(Booking.student_id) == col(FamilyStudent.student_id)))
    .join(Planning, here(Planning, col(Planning.id) == col(Booking.planning_id)))
    .join(Conference, _ITS_CONFERENCE)
    .where(*_OF_THIS_FAMILY, col(Booking.family_id) == FAMILY, col(Booking.cancelled).is_(None))
)
_SLOTS = Prepared(
    select(
        col(Slot.planning_id),
        col(Slot.id),
        col(Slot.start),
        col(Slot.end),
        or_(
            col(Slot.state) != SlotState.OPEN,
            exists().where(col(Booking.slot_id) == col(Slot.id), col(Booking.cancelled).is_(None)),
        ),
    )
    .where(
        here(Slot),
        one_of(col(Slot.planning_id)),
        col(Slot.start) > _NOW,
    )
    .order_by(col(Slot.planning_id), col(Slot.start))
)
_TEACHERS = Prepared(
    select(col(PlanningTeacher.planning_id), col(Teacher.id), col(Teacher.name))
    .join(Teacher, here(Teacher, col(Teacher.id) == col(PlanningTeacher.teacher_id)))
    .where(here(PlanningTeacher), one_of(col(PlanningTeacher.planning_id)))
    .order_by(col(PlanningTeacher.planning_id), col(Teacher.id))
)
# Their plannings, and this family's children, by a subquery: in one join SQLite begins with all slots or bookings of
# the school.
_BUSY = Prepared(
    select(col(PlanningTeacher.teacher_id), col(Slot.start), col(Slot.end), col(Slot.planning_id))
    .select_from(Slot)
    .join(Booking, here(Booking, col(Booking.slot_id) == col(Slot.id)))
    .join(PlanningTeacher, here(PlanningTeacher, col(PlanningTeacher.planning_id) == col(Slot.planning_id)))
    .where(
        here(Slot),
        col(Slot.planning_id).in_(
            select(col(_SEATED.planning_id)).where(here(_SEATED), one_of(col(_SEATED.teacher_id)))
        ),
        one_of(col(PlanningTeacher.teacher_id)),
        col(Booking.cancelled).is_(None),
        col(Slot.start) > _NOW,
    )
)
_INVITED = Prepared(
    select(col(Booking.id)).where(
        here(Booking),
        col(Booking.student_id).in_(
            select(col(FamilyStudent.student_id)).where(here(FamilyStudent, col(FamilyStudent.family_id) == FAMILY))
        ),
        col(Booking.family_id) != FAMILY,
        col(Booking.cancelled).is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class _Offer:
    """One planning that one child takes part in by its group, or holds a talk in: a draft's, or of a former group."""

    student_id: int
    planning_id: int
    conference_id: int
    conference: str
    policy: Policy
    walking_minutes: int
    large_family: int
    title: str
    room: str
    remarks: str
    opens: datetime
    opens_early: datetime | None
    closes: datetime
    state: PlanningState
    takes_part: bool

    @property
    def open_to_it(self) -> bool:
        return self.takes_part and self.state is PlanningState.PUBLISHED


@dataclass(frozen=True, slots=True)
class _Picture:
    """What stands in this family's way, read once for a screen."""

    mine: tuple[BookingView, ...]
    slots: dict[int, list[tuple[int, datetime, datetime, bool]]]  # planning → (slot, start, end, taken or a break)
    teachers: dict[int, list[tuple[int, str]]]  # planning → (teacher, name)
    busy: dict[int, list[TalkSpan]]  # teacher → booked times

    def works(self, offer: _Offer, start: datetime, end: datetime) -> bool:
        """No other talk of the family, walking time kept, and none of a teacher in another planning (rule 10)."""
        span = TalkSpan(start, end, offer.planning_id)
        walking = timedelta(minutes=offer.walking_minutes)
        for talk in self.mine:
            same = (talk.planning_id, talk.student_id) == (offer.planning_id, offer.student_id)
            if not same and overlap(span, TalkSpan(talk.start, talk.end, talk.planning_id), walking):
                return False
        busy = (span for teacher, _ in self.teachers.get(offer.planning_id, ()) for span in self.busy.get(teacher, ()))
        return not any(other.planning_id != offer.planning_id and overlap(span, other) for other in busy)

    def times(self, offer: _Offer) -> list[SlotOffer]:
        return [
            SlotOffer(slot, start, end, not taken and self.works(offer, start, end))
            for slot, start, end, taken in self.slots.get(offer.planning_id, ())
        ]


def overview(session: Session, school_id: int, family_id: int, now: datetime) -> tuple[ChildOffers, ...]:
    """The family's children by name, each with its talks, the earliest closing first. Empty for a blocked family."""
    rows = _CHILDREN.rows(session, school=school_id, family=family_id)
    children = sorted((called(first, call), student_id) for student_id, first, call in rows)
    offers = _offers(session, school_id, family_id)
    shown = [offer for offer in offers if offer.open_to_it or not offer.takes_part]
    picture = _picture(session, school_id, family_id, {offer.planning_id for offer in shown}, now)
    invited = _invited(session, school_id, family_id)
    shown = [offer for offer in shown if not _over(offer, picture, now)]
    return tuple(
        ChildOffers(
            student_id,
            name,
            tuple(_talk(offer, offers, picture, invited, now) for offer in shown if offer.student_id == student_id),
        )
        for name, student_id in children
    )


def days(
    session: Session, school_id: int, family_id: int, student_id: int, planning_id: int, now: datetime
) -> tuple[DayOffer, ...]:
    """The local days of a planning that are still to come, also those without a free time."""
    zone = _zone(session, school_id)
    times = _times(session, school_id, family_id, student_id, planning_id, now)
    by_day = groupby(times, key=lambda time: local_day(time.start, zone))
    return tuple(DayOffer(day, sum(time.free for time in of_day)) for day, of_day in by_day)


def times(
    session: Session,
    school_id: int,
    family_id: int,
    student_id: int,
    planning_id: int,
    day: date,
    now: datetime,
) -> tuple[SlotOffer, ...]:
    """The times of a planning on a local day, each free or not (rule 16: nothing more is told)."""
    first, last = day_bounds(day, _zone(session, school_id))
    of_planning = _times(session, school_id, family_id, student_id, planning_id, now)
    return tuple(time for time in of_planning if first <= time.start < last)


def _times(
    session: Session, school_id: int, family_id: int, student_id: int, planning_id: int, now: datetime
) -> list[SlotOffer]:
    offers = _offers(session, school_id, family_id)
    key = (student_id, planning_id)
    wanted = [offer for offer in offers if offer.open_to_it and (offer.student_id, offer.planning_id) == key]
    if not wanted:
        return []
    return _picture(session, school_id, family_id, {planning_id}, now).times(wanted[0])


def _offers(session: Session, school_id: int, family_id: int) -> list[_Offer]:
    """Drafts too: a family is large by all groups of the conference, published yet or not (rule 14)."""
    of_family = {"school": school_id, "family": family_id}
    found: dict[tuple[int, int], _Offer] = {}
    offers = [_Offer(*(*row, True)) for row in _BY_GROUP.rows(session, **of_family)]
    booked = [_Offer(*(*row, False)) for row in _BY_BOOKING.rows(session, **of_family)]
    for offer in (*offers, *booked):
        known = found.get((offer.student_id, offer.planning_id))
        if known is None or not known.open_to_it:
            found[offer.student_id, offer.planning_id] = offer
    return sorted(found.values(), key=lambda offer: (offer.closes, offer.title, offer.planning_id))


def _picture(session: Session, school_id: int, family_id: int, plannings: set[int], now: datetime) -> _Picture:
    slots: dict[int, list[tuple[int, datetime, datetime, bool]]] = {}
    teachers: dict[int, list[tuple[int, str]]] = {}
    for some in askings(plannings):
        for planning_id, slot_id, start, end, taken in _SLOTS.rows(session, school=school_id, now=now, **some):
            slots.setdefault(planning_id, []).append((slot_id, start, end, bool(taken)))
        for planning_id, teacher_id, name in _TEACHERS.rows(session, school=school_id, **some):
            teachers.setdefault(planning_id, []).append((teacher_id, name))
    busy: dict[int, list[TalkSpan]] = {}
    for some in askings(teacher for of_planning in teachers.values() for teacher, _ in of_planning):
        for teacher_id, start, end, planning_id in _BUSY.rows(session, school=school_id, now=now, **some):
            busy.setdefault(teacher_id, []).append(TalkSpan(start, end, planning_id))
    mine = of_family(session, school_id, family_id)
    return _Picture(mine, slots, teachers, busy)


def _over(offer: _Offer, picture: _Picture, now: datetime) -> bool:
    """All its talks have been and this child had none: not a thing of its present group's, who may be new (rule 32)."""
    if picture.slots.get(offer.planning_id) or now < offer.closes:
        return False
    return all((talk.planning_id, talk.student_id) != (offer.planning_id, offer.student_id) for talk in picture.mine)


def _invited(session: Session, school_id: int, family_id: int) -> dict[tuple[int, int], BookingView]:
    """(planning, child) → the talk that the child's other family holds."""
    ids = [id_ for (id_,) in _INVITED.rows(session, school=school_id, family=family_id)]
    talks = household_talks(session, school_id, family_id, col(Booking.id).in_(ids)) if ids else ()
    return {(talk.planning_id, talk.student_id): talk for talk in talks}


def _talk(
    offer: _Offer,
    offers: list[_Offer],
    picture: _Picture,
    invited: dict[tuple[int, int], BookingView],
    now: datetime,
) -> TalkOffer:
    taking_part = {
        other.student_id for other in offers if other.takes_part and other.conference_id == offer.conference_id
    }
    opens = rules.opening(offer.opens, offer.opens_early, large=len(taking_part) >= offer.large_family)
    phase = Phase.SOON if now < opens else Phase.CLOSED if now >= offer.closes else Phase.OPEN
    key = (offer.planning_id, offer.student_id)
    booking = next((talk for talk in picture.mine if (talk.planning_id, talk.student_id) == key), None)
    return TalkOffer(
        planning_id=offer.planning_id,
        conference=offer.conference,
        title=offer.title,
        teachers=tuple(name for _, name in picture.teachers.get(offer.planning_id, ())),
        room=offer.room,
        remarks=offer.remarks,
        opens=opens,
        closes=offer.closes,
        phase=phase,
        booking=booking,
        invited=invited.get(key) if booking is None else None,
        free=sum(time.free for time in picture.times(offer)) if offer.open_to_it else 0,
        takes_part=offer.open_to_it,
    )


def _zone(session: Session, school_id: int) -> str:
    zone: str = session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one()
    return zone
