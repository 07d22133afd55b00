"""That sign-up opened and that it will close, told by the clock: each household once for each moment (M6)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, SQLModel, col, delete, select

from storage import tables
from storage.notices import invitations
from storage.notices.contents import NOTHING_LEFT, ByMail, NoticeContents, Untrue, contents
from storage.notices.due import plan
from storage.notices.sign_up import plan_sign_up, reminding_moment
from storage.outbox.queue import Claimed
from storage.planning import publishing
from storage.refusals import Invalid, Refused
from storage.words import Acting, NoticeKind, PlanningState, Policy, Recipient
from tests.support.cast import CLOSES, DESK, NOW, OPENS, PEPPER, Cast
from tests.support.notices import book, cancel, link_chat, outbox
from tests.support.statements import statements

OPENED, CLOSING = NoticeKind.SIGN_UP_OPENED, NoticeKind.SIGN_UP_CLOSING
REACHED = {"de_vries", "yilmaz", "jansen", "bakker"}  # the family Smit has neither chat nor address
TWO_BEFORE = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # 18:00 on the wall, two days before sign-up closes
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def change(cast: Cast, table: type[SQLModel], *row_ids: int, **values: object) -> None:
    def put(session: Session) -> None:
        for row_id in row_ids:
            row = session.get(table, row_id)
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)

    cast.database.work(put)


def choose(cast: Cast, *remind_days: int, opening: bool = True) -> None:
    """What the round of De Regenboog tells."""
    change(cast, tables.Conference, cast.autumn, tells_opening=opening, remind_days=remind_days)


def windows(cast: Cast, **values: object) -> None:
    change(cast, tables.Planning, cast.noor_planning, cast.bram_planning, **values)


def tick(cast: Cast, *moments: datetime) -> None:
    for moment in moments:
        cast.database.work(plan, moment)


def told(cast: Cast, *kinds: NoticeKind) -> list[str]:
    """The families that were told, by name, in the order of the telling; of both kinds unless said otherwise."""
    names = {id_: name for name, id_ in cast.ids.items() if name in REACHED | {"smit"}}
    rows = [row for kind in kinds or (OPENED, CLOSING) for row in outbox(cast, kind)]
    return sorted(names[subject] for subject, *_ in rows)


def said(cast: Cast, kind: NoticeKind, now: datetime) -> dict[str, NoticeContents | Untrue | ByMail]:
    """What the sender would find for each family."""
    names = {id_: name for name, id_ in cast.ids.items() if name in REACHED}

    def read(session: Session) -> dict[str, NoticeContents | Untrue | ByMail]:
        notices = session.exec(select(tables.Notice).where(tables.Notice.kind == kind)).all()
        claims = [Claimed(**{name: getattr(one, name) for name in Claimed.__slots__}) for one in notices]
        return {names[one.subject]: contents(session, one, now, PEPPER) for one in claims}

    return cast.database.read(read)


def publish(cast: Cast, now: datetime, planning_id: int | None = None) -> None:
    acting = Acting(DESK.by, now)
    cast.database.work(publishing.publish, cast.school, acting, planning_id=planning_id)


def draft(cast: Cast, *plannings: int) -> None:
    change(cast, tables.Planning, *plannings, state=PlanningState.DRAFT)


def times(names: Iterable[str], count: int = 2) -> list[str]:
    return sorted([*names] * count)


def test_each_household_hears_once_that_sign_up_opened(cast: Cast) -> None:
    choose(cast)
    one, two = link_chat(cast, cast.de_vries, "1"), link_chat(cast, cast.de_vries, "2")
    tick(cast, OPENS - MINUTE)
    assert told(cast) == []
    tick(cast, OPENS, OPENS + MINUTE, OPENS + DAY, CLOSES - MINUTE)
    by_mail = [(cast.ids[name], Recipient.FAMILY, cast.ids[name]) for name in ("yilmaz", "jansen", "bakker")]
    in_chat = [(cast.de_vries, Recipient.CHAT, chat) for chat in (one, two)]
    assert [(row[0], *row[2:4]) for row in outbox(cast, OPENED)] == [*in_chat, *by_mail]


def test_a_conference_that_chose_nothing_tells_nothing(cast: Cast) -> None:
    tick(cast, OPENS, OPENS + DAY, TWO_BEFORE, CLOSES - MINUTE)
    assert told(cast) == []


def test_another_schools_families_hear_nothing(cast: Cast) -> None:
    choose(cast, 2)
    change(cast, tables.Family, cast.mulder, email="mulder@example.org")
    tick(cast, OPENS, TWO_BEFORE)
    assert told(cast) == times(REACHED)


def test_who_has_every_child_booked_hears_nothing(cast: Cast) -> None:
    choose(cast, 2)
    book(cast, "yilmaz", "emir", cast.noor_slots[0], OPENS - DAY)
    book(cast, "yilmaz", "elif", cast.noor_slots[1], OPENS - DAY)
    book(cast, "de_vries", "sanne", cast.noor_slots[2], OPENS - DAY)
    tick(cast, OPENS, TWO_BEFORE)
    assert told(cast) == times(REACHED - {"yilmaz"})


def test_a_family_that_is_blocked_and_a_child_that_left_are_not_told(cast: Cast) -> None:
    choose(cast)
    change(cast, tables.Family, cast.yilmaz, blocked=True)
    change(cast, tables.Student, cast.lotte, left=OPENS - DAY)
    tick(cast, OPENS)
    assert told(cast) == ["de_vries"]


def test_a_large_family_hears_at_its_own_earlier_opening(cast: Cast) -> None:
    choose(cast)
    change(cast, tables.Conference, cast.autumn, large_family=2)
    windows(cast, opens_early=OPENS - DAY)
    tick(cast, OPENS - DAY)
    assert told(cast) == ["de_vries", "yilmaz"]
    tick(cast, OPENS)
    assert told(cast) == sorted(REACHED)


def test_a_family_hears_of_each_of_its_openings(cast: Cast) -> None:
    """Daan's planning opens three days after Sanne's: only what is open is spoken of."""
    choose(cast)
    later = OPENS + 3 * DAY
    change(cast, tables.Planning, cast.bram_planning, opens=later)
    tick(cast, OPENS)
    first = said(cast, OPENED, OPENS)["de_vries"]
    assert isinstance(first, NoticeContents)
    assert first.invitation
    assert (first.invitation.children, first.invitation.open) == (("Sanne",), True)
    book(cast, "de_vries", "sanne", cast.noor_slots[0], OPENS + DAY, by_staff=False)
    tick(cast, later - MINUTE, later, later + MINUTE)
    assert told(cast) == sorted([*REACHED, "de_vries"])
    second = said(cast, OPENED, later)["de_vries"]
    assert isinstance(second, NoticeContents)
    assert second.invitation
    assert second.invitation.children == ("Daan",)


def test_what_is_published_after_its_opening_is_told_then(cast: Cast) -> None:
    choose(cast)
    draft(cast, cast.noor_planning, cast.bram_planning)
    tick(cast, OPENS, NOW - MINUTE)
    assert told(cast) == []
    publish(cast, NOW)
    tick(cast, NOW, NOW + MINUTE, NOW + DAY)
    assert told(cast) == sorted(REACHED)


def test_plannings_that_are_published_one_after_another_are_told_in_one_day_once(cast: Cast) -> None:
    choose(cast)
    draft(cast, cast.noor_planning, cast.bram_planning)
    publish(cast, NOW, cast.noor_planning)
    tick(cast, NOW)
    publish(cast, NOW + MINUTE, cast.bram_planning)
    tick(cast, NOW + 2 * MINUTE)
    assert told(cast) == sorted(REACHED)
    tick(cast, NOW + DAY, NOW + DAY + MINUTE)
    assert told(cast) == sorted([*REACHED, "de_vries"])


def test_a_planning_that_was_a_draft_for_a_moment_is_not_told_of_again(cast: Cast) -> None:
    choose(cast)
    draft(cast, cast.noor_planning, cast.bram_planning)
    publish(cast, OPENS - DAY)
    tick(cast, OPENS)
    cast.database.work(publishing.unpublish, cast.school, DESK, cast.noor_planning)
    publish(cast, NOW)
    tick(cast, NOW + MINUTE, NOW + DAY)
    assert told(cast) == sorted(REACHED)


def test_an_opening_that_is_put_off_is_told_anew_and_one_that_is_brought_forward_is_not(cast: Cast) -> None:
    choose(cast)
    tick(cast, OPENS)
    windows(cast, opens=OPENS - DAY)
    tick(cast, OPENS + MINUTE, OPENS + DAY)
    assert told(cast) == sorted(REACHED)
    windows(cast, opens=OPENS + 3 * DAY)
    tick(cast, OPENS + 2 * DAY)
    assert told(cast) == sorted(REACHED)
    tick(cast, OPENS + 3 * DAY, OPENS + 4 * DAY)
    assert told(cast) == times(REACHED)


def test_who_books_and_lets_go_is_not_told_afterwards_that_it_opened(cast: Cast) -> None:
    choose(cast)
    held = book(cast, "jansen", "lotte", cast.noor_slots[0], OPENS, by_staff=False)
    tick(cast, OPENS)
    cancel(cast, held, OPENS + DAY, by_staff=False)
    tick(cast, OPENS + DAY, OPENS + 2 * DAY)
    assert told(cast) == ["de_vries", "yilmaz"]


def test_a_talk_that_was_let_go_before_the_opening_does_not_count(cast: Cast) -> None:
    choose(cast)
    held = book(cast, "jansen", "lotte", cast.noor_slots[0], OPENS - 2 * DAY)
    cancel(cast, held, OPENS - DAY)
    tick(cast, OPENS)
    assert told(cast) == sorted(REACHED)


def test_nobody_is_woken_and_in_the_morning_it_is_said(cast: Cast) -> None:
    choose(cast)
    midnight = datetime(2026, 11, 10, 23, 0, tzinfo=UTC)
    windows(cast, opens=midnight)
    tick(cast, midnight, midnight + timedelta(hours=7, minutes=59))
    assert told(cast) == []
    tick(cast, midnight + timedelta(hours=8))
    assert told(cast) == sorted(REACHED)


def test_who_was_invited_by_hand_that_day_is_not_told_twice(cast: Cast) -> None:
    choose(cast, 2)
    windows(cast, opens=NOW)
    invite = Acting(DESK.by, NOW - timedelta(hours=6))
    cast.database.work(invitations.invite, cast.school, invite, cast.autumn, [cast.groep7])
    tick(cast, NOW, NOW + MINUTE, NOW + DAY)
    assert told(cast) == sorted(REACHED - {"de_vries"})
    tick(cast, TWO_BEFORE)
    assert told(cast, CLOSING) == sorted(REACHED)


def test_an_invitation_stands_for_its_day_when_others_hear_of_theirs_later(cast: Cast) -> None:
    """Groep 7 opens a day after groep 4: who is in groep 4 alone knew on the first day."""
    choose(cast)
    change(cast, tables.Planning, cast.noor_planning, opens=NOW)
    change(cast, tables.Planning, cast.bram_planning, opens=NOW + DAY)
    invite = Acting(DESK.by, NOW - timedelta(hours=6))
    cast.database.work(invitations.invite, cast.school, invite, cast.autumn, [])
    tick(cast, NOW, NOW + DAY, NOW + 2 * DAY)
    assert told(cast) == ["de_vries"]


def test_an_invitation_of_an_earlier_day_does_not_keep_the_opening_back(cast: Cast) -> None:
    choose(cast)
    windows(cast, opens=NOW)
    invite = Acting(DESK.by, NOW - DAY)
    cast.database.work(invitations.invite, cast.school, invite, cast.autumn, [])
    tick(cast, NOW)
    assert told(cast) == sorted(REACHED)


def test_what_the_clock_told_today_is_not_sent_by_hand_too(cast: Cast) -> None:
    choose(cast)
    windows(cast, opens=NOW)
    tick(cast, NOW)
    invite = Acting(DESK.by, NOW + MINUTE)
    with pytest.raises(Refused) as caught:
        cast.database.work(invitations.invite, cast.school, invite, cast.autumn, [])
    assert caught.value.refusal == Invalid("These parents have had this message today already.")


def test_who_has_not_booked_is_reminded_at_18_00_so_many_days_before_it_closes(cast: Cast) -> None:
    choose(cast, 7, 2, opening=False)
    book(cast, "yilmaz", "emir", cast.noor_slots[0])
    book(cast, "yilmaz", "elif", cast.noor_slots[1])
    seven_before = TWO_BEFORE - 5 * DAY
    tick(cast, seven_before - MINUTE)
    assert told(cast) == []
    tick(cast, seven_before, seven_before + MINUTE, seven_before + DAY, TWO_BEFORE - MINUTE)
    assert told(cast, CLOSING) == ["bakker", "de_vries", "jansen"]
    book(cast, "jansen", "lotte", cast.noor_slots[2], TWO_BEFORE - MINUTE, by_staff=False)
    tick(cast, TWO_BEFORE, TWO_BEFORE + MINUTE)
    assert told(cast) == sorted(["bakker", "de_vries", "jansen", "de_vries"])


def test_nothing_is_said_once_sign_up_has_closed(cast: Cast) -> None:
    choose(cast, 2)
    tick(cast, CLOSES, CLOSES + DAY)
    assert told(cast) == []


def test_what_was_missed_is_made_good_before_it_closes(cast: Cast) -> None:
    choose(cast, 1, opening=False)
    tick(cast, CLOSES - MINUTE)
    assert told(cast, CLOSING) == sorted(REACHED)


def test_of_several_moments_that_have_passed_only_the_last_is_told(cast: Cast) -> None:
    choose(cast, 7, 3, 2, 1)
    tick(cast, CLOSES - timedelta(hours=2), CLOSES - timedelta(hours=1))
    assert (told(cast, CLOSING), told(cast, OPENED)) == (sorted(REACHED), [])


@pytest.mark.parametrize("opening", [True, False])
def test_nobody_is_reminded_of_a_moment_before_it_could_book(cast: Cast, opening: bool) -> None:
    choose(cast, 2, opening=opening)
    late = TWO_BEFORE + timedelta(hours=1)
    windows(cast, opens=late)
    tick(cast, TWO_BEFORE, late, late + DAY, CLOSES - MINUTE)
    assert (told(cast, CLOSING), told(cast, OPENED)) == ([], sorted(REACHED) if opening else [])


def test_a_close_that_is_put_off_reminds_anew(cast: Cast) -> None:
    choose(cast, 2, opening=False)
    tick(cast, TWO_BEFORE)
    windows(cast, closes=CLOSES + 2 * DAY)
    tick(cast, TWO_BEFORE + DAY)
    assert told(cast) == sorted(REACHED)
    tick(cast, TWO_BEFORE + 2 * DAY, TWO_BEFORE + 3 * DAY)
    assert told(cast) == times(REACHED)


def test_of_two_households_invited_together_none_is_reminded_once_one_has_booked(cast: Cast) -> None:
    choose(cast, 2, opening=False)
    book(cast, "jansen", "lotte", cast.noor_slots[0])
    tick(cast, TWO_BEFORE)
    assert told(cast) == ["de_vries", "yilmaz"]


def test_where_each_household_books_for_itself_the_other_is_still_reminded(cast: Cast) -> None:
    choose(cast, 2, opening=False)
    change(cast, tables.Conference, cast.autumn, policy=Policy.EACH)
    book(cast, "jansen", "lotte", cast.noor_slots[0])
    tick(cast, TWO_BEFORE)
    assert told(cast) == ["bakker", "de_vries", "yilmaz"]


def test_a_family_that_can_be_reached_only_later_hears_then(cast: Cast) -> None:
    choose(cast)
    tick(cast, OPENS)
    change(cast, tables.Family, cast.smit, email="smit@example.org")
    tick(cast, NOW, NOW + DAY)
    assert told(cast) == sorted([*REACHED, "smit"])


def test_it_is_asked_again_as_the_message_leaves(cast: Cast) -> None:
    choose(cast, 2, opening=False)
    tick(cast, TWO_BEFORE)
    book(cast, "jansen", "lotte", cast.noor_slots[0], TWO_BEFORE + MINUTE, by_staff=False)
    book(cast, "de_vries", "daan", cast.bram_slots[0], TWO_BEFORE + MINUTE, by_staff=False)
    now = said(cast, CLOSING, TWO_BEFORE + 2 * MINUTE)
    assert (now["jansen"], now["bakker"]) == (Untrue(NOTHING_LEFT), Untrue(NOTHING_LEFT))
    left = now["de_vries"]
    assert isinstance(left, NoticeContents)
    assert left.invitation
    assert (left.invitation.children, left.invitation.closes) == (("Sanne",), CLOSES)
    assert set(said(cast, CLOSING, CLOSES).values()) == {Untrue(NOTHING_LEFT)}


def test_the_first_to_close_is_named(cast: Cast) -> None:
    choose(cast, 2, opening=False)
    change(cast, tables.Planning, cast.bram_planning, closes=CLOSES + DAY)
    tick(cast, TWO_BEFORE)
    one = said(cast, CLOSING, TWO_BEFORE)["de_vries"]
    assert isinstance(one, NoticeContents)
    assert one.invitation
    assert (one.invitation.children, one.invitation.closes) == (("Daan", "Sanne"), CLOSES)


@pytest.mark.parametrize(
    ("closes", "days", "moment"),
    [
        (datetime(2026, 10, 26, 19, 0, tzinfo=UTC), 1, datetime(2026, 10, 25, 17, 0, tzinfo=UTC)),
        (datetime(2026, 10, 26, 19, 0, tzinfo=UTC), 2, datetime(2026, 10, 24, 16, 0, tzinfo=UTC)),
        (datetime(2026, 3, 29, 18, 0, tzinfo=UTC), 1, datetime(2026, 3, 28, 17, 0, tzinfo=UTC)),
    ],
)
def test_the_moment_is_read_from_the_wall_when_the_clock_changes(closes: datetime, days: int, moment: datetime) -> None:
    assert reminding_moment(closes, days, "Europe/Amsterdam") == moment


def test_it_takes_the_same_few_questions_for_any_number_of_families(cast: Cast) -> None:
    choose(cast, 2)

    def asked() -> int:
        with statements(cast.database) as texts:
            cast.database.work(plan_sign_up, OPENS)
        return sum(not text.startswith("INSERT") for text in texts)

    def more(session: Session) -> None:
        session.exec(delete(tables.Notice).where(col(tables.Notice.kind) == OPENED))
        for number in range(40):
            family = tables.Family(school_id=cast.school, name=f"Nieuw {number}", email=f"n{number}@example.org")
            child = tables.Student(
                school_id=cast.school, first_name="Noor", last_name=f"Nieuw {number}", name_key="noor"
            )
            session.add_all([family, child])
            session.flush()
            ids = {"school_id": cast.school, "student_id": child.id or 0}
            session.add(tables.FamilyStudent(**ids, family_id=family.id or 0))
            session.add(tables.StudentGroup(**ids, group_id=cast.groep4))

    few = asked()
    cast.database.work(more)
    assert asked() == few
    assert len(outbox(cast, OPENED)) == len(REACHED) + 40
