"""Booking, moving, cancelling: rules 9 to 17, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, delete, func, select, text, update
from sqlmodel import Session, col

from storage.booking.booking import book, cancel, move
from storage.booking.reading import bookings
from storage.booking.views import BookingView
from storage.database.engine import Database
from storage.refusals import (
    AlreadyBooked,
    Blocked,
    Closed,
    NotFound,
    NotYetOpen,
    Overlaps,
    Past,
    Refusal,
    Refused,
    Taken,
    TeacherBusy,
)
from storage.tables import (
    Audit,
    Booking,
    Chat,
    Conference,
    Family,
    Link,
    Notice,
    Planning,
    PlanningTeacher,
    Slot,
    Student,
)
from storage.words import Act, Acting, Actor, By, ChatKind, NoticeKind, Policy, Recipient, SignInStep, SlotState
from tests.support.cast import CLOSES, DESK, NOW, OPENS, Cast, parent


def takes(
    cast: Cast, family: int, student: int, slot: int, acting: Acting | None = None, now: datetime = NOW
) -> BookingView:
    return cast.database.work(
        book, cast.school, acting or parent(family, now), family_id=family, student_id=student, slot_id=slot
    )


def refused(call: Callable[..., object], *args: Any, **kwargs: Any) -> Refusal:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.refusal


def live(cast: Cast) -> list[tuple[int, int]]:
    return [(one.slot_id, one.student_id) for one in cast.database.read(bookings, cast.school)]


def change(cast: Cast, statement: Executable) -> None:
    cast.database.work(lambda session: session.execute(statement))


def test_a_parent_takes_a_slot_and_is_told_all_about_it(cast: Cast) -> None:
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[2])
    assert (booked.student_name, booked.teachers, booked.title, booked.room) == (
        "Sanne de Vries",
        ("juf Noor",),
        "Groep 4",
        "lokaal 3",
    )
    assert booked == cast.database.read(bookings, cast.school)[0]


def test_a_second_parent_finds_the_slot_taken(cast: Cast) -> None:
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    assert refused(takes, cast, cast.yilmaz, cast.emir, cast.noor_slots[0]) == Taken()
    assert live(cast) == [(cast.noor_slots[0], cast.sanne)]


def test_of_many_parents_at_once_exactly_one_wins(cast: Cast) -> None:
    """B3, small: every family of groep 4 wants the same slot."""
    families = [(cast.de_vries, cast.sanne), (cast.yilmaz, cast.emir), (cast.jansen, cast.lotte)] * 8

    def race(who: tuple[int, int]) -> str:
        try:
            takes(cast, *who, cast.noor_slots[5])
        except Refused as error:
            return type(error.refusal).__name__
        return f"booked for {who[1]}"

    with ThreadPoolExecutor(12) as threads:
        outcomes = list(threads.map(race, families))
    # A family's second tap on what is its own already succeeds and changes nothing (rule 17).
    winner = {outcome for outcome in outcomes if outcome.startswith("booked")}
    assert (len(winner), set(outcomes) - winner, len(live(cast))) == (1, {"Taken"}, 1)


def test_a_double_tap_books_once(cast: Cast) -> None:
    first = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    assert takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0]) == first
    assert cast.database.read(lambda s: s.scalar(select(func.count()).select_from(Audit))) == 1


def test_without_constraint_and_lock_double_bookings_do_occur(cast: Cast) -> None:
    """B1: the harness can fail. The index is dropped and everybody looks before anybody writes."""
    change(cast, text("DROP INDEX one_booking_per_slot"))
    for family, student in ((cast.de_vries, cast.sanne), (cast.yilmaz, cast.emir)):
        takes(cast, family, student, cast.noor_slots[0])
    assert live(cast) == [(cast.noor_slots[0], cast.sanne), (cast.noor_slots[0], cast.emir)]


def test_a_cancelled_slot_can_be_taken_again(cast: Cast) -> None:
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    gone = cast.database.work(cancel, cast.school, parent(cast.de_vries), booking_id=booked.id, family_id=cast.de_vries)
    assert (gone.cancelled, gone.revision) == (True, 1)
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[0])
    assert live(cast) == [(cast.noor_slots[0], cast.emir)]


def test_a_break_looks_taken(cast: Cast) -> None:
    change(cast, update(Slot).where(col(Slot.id) == cast.noor_slots[0]).values(state=SlotState.BREAK))
    assert refused(takes, cast, cast.de_vries, cast.sanne, cast.noor_slots[0]) == Taken()


def test_a_family_cannot_be_in_two_rooms_at_once(cast: Cast) -> None:
    first = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[3])
    refusal = refused(takes, cast, cast.de_vries, cast.daan, cast.bram_slots[3])
    assert refusal == Overlaps(first.start, first.end)
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[4])


def test_walking_time_is_kept_between_two_plannings(cast: Cast) -> None:
    change(cast, update(Conference).where(col(Conference.id) == cast.autumn).values(walking_minutes=5))
    first = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[3])
    assert refused(takes, cast, cast.de_vries, cast.daan, cast.bram_slots[4]) == Overlaps(first.start, first.end)
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[5])


def test_twins_follow_each_other_with_one_teacher_without_walking(cast: Cast) -> None:
    change(cast, update(Conference).where(col(Conference.id) == cast.autumn).values(walking_minutes=5))
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[0])
    takes(cast, cast.yilmaz, cast.ids["elif"], cast.noor_slots[1])
    assert len(live(cast)) == 2


def test_a_teacher_with_two_plannings_is_in_one_place(cast: Cast) -> None:
    def noor_teaches_groep_7_too(session: Session) -> None:
        both = PlanningTeacher(school_id=cast.school, planning_id=cast.bram_planning, teacher_id=cast.noor)
        session.add(both)

    cast.database.work(noor_teaches_groep_7_too)
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[0])
    assert refused(takes, cast, cast.smit, cast.stephanie, cast.bram_slots[0]) == TeacherBusy()
    takes(cast, cast.smit, cast.stephanie, cast.bram_slots[1])


def test_two_plannings_of_one_teacher_are_not_taken_at_the_same_time(cast: Cast) -> None:
    """Rule 10 under a race: both families look before either has written."""

    def noor_teaches_groep_7_too(session: Session) -> None:
        session.add(PlanningTeacher(school_id=cast.school, planning_id=cast.bram_planning, teacher_id=cast.noor))

    cast.database.work(noor_teaches_groep_7_too)

    def race(who: tuple[int, int, int]) -> bool:
        try:
            takes(cast, *who)
        except Refused:
            return False
        return True

    for number in range(12):
        pair = [
            (cast.yilmaz, cast.emir, cast.noor_slots[number]),
            (cast.smit, cast.stephanie, cast.bram_slots[number]),
        ]
        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(race, pair)) == [False, True]
        change(cast, text("DELETE FROM booking"))


def test_a_child_has_one_talk_in_a_planning(cast: Cast) -> None:
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    assert refused(takes, cast, cast.de_vries, cast.sanne, cast.noor_slots[6]) == AlreadyBooked()


def test_divorced_parents_come_together_under_that_policy(cast: Cast) -> None:
    takes(cast, cast.jansen, cast.lotte, cast.noor_slots[0])
    assert refused(takes, cast, cast.bakker, cast.lotte, cast.noor_slots[1]) == AlreadyBooked()


def test_divorced_parents_come_each_under_that_policy(cast: Cast) -> None:
    change(cast, update(Conference).where(col(Conference.id) == cast.autumn).values(policy=Policy.EACH))
    takes(cast, cast.jansen, cast.lotte, cast.noor_slots[0])
    takes(cast, cast.bakker, cast.lotte, cast.noor_slots[1])
    assert refused(takes, cast, cast.bakker, cast.lotte, cast.noor_slots[2]) == AlreadyBooked()


def test_a_moved_talk_leaves_its_old_slot_free(cast: Cast) -> None:
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    moved = cast.database.work(
        move,
        cast.school,
        parent(cast.de_vries),
        booking_id=booked.id,
        slot_id=cast.noor_slots[7],
        family_id=cast.de_vries,
    )
    assert (moved.id, moved.slot_id, moved.revision) == (booked.id, cast.noor_slots[7], 1)
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[0])


def test_when_moving_fails_the_old_talk_stands(cast: Cast) -> None:
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[1])
    for slot, why in ((cast.noor_slots[1], Taken()), (cast.bram_slots[1], NotFound("slot"))):
        wanted = {"booking_id": booked.id, "slot_id": slot, "family_id": cast.de_vries}
        assert refused(cast.database.work, move, cast.school, parent(cast.de_vries), **wanted) == why
    assert live(cast)[0] == (cast.noor_slots[0], cast.sanne)


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [
        (OPENS - timedelta(seconds=1), NotYetOpen(OPENS)),
        (CLOSES, Closed(CLOSES)),
    ],
)
def test_sign_up_has_a_first_and_a_last_moment(cast: Cast, moment: datetime, refusal: Refusal) -> None:
    assert refused(takes, cast, cast.de_vries, cast.sanne, cast.noor_slots[0], now=moment) == refusal
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0], now=OPENS)


def test_a_large_family_books_from_the_earlier_moment(cast: Cast) -> None:
    early = OPENS - timedelta(days=1)
    change(cast, update(Planning).values(opens_early=early))
    assert refused(takes, cast, cast.de_vries, cast.sanne, cast.noor_slots[0], now=early) == NotYetOpen(OPENS)
    change(cast, update(Conference).values(large_family=2))
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0], now=early)
    assert refused(takes, cast, cast.smit, cast.stephanie, cast.bram_slots[0], now=early) == NotYetOpen(OPENS)


def test_a_talk_that_began_cannot_be_taken_or_left(cast: Cast) -> None:
    change(cast, update(Planning).values(closes=CLOSES + timedelta(days=30)))
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    assert refused(takes, cast, cast.yilmaz, cast.emir, cast.noor_slots[1], now=booked.end) == Past()
    arguments = {"booking_id": booked.id, "family_id": cast.de_vries}
    assert refused(cast.database.work, cancel, cast.school, parent(cast.de_vries, booked.start), **arguments) == Past()


def test_a_blocked_family_is_out_at_once_and_its_bookings_stay(cast: Cast) -> None:
    booked = takes(cast, cast.jansen, cast.lotte, cast.noor_slots[0])
    change(cast, update(Family).where(col(Family.id) == cast.jansen).values(blocked=True))
    assert refused(takes, cast, cast.jansen, cast.lotte, cast.noor_slots[1]) == Blocked()
    arguments = {"booking_id": booked.id, "family_id": cast.jansen}
    assert refused(cast.database.work, cancel, cast.school, parent(cast.jansen), **arguments) == Blocked()
    assert live(cast) == [(cast.noor_slots[0], cast.lotte)]


def test_what_is_not_of_the_family_is_not_found(cast: Cast) -> None:
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    assert refused(takes, cast, cast.yilmaz, cast.sanne, cast.noor_slots[1]) == NotFound("slot")
    assert refused(takes, cast, cast.yilmaz, cast.emir, cast.bram_slots[0]) == NotFound("slot")
    assert refused(takes, cast, cast.de_vries, cast.sanne, cast.horizon_slots[0]) == NotFound("slot")
    assert refused(takes, cast, cast.mulder, cast.other_sanne, cast.noor_slots[0]) == NotFound("slot")
    arguments = {"booking_id": booked.id, "family_id": cast.yilmaz}
    assert refused(cast.database.work, cancel, cast.school, parent(cast.yilmaz), **arguments) == NotFound("booking")
    assert refused(cast.database.work, cancel, cast.horizon, DESK, booking_id=booked.id) == NotFound("booking")


def test_a_child_that_left_books_no_more(cast: Cast) -> None:
    change(cast, update(Student).where(col(Student.id) == cast.sanne).values(left=NOW))
    assert refused(takes, cast, cast.de_vries, cast.sanne, cast.noor_slots[0]) == NotFound("slot")


def test_staff_overrule_all_but_one_booking_per_slot(cast: Cast) -> None:
    late = replace(DESK, now=CLOSES + timedelta(hours=1))
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0], late)
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[1], late)
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[1], late)
    assert refused(takes, cast, cast.yilmaz, cast.emir, cast.noor_slots[0], acting=DESK) == Taken()


def test_after_staff_booked_a_talk_the_parent_has_one_already(cast: Cast) -> None:
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0], acting=DESK)
    assert refused(takes, cast, cast.de_vries, cast.sanne, cast.noor_slots[5]) == AlreadyBooked()


def test_each_change_is_one_audit_row(cast: Cast) -> None:
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    cast.database.work(move, cast.school, DESK, booking_id=booked.id, slot_id=cast.noor_slots[1])
    cast.database.work(cancel, cast.school, DESK, booking_id=booked.id)
    trail = cast.database.read(
        lambda s: [
            (row.act, row.actor, row.actor_id, row.subject, row.planning_id)
            for row in s.scalars(select(Audit).order_by(col(Audit.id)))
        ]
    )
    assert trail == [
        (Act.BOOKED, Actor.FAMILY, cast.de_vries, booked.id, cast.noor_planning),
        (Act.MOVED, Actor.STAFF, 1, booked.id, cast.noor_planning),
        (Act.CANCELLED, Actor.STAFF, 1, booked.id, cast.noor_planning),
    ]


def _notices(cast: Cast) -> list[tuple[NoticeKind, str, Recipient, int]]:
    return cast.database.read(
        lambda s: [
            (row.kind, row.moment, row.recipient, row.recipient_id)
            for row in s.scalars(select(Notice).order_by(col(Notice.id)))
        ]
    )


def _link(cast: Cast, family: int, address: str, kind: ChatKind = ChatKind.TELEGRAM) -> int:
    def add(session: Session) -> int:
        chat = Chat(kind=kind, address=address, step=SignInStep.NONE, seen=NOW)
        session.add(chat)
        session.flush()
        session.add(Link(school_id=cast.school, family_id=family, chat_id=chat.id or 0, since=NOW))
        return chat.id or 0

    return cast.database.work(add)


def test_a_booking_tells_the_other_chats_of_the_family_and_the_teacher_who_asked(cast: Cast) -> None:
    own, other = _link(cast, cast.de_vries, "101"), _link(cast, cast.de_vries, "103")
    _link(cast, cast.yilmaz, "102")
    acting = Acting(By(Actor.FAMILY, cast.de_vries, own), NOW)
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0], acting=acting)
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[5], acting=acting)
    assert _notices(cast) == [
        (NoticeKind.TEACHER_BOOKING, "0", Recipient.TEACHER, cast.noor),
        (NoticeKind.CHANGED, "0", Recipient.CHAT, other),
        (NoticeKind.CHANGED, "0", Recipient.CHAT, other),
    ]


def test_under_together_the_childs_other_household_hears_of_it_by_its_own_channel(cast: Cast) -> None:
    bakker, jansen = _link(cast, cast.bakker, "101"), _link(cast, cast.jansen, "102")
    acting = Acting(By(Actor.FAMILY, cast.jansen, jansen), NOW)
    takes(cast, cast.jansen, cast.lotte, cast.noor_slots[0], acting=acting)
    assert _notices(cast)[1:] == [(NoticeKind.CHANGED, "0", Recipient.CHAT, bakker)]
    cast.database.work(lambda s: s.execute(delete(Link).where(col(Link.chat_id) == bakker)))
    cast.database.work(cancel, cast.school, acting, booking_id=1)
    assert _notices(cast)[3:] == [(NoticeKind.CHANGED, "1", Recipient.FAMILY, cast.bakker)]


def test_under_each_the_other_household_hears_nothing(cast: Cast) -> None:
    _link(cast, cast.bakker, "101")
    acting = Acting(By(Actor.FAMILY, cast.jansen, _link(cast, cast.jansen, "102")), NOW)
    cast.database.work(lambda s: s.execute(update(Conference).values(policy=Policy.EACH)))
    takes(cast, cast.jansen, cast.lotte, cast.noor_slots[0], acting=acting)
    assert [row[0] for row in _notices(cast)] == [NoticeKind.TEACHER_BOOKING]


def test_a_family_on_the_web_page_hears_of_its_own_booking_by_mail(cast: Cast) -> None:
    page = _link(cast, cast.de_vries, "page", ChatKind.WEB)
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[0], acting=Acting(By(Actor.FAMILY, cast.de_vries, page), NOW))
    assert _notices(cast) == [(NoticeKind.CHANGED, "0", Recipient.FAMILY, cast.de_vries)]


def test_without_an_address_a_familys_own_booking_is_no_failure_at_the_desk(cast: Cast) -> None:
    page = _link(cast, cast.smit, "page", ChatKind.WEB)
    takes(cast, cast.smit, cast.stephanie, cast.bram_slots[0], acting=Acting(By(Actor.FAMILY, cast.smit, page), NOW))
    assert _notices(cast) == []


def test_a_family_without_a_chat_is_told_by_mail_what_the_school_changed(cast: Cast) -> None:
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[0], acting=DESK)
    assert _notices(cast) == [(NoticeKind.CHANGED, "0", Recipient.FAMILY, cast.de_vries)]


def test_a_family_with_a_chat_is_told_there_what_the_school_changed(cast: Cast) -> None:
    chat = _link(cast, cast.de_vries, "101")
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[0], acting=DESK)
    assert _notices(cast) == [(NoticeKind.CHANGED, "0", Recipient.CHAT, chat)]


def test_a_refused_booking_leaves_nothing_behind(cast: Cast) -> None:
    takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    before = _notices(cast)
    refused(takes, cast, cast.yilmaz, cast.emir, cast.noor_slots[0])
    assert _notices(cast) == before
    assert cast.database.read(lambda s: s.scalar(select(func.count()).select_from(Audit))) == 1


def test_the_database_refuses_a_row_that_points_into_another_school(database: Database, cast: Cast) -> None:
    astray = Booking(
        school_id=cast.horizon,
        slot_id=cast.noor_slots[0],
        planning_id=cast.noor_planning,
        family_id=cast.mulder,
        student_id=cast.other_sanne,
        made=NOW,
    )
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        database.work(lambda session: session.add(astray))
