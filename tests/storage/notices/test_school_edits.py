"""What the desk edits is read off the audit trail once, and owed to the chats that show something of it (rule 34)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session, col, select

from storage.audit.record import record
from storage.notices import school_edits
from storage.tables import Chat, Link, Owed, PlanningGroup
from storage.words import Act, Acting, ChatKind
from tests.support.cast import DESK, NOW, Cast
from tests.support.notices import book

# Of these no chat shows anything; or each chat is told of them, and drawn anew, by itself.
NOT_SHOWN = {
    Act.BOOKED, Act.MOVED, Act.CANCELLED, Act.LINKED, Act.UNLINKED, Act.SECRET_CHOSEN, Act.PLANNING_MADE,
    Act.SLOT_CHANGED, Act.SLOT_REMOVED, Act.EXPORTED, Act.STAFF_ADDED, Act.STAFF_DISABLED, Act.STAFF_ADMITTED,
    Act.PASSWORD_CHANGED, Act.SIGNED_IN, Act.STAFF_INVITED, Act.STAFF_CHANGED, Act.INVITATION_WITHDRAWN, Act.LINK_SENT,
    Act.SECOND_FACTOR_SET, Act.SECOND_FACTOR_REMOVED, Act.SIGNED_OUT_EVERYWHERE, Act.FEED_RENEWED, Act.LETTERS_MADE,
    Act.LETTERS_WITHDRAWN, Act.PARENTS_INVITED, Act.ERASED, Act.FORGOTTEN,
}  # fmt: skip
SETTLED = NOW + school_edits.SETTLE


@pytest.fixture
def chats(cast: Cast) -> dict[str, int]:
    """A Telegram chat with a screen for each of some families, and one of the neighbour's; by the family's name."""

    def move_in(session: Session) -> dict[str, int]:
        found = {}
        for name in ("de_vries", "yilmaz", "jansen", "bakker", "smit", "mulder"):
            school = cast.horizon if name == "mulder" else cast.school
            chat = Chat(kind=ChatKind.TELEGRAM, address=name, school_id=school, family_id=cast.ids[name], seen=NOW)
            chat.screen, chat.drawn = 7, NOW - timedelta(days=1)
            session.add(chat)
            session.flush()
            assert chat.id is not None
            session.add(Link(school_id=school, family_id=cast.ids[name], chat_id=chat.id, since=NOW))
            found[name] = chat.id
        return found

    return cast.database.work(move_in)


def redrawn(cast: Cast, chats: dict[str, int], now: datetime = SETTLED) -> set[str]:
    """Whose screens are owed now; nothing is owed after it."""

    def look(session: Session) -> set[int]:
        school_edits.plan_redraws(session, now)
        rows = session.exec(select(Owed)).all()
        for row in rows:
            session.delete(row)
        return {row.chat_id for row in rows}

    owed = cast.database.work(look)
    return {name for name, chat in chats.items() if chat in owed}


def test_every_act_is_known_as_shown_or_not() -> None:
    assert set(Act) == school_edits.SHOWN | NOT_SHOWN
    assert not school_edits.SHOWN & NOT_SHOWN


ALL = {"de_vries", "yilmaz", "jansen", "bakker", "smit"}
GROUP_4 = ALL - {"smit"}


@pytest.mark.parametrize(
    ("act", "subject", "detail", "whose"),
    [
        (Act.PLANNING_CHANGED, "noor_planning", {}, GROUP_4),
        (Act.PUBLISHED, "bram_planning", {}, {"de_vries", "smit"}),
        (Act.SLOTS_ADDED, "bram_planning", {"count": 3}, {"de_vries", "smit"}),
        (Act.PLANNING_CHANGED, None, {"conference": "autumn"}, ALL),
        (Act.STUDENT_CHANGED, "lotte", {"fields": ["call_name"]}, {"jansen", "bakker"}),
        (Act.STUDENTS_LEFT, "daan", {}, {"de_vries"}),
        (Act.FAMILY_CHANGED, "smit", {"change": "moved", "out": "yilmaz"}, {"smit", "yilmaz"}),
        (Act.FAMILY_BLOCKED, "smit", {}, {"smit"}),
        (Act.SCHOOL_CHANGED, "school", {"fields": ["contact"]}, ALL),
        (Act.IMPORTED, None, {"kind": "students"}, ALL),
        (Act.SLOT_CHANGED, "noor_planning", {}, set()),
    ],
)
def test_an_edit_is_owed_to_the_chats_that_show_something_of_it(
    cast: Cast, chats: dict[str, int], act: Act, subject: str | None, detail: dict[str, Any], whose: set[str]
) -> None:
    about = {name: cast.ids.get(value, value) if isinstance(value, str) else value for name, value in detail.items()}
    number = None if subject is None else cast.school if subject == "school" else cast.ids[subject]
    cast.database.work(lambda session: record(session, cast.school, DESK, act, number, planning_id=None, **about))
    assert redrawn(cast, chats) == whose
    assert redrawn(cast, chats) == set(), "each edit is looked at once"


def test_who_holds_a_talk_there_hears_of_it_though_the_child_left_the_group(cast: Cast, chats: dict[str, int]) -> None:
    book(cast, "jansen", "lotte", cast.noor_slots[0])
    edited(cast, lambda session: session.execute(_no_groups()))
    assert redrawn(cast, chats) == {"jansen", "bakker"}


def edited(cast: Cast, before: Callable[[Session], Any], acting: Acting = DESK) -> None:
    def work(session: Session) -> None:
        before(session)
        record(session, cast.school, acting, Act.PLANNING_CHANGED, cast.noor_planning)

    cast.database.work(work)


def _no_groups() -> Any:
    return delete(PlanningGroup).where(col(PlanningGroup.planning_id) > 0)


def test_an_edit_settles_first_and_an_older_number_that_still_settles_holds_the_newer_back(
    cast: Cast, chats: dict[str, int]
) -> None:
    later = Acting(DESK.by, NOW + timedelta(seconds=4))
    cast.database.work(lambda session: record(session, cast.school, later, Act.FAMILY_BLOCKED, cast.smit))
    cast.database.work(lambda session: record(session, cast.school, DESK, Act.FAMILY_BLOCKED, cast.yilmaz))
    assert redrawn(cast, chats, SETTLED) == set()
    assert redrawn(cast, chats, SETTLED + timedelta(seconds=4)) == {"smit", "yilmaz"}


def test_edits_from_long_before_the_first_look_are_let_be(cast: Cast, chats: dict[str, int]) -> None:
    cast.database.work(lambda session: record(session, cast.school, DESK, Act.FAMILY_BLOCKED, cast.smit))
    assert redrawn(cast, chats, NOW + timedelta(hours=2)) == set()
