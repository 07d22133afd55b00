"""Conferences and plannings made, changed and removed (D10), bookings present or not (rule 13)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from storage import tables
from storage.booking import booking
from storage.notices.contents import NoticeContents, Untrue, contents
from storage.outbox.queue import Claimed
from storage.planning import conferences, plannings
from storage.planning.conferences import ConferenceForm
from storage.planning.plannings import PlanningForm
from storage.planning.teachers import TeacherLine
from storage.planning.views import planning_board, planning_list
from storage.refusals import Booked, Invalid, NotFound, Refusal, Refused
from storage.words import ChatKind, NoticeKind, PlanningState, Policy
from tests.support.cast import CLOSES, DESK, NOW, OPENS, Cast, parent


def form(cast: Cast, **changes: Any) -> PlanningForm:
    """Noor's planning as it stands, typed anew."""
    noor = PlanningForm(
        title="Groep 4",
        teachers=(TeacherLine("juf Noor", "noor@regenboog.example"),),
        group_ids=frozenset({cast.groep4}),
        opens=OPENS,
        closes=CLOSES,
        room="lokaal 3",
        mail_each_booking=True,
    )
    return replace(noor, **changes)


def refusal(do: Callable[..., Any], cast: Cast, *args: Any, **more: Any) -> Refusal:
    with pytest.raises(Refused) as caught:
        cast.database.work(do, cast.school, DESK, *args, **more)
    return caught.value.refusal


def edit(cast: Cast, **changes: Any) -> planning_board.PlanningView:
    cast.database.work(plannings.edit, cast.school, DESK, cast.noor_planning, form(cast, **changes))
    return cast.database.read(planning_board.planning, cast.school, cast.noor_planning)


def link_chat(session: Session, cast: Cast) -> None:
    chat = tables.Chat(kind=ChatKind.TELEGRAM, address="4711", language="nl", seen=NOW)
    session.add(chat)
    session.flush()
    assert chat.id is not None
    session.add(tables.Link(school_id=cast.school, family_id=cast.de_vries, chat_id=chat.id, since=NOW))


def cards(session: Session) -> list[Claimed]:
    return [
        Claimed(**{name: getattr(row, name) for name in Claimed.__dataclass_fields__})
        for row in session.exec(select(tables.Notice).where(col(tables.Notice.kind) == NoticeKind.CARD))
    ]


def book_sanne(cast: Cast) -> int:
    held = cast.database.work(
        booking.book,
        cast.school,
        parent(cast.de_vries),
        family_id=cast.de_vries,
        student_id=cast.sanne,
        slot_id=cast.noor_slots[0],
    )
    return held.id


def test_a_new_planning_is_a_draft_with_all_that_was_typed(cast: Cast) -> None:
    typed = form(
        cast,
        title="  Groep 4 en 7 ",
        teachers=(TeacherLine("Juf  Noor"), TeacherLine("meester Ali", "ali@regenboog.example")),
        group_ids=frozenset({cast.groep4, cast.groep7}),
        opens_early=OPENS - timedelta(days=1),
        remarks="Neem het rapport mee.\n\nTot dan!",
    )
    made = cast.database.work(plannings.make, cast.school, DESK, cast.autumn, typed)
    view = cast.database.read(planning_board.planning, cast.school, made)
    assert (view.title, view.state, view.room) == ("Groep 4 en 7", PlanningState.DRAFT, "lokaal 3")
    assert view.remarks == "Neem het rapport mee.\n\nTot dan!"
    assert (view.opens, view.opens_early, view.closes) == (OPENS, OPENS - timedelta(days=1), CLOSES)
    assert view.teachers == (
        TeacherLine("juf Noor", "noor@regenboog.example"),
        TeacherLine("meester Ali", "ali@regenboog.example"),
    )
    assert view.groups == ("groep 4", "groep 7")
    assert view.days == ()


def test_changing_the_window_leaves_booked_times_alone(cast: Cast) -> None:
    book_sanne(cast)
    view = edit(cast, closes=CLOSES + timedelta(hours=3), room="aula")
    assert (view.closes, view.room) == (CLOSES + timedelta(hours=3), "aula")
    block = view.block(cast.noor_slots[0])
    assert (block.kind, block.start) == ("booked", datetime(2026, 11, 24, 17, 0, tzinfo=UTC))


def test_another_room_makes_the_files_of_booked_talks_anew(cast: Cast) -> None:
    """And the talk stands, so nothing that waits to be told becomes untrue."""
    held = book_sanne(cast)
    cast.database.work(link_chat, cast)
    cast.database.work(_has_the_file, cast, held)
    edit(cast, closes=CLOSES + timedelta(hours=1))
    assert cast.database.read(cards) == []
    edit(cast, closes=CLOSES + timedelta(hours=1), room="aula")
    (card,) = cast.database.read(cards)
    assert card.subject == held
    told = cast.database.read(contents, card, NOW, b"")
    assert isinstance(told, NoticeContents)
    assert [talk.room for talk in told.talks] == ["aula"]
    cast.database.work(booking.move, cast.school, parent(cast.de_vries), booking_id=held, slot_id=cast.noor_slots[1])
    assert isinstance(cast.database.read(contents, card, NOW, b""), Untrue)


def _has_the_file(session: Session, cast: Cast, booking_id: int) -> None:
    chat = session.exec(select(tables.Chat.id)).one()
    session.add(tables.Card(school_id=cast.school, booking_id=booking_id, chat_id=chat or 0, message_id=7))


def test_a_group_stays_while_a_child_of_it_is_booked(cast: Cast) -> None:
    held = book_sanne(cast)
    without = form(cast, group_ids=frozenset({cast.groep7}))
    assert refusal(plannings.edit, cast, cast.noor_planning, without) == Booked(1)
    view = cast.database.read(planning_board.planning, cast.school, cast.noor_planning)
    assert view.groups == ("groep 4",)
    cast.database.work(booking.cancel, cast.school, parent(cast.de_vries), booking_id=held)
    assert edit(cast, group_ids=frozenset({cast.groep7})).groups == ("groep 7",)


def test_a_child_booked_from_elsewhere_does_not_hold_up_other_changes(cast: Cast) -> None:
    """Staff booked Daan of groep 7 with Noor; her room can still change."""
    cast.database.work(
        booking.book, cast.school, DESK, family_id=cast.de_vries, student_id=cast.daan, slot_id=cast.noor_slots[3]
    )
    assert edit(cast, room="aula").room == "aula"


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"title": "  "}, Invalid("%(field)s is missing.", (("field", "The title"),))),
        (
            {"title": "x" * 121},
            Invalid("%(field)s is longer than %(most)s characters.", (("field", "The title"), ("most", "120"))),
        ),
        ({"closes": OPENS}, Invalid("Sign-up must close after it opens.")),
        (
            {"opens_early": OPENS + timedelta(hours=1)},
            Invalid("The earlier opening for large families must not be later than the opening."),
        ),
        (
            {"teachers": (TeacherLine("juf Noor", "noor at school"),)},
            Invalid("“%(value)s” is not one e-mail address.", (("value", "noor at school"),)),
        ),
        (
            {"teachers": (TeacherLine("juf Noor", "noor@x.nl\nBcc: all@x.nl"),)},
            Invalid("“%(value)s” holds a line end or a control character.", (("value", "noor@x.nl Bcc: all@x.nl"),)),
        ),
        ({"teachers": (TeacherLine("-"),)}, Invalid("A teacher's name must hold letters: %(name)s", (("name", "-"),))),
        ({"title": "groep 7"}, Invalid("This conference has a planning named %(title)s already.",
                                       (("title", "groep 7"),))),
        ({"group_ids": frozenset({2**31 - 1})}, NotFound("group")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_changes_nothing(cast: Cast, changes: dict[str, Any], wrong: Refusal) -> None:
    before = cast.database.read(planning_board.planning, cast.school, cast.noor_planning)
    assert refusal(plannings.edit, cast, cast.noor_planning, form(cast, **changes)) == wrong
    assert cast.database.read(planning_board.planning, cast.school, cast.noor_planning) == before


def test_line_ends_in_a_title_become_spaces(cast: Cast) -> None:
    assert edit(cast, title="Groep 4\r\nBcc: x").title == "Groep 4 Bcc: x"


def test_a_teachers_address_is_taken_away_only_when_it_is_said(cast: Cast) -> None:
    assert edit(cast, teachers=(TeacherLine("juf Noor"),)).teachers[0].email == "noor@regenboog.example"
    assert edit(cast, teachers=(TeacherLine("juf Noor", ""),)).teachers[0].email == ""


def test_a_planning_without_bookings_is_removed(cast: Cast) -> None:
    cast.database.work(plannings.remove, cast.school, DESK, cast.noor_planning)
    rows = cast.database.read(planning_list.plannings, cast.school)
    assert [row.title for row in rows] == ["Groep 7"]


def test_a_planning_with_bookings_stays(cast: Cast) -> None:
    book_sanne(cast)
    assert refusal(plannings.remove, cast, cast.noor_planning) == Booked(1)


def test_plannings_of_another_school_are_not_found(cast: Cast) -> None:
    theirs = cast.horizon_planning
    assert refusal(plannings.edit, cast, theirs, form(cast)) == NotFound("planning")
    assert refusal(plannings.remove, cast, theirs) == NotFound("planning")
    with pytest.raises(Refused) as caught:
        cast.database.read(planning_board.planning, cast.school, theirs)
    assert caught.value.refusal == NotFound("planning")


def test_a_conference_is_made_and_changed(cast: Cast) -> None:
    typed = ConferenceForm("Lentegesprekken", Policy.EACH, 5, 4, tells_opening=False, remind_days=(1, 7, 1))
    made = cast.database.work(conferences.make, cast.school, DESK, typed)
    assert cast.database.read(conferences.conference, cast.school, made) == conferences.ConferenceView(
        made, "Lentegesprekken", Policy.EACH, 5, 4, tells_opening=False, remind_days=(7, 1)
    )
    changed = replace(typed, name="Voorjaar", policy=Policy.TOGETHER)
    cast.database.work(conferences.edit, cast.school, DESK, made, changed)
    names = [view.name for view in cast.database.read(conferences.conferences, cast.school)]
    assert names == ["Voorjaar", "Herfstgesprekken"]


def test_a_new_conference_tells_of_its_opening_and_reminds_once_and_one_that_was_there_does_not(cast: Cast) -> None:
    made = cast.database.work(conferences.make, cast.school, DESK, ConferenceForm("Lentegesprekken"))
    new, old = cast.database.read(conferences.conferences, cast.school)
    assert (new.id, new.tells_opening, new.remind_days) == (made, True, (2,))
    assert (old.id, old.tells_opening, old.remind_days) == (cast.autumn, False, ())


def test_only_days_from_the_list_can_be_chosen(cast: Cast) -> None:
    typed = ConferenceForm("Lentegesprekken", remind_days=(1, 4))
    assert refusal(conferences.make, cast, typed) == Invalid("Please choose from the list.")


def test_two_conferences_of_one_name_are_refused_whatever_the_case(cast: Cast) -> None:
    wrong = refusal(conferences.make, cast, ConferenceForm("HERFSTGESPREKKEN"))
    assert wrong == Invalid("There is a conference named %(name)s already.", (("name", "HERFSTGESPREKKEN"),))


def test_the_policy_stays_while_anybody_is_booked(cast: Cast) -> None:
    each = ConferenceForm("Herfstgesprekken", Policy.EACH)
    held = book_sanne(cast)
    assert refusal(conferences.edit, cast, cast.autumn, each) == Booked(1)
    cast.database.work(booking.cancel, cast.school, parent(cast.de_vries), booking_id=held)
    cast.database.work(conferences.edit, cast.school, DESK, cast.autumn, each)
    assert cast.database.read(conferences.conference, cast.school, cast.autumn).policy is Policy.EACH


def test_only_an_empty_conference_is_removed(cast: Cast) -> None:
    assert refusal(conferences.remove, cast, cast.autumn) == Invalid(
        "This conference still has plannings. Remove those first."
    )
    empty = cast.database.work(conferences.make, cast.school, DESK, ConferenceForm("Leeg"))
    cast.database.work(conferences.remove, cast.school, DESK, empty)
    assert [view.name for view in cast.database.read(conferences.conferences, cast.school)] == ["Herfstgesprekken"]
