"""What tests of notices need beside the cast: linked chats, slots at any hour, and what stands in the outbox."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, select

from storage.booking import booking
from storage.booking.calendar_files import ask_for_files
from storage.booking.views import BookingView
from storage.tables import Chat, Link, Notice, Slot
from storage.words import Acting, Actor, By, ChatKind, NoticeKind, NoticeState, Recipient, SignInStep
from tests.support.cast import DESK, NOW, Cast, parent


def link_chat(
    cast: Cast, family_id: int, address: str = "410000001", kind: ChatKind = ChatKind.TELEGRAM, language: str = "nl"
) -> int:
    """A chat that speaks for a family of De Regenboog, and looks at it."""
    return cast.database.work(_link_chat, cast.school, family_id, address, kind, language)


def _link_chat(session: Session, school_id: int, family_id: int, address: str, kind: ChatKind, language: str) -> int:
    chat = Chat(kind=kind, address=address, language=language, step=SignInStep.NONE, seen=NOW)
    chat.school_id, chat.family_id = school_id, family_id
    session.add(chat)
    session.flush()
    assert chat.id is not None
    session.add(Link(school_id=school_id, family_id=family_id, chat_id=chat.id, since=NOW))
    return chat.id


def add_slot(cast: Cast, planning_id: int, start: datetime) -> int:
    """Ten minutes from `start`."""

    def add(session: Session) -> int:
        slot = Slot(school_id=cast.school, planning_id=planning_id, start=start, end=start + timedelta(minutes=10))
        session.add(slot)
        session.flush()
        assert slot.id is not None
        return slot.id

    return cast.database.work(add)


def book(
    cast: Cast, family: str, student: str, slot_id: int, now: datetime = NOW, *, by_staff: bool = True
) -> BookingView:
    """A booking by the names of the cast, by the school unless said otherwise."""
    family_id = cast.ids[family]
    acting = _acting(family_id, now, by_staff)
    return cast.database.work(
        booking.book, cast.school, acting, family_id=family_id, student_id=cast.ids[student], slot_id=slot_id
    )


def move(cast: Cast, booked: BookingView, slot_id: int, now: datetime, *, by_staff: bool = True) -> BookingView:
    acting = _acting(booked.family_id, now, by_staff)
    return cast.database.work(booking.move, cast.school, acting, booking_id=booked.id, slot_id=slot_id)


def cancel(cast: Cast, booked: BookingView, now: datetime, *, by_staff: bool = True) -> BookingView:
    acting = _acting(booked.family_id, now, by_staff)
    return cast.database.work(booking.cancel, cast.school, acting, booking_id=booked.id)


def _acting(family_id: int, now: datetime, by_staff: bool) -> Acting:
    return replace(DESK, now=now) if by_staff else parent(family_id, now)


def ask_for_file(cast: Cast, booked: BookingView, chat_id: int, now: datetime = NOW, family: str = "de_vries") -> None:
    """A chat asks for a talk's calendar file."""
    family_id = cast.ids[family]
    acting = replace(parent(family_id, now), by=By(Actor.FAMILY, family_id, chat_id))
    cast.database.work(ask_for_files, cast.school, acting, family_id, booked.id)


def outbox(cast: Cast, kind: NoticeKind) -> list[tuple[int, str, Recipient, int, NoticeState]]:
    """(subject, moment, recipient, its id, state) of every notice of a kind, in the order of writing."""

    def read(session: Session) -> list[tuple[int, str, Recipient, int, NoticeState]]:
        found = session.exec(select(Notice).where(Notice.kind == kind).order_by(Notice.id)).all()  # type: ignore[arg-type]
        return [(one.subject, one.moment, one.recipient, one.recipient_id, one.state) for one in found]

    return cast.database.read(read)


def told(cast: Cast, kind: NoticeKind) -> list[tuple[NoticeState, str]]:
    """(state, trouble) of every notice of a kind."""

    def read(session: Session) -> list[tuple[NoticeState, str]]:
        found = session.exec(select(Notice).where(Notice.kind == kind).order_by(Notice.id)).all()  # type: ignore[arg-type]
        return [(one.state, one.trouble) for one in found]

    return cast.database.read(read)


def forget(cast: Cast, *kinds: NoticeKind) -> None:
    """Take notices out of the outbox that this test is not about."""

    def drop(session: Session) -> None:
        for one in session.exec(select(Notice).where(Notice.kind.in_(kinds))):  # type: ignore[attr-defined]
            session.delete(one)

    cast.database.work(drop)
