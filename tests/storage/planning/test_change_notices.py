"""Another teacher or room while talks are booked: every family comes to know, once, in its way (rules 13, 20, 23)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select, update

from storage.notices import school_edits
from storage.notices.contents import NoticeContents, Untrue, contents
from storage.outbox import owed, queue
from storage.outbox.queue import Claimed
from storage.planning import plannings
from storage.planning.plannings import PlanningForm
from storage.planning.teachers import TeacherLine
from storage.tables import Card, Chat, Family, Notice
from storage.words import ChatKind, NoticeKind, NoticeState, Recipient
from tests.support.cast import CLOSES, DESK, NOW, OPENS, Cast
from tests.support.notices import book, cancel, forget, link_chat, outbox

LATER = NOW + timedelta(hours=1)


def change(cast: Cast, **changes: Any) -> None:
    """Noor's planning as it stands, typed anew with these changes."""
    now = changes.pop("now", LATER)
    noor: dict[str, Any] = {
        "title": "Groep 4",
        "teachers": (TeacherLine("juf Noor", "noor@regenboog.example"),),
        "group_ids": frozenset({cast.groep4}),
        "opens": OPENS,
        "closes": CLOSES,
        "room": "lokaal 3",
        "mail_each_booking": True,
    }
    form = PlanningForm(**{**noor, **changes})
    cast.database.work(plannings.edit, cast.school, replace(DESK, now=now), cast.noor_planning, form)


def mails(cast: Cast) -> list[tuple[int, int]]:
    """(planning, family) of the mails that tell of a change, in the order of writing."""
    told = outbox(cast, NoticeKind.PLANNING_CHANGED)
    return [(subject, id_) for subject, _, recipient, id_, _ in told if recipient is Recipient.FAMILY]


def chats(cast: Cast) -> list[int]:
    """The chats that are told of a change, in the order of writing."""
    told = outbox(cast, NoticeKind.PLANNING_CHANGED)
    return [id_ for _, _, recipient, id_, _ in told if recipient is Recipient.CHAT]


def claimed(cast: Cast) -> list[Claimed]:
    """What the sender has in its hands of these mails."""

    def claim(session: Session) -> list[Claimed]:
        return [one for one in queue.claim(session, LATER, 50) if one.kind is NoticeKind.PLANNING_CHANGED]

    return cast.database.work(claim)


def said(cast: Cast, notice: Claimed) -> NoticeContents | Untrue:
    found = cast.database.read(contents, notice, LATER, b"")
    assert isinstance(found, NoticeContents | Untrue)
    return found


def test_a_family_without_a_chat_gets_one_mail_over_all_its_children(cast: Cast) -> None:
    """The twins are at one table: one message, a part for each (M2)."""
    for student, slot in (("emir", 0), ("elif", 1)):
        book(cast, "yilmaz", student, cast.noor_slots[slot], by_staff=False)
    forget(cast, *NoticeKind)
    change(cast, room="aula")
    assert mails(cast) == [(cast.noor_planning, cast.yilmaz)]
    (notice,) = claimed(cast)
    told = said(cast, notice)
    assert isinstance(told, NoticeContents)
    assert told.addresses == ("yilmaz@example.org",)
    assert [(talk.first_name, talk.room) for talk in told.talks] == [("Emir", "aula"), ("Elif", "aula")]


def test_a_family_with_a_chat_is_told_there_and_gets_no_mail_and_its_file_changes(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    chat = link_chat(cast, cast.de_vries)
    card = Card(school_id=cast.school, booking_id=booked.id, chat_id=chat, message_id=7)
    cast.database.work(lambda session: session.add(card))
    forget(cast, *NoticeKind)
    change(cast, room="aula")
    assert (mails(cast), chats(cast)) == ([], [chat])
    assert [(subject, recipient_id) for subject, _, _, recipient_id, _ in outbox(cast, NoticeKind.CARD)] == [(1, chat)]


def test_a_remark_is_shown_on_every_screen_without_a_message(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    chat = link_chat(cast, cast.de_vries)
    cast.database.work(lambda session: session.execute(update(Chat).values(screen=5)))
    forget(cast, *NoticeKind)
    change(cast, remarks="Neem het rapport mee.")
    assert chats(cast) == []
    cast.database.work(school_edits.plan_redraws, LATER + school_edits.SETTLE)
    assert [debt.chat_id for debt in cast.database.work(owed.claim, LATER + school_edits.SETTLE, 9)] == [chat]


def test_the_household_that_is_invited_is_told_as_well(cast: Cast) -> None:
    book(cast, "jansen", "lotte", cast.noor_slots[0], by_staff=False)
    forget(cast, *NoticeKind)
    change(cast, room="aula")
    assert [family for _, family in mails(cast)] == [cast.jansen, cast.bakker]
    first, second = (said(cast, notice) for notice in claimed(cast))
    assert isinstance(first, NoticeContents)
    assert isinstance(second, NoticeContents)
    assert [talk.family_name for talk in (*first.talks, *second.talks)] == ["Jansen", ""]


def test_a_chat_in_the_browser_or_out_of_reach_does_not_keep_the_mail_away(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    book(cast, "yilmaz", "emir", cast.noor_slots[1], by_staff=False)
    link_chat(cast, cast.de_vries, "in a browser", ChatKind.WEB)
    gone = link_chat(cast, cast.yilmaz)

    def block(session: Session) -> None:
        session.execute(update(Chat).where(col(Chat.id) == gone).values(reachable=False))

    cast.database.work(block)
    forget(cast, *NoticeKind)
    change(cast, room="aula")
    assert mails(cast) == [(cast.noor_planning, cast.de_vries), (cast.noor_planning, cast.yilmaz)]


def test_another_teacher_is_told_but_a_remark_or_a_date_of_sign_up_is_not_worth_a_mail(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    forget(cast, *NoticeKind)
    change(cast, remarks="Neem het rapport mee.")
    change(cast, remarks="Neem het rapport mee.", closes=CLOSES + timedelta(hours=1))
    assert mails(cast) == []
    change(cast, teachers=(TeacherLine("juf Els", "els@regenboog.example"),))
    assert mails(cast) == [(cast.noor_planning, cast.de_vries)]


def test_two_changes_before_the_mail_goes_are_told_in_one_and_a_later_one_anew(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    forget(cast, *NoticeKind)
    change(cast, room="aula")
    change(cast, room="zolder")
    assert mails(cast) == [(cast.noor_planning, cast.de_vries)]
    (notice,) = claimed(cast)
    told = said(cast, notice)
    assert isinstance(told, NoticeContents)
    assert [talk.room for talk in told.talks] == ["zolder"]
    cast.database.work(queue.settle, notice.id, LATER)
    change(cast, room="kelder", now=LATER + timedelta(minutes=1))
    assert mails(cast) == [(cast.noor_planning, cast.de_vries)] * 2


def test_what_is_still_to_be_told_of_the_talk_itself_tells_the_room_too(cast: Cast) -> None:
    """Booked by the school a moment ago: that mail waits, and is written when it is sent."""
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    change(cast, room="aula")
    assert mails(cast) == []
    waiting = [state for *_, state in outbox(cast, NoticeKind.CHANGED)]
    assert waiting == [NoticeState.WAITING]


def test_each_household_of_a_child_has_its_own_mail(cast: Cast) -> None:
    """Rule 23: Lotte's parents live apart, and both have a talk."""
    book(cast, "jansen", "lotte", cast.noor_slots[0])
    book(cast, "bakker", "lotte", cast.noor_slots[1])
    forget(cast, *NoticeKind)
    change(cast, room="aula")
    assert mails(cast) == [(cast.noor_planning, cast.jansen), (cast.noor_planning, cast.bakker)]
    first, second = (said(cast, notice) for notice in claimed(cast))
    assert isinstance(first, NoticeContents)
    assert isinstance(second, NoticeContents)
    assert (first.addresses, second.addresses) == (("jansen@example.org",), ("bakker@example.org",))
    assert [talk.slot_id for talk in first.talks] == [cast.noor_slots[0], cast.noor_slots[1]]


def test_a_blocked_family_and_a_talk_that_is_over_are_told_nothing(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    book(cast, "yilmaz", "emir", cast.noor_slots[17], by_staff=False)

    def block(session: Session) -> None:
        session.execute(update(Family).where(col(Family.id) == cast.yilmaz).values(blocked=True))

    cast.database.work(block)
    forget(cast, *NoticeKind)
    change(cast, room="aula", now=NOW + timedelta(days=15))
    assert mails(cast) == []


def test_a_talk_cancelled_meanwhile_makes_the_mail_untrue(cast: Cast) -> None:
    held = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    forget(cast, *NoticeKind)
    change(cast, room="aula")
    cancel(cast, held, LATER, by_staff=False)
    (notice,) = claimed(cast)
    assert isinstance(said(cast, notice), Untrue)


def test_the_same_typed_again_tells_nobody(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    forget(cast, *NoticeKind)
    change(cast)

    def count(session: Session) -> int:
        return len(session.exec(select(Notice)).all())

    assert cast.database.read(count) == 0
