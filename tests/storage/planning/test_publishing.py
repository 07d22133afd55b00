"""What is looked at before parents see a planning, and publishing it (D13)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from messages import text
from messages.findings import sentence
from messages.refusals import sentence as told
from storage import tables
from storage.booking import booking
from storage.planning import grid, plannings, publishing, slots
from storage.planning.plannings import PlanningForm
from storage.planning.readiness import facts
from storage.planning.readiness.findings import Finding, FindingSubject, NotReady, Severity
from storage.planning.teachers import TeacherLine
from storage.planning.views import planning_list
from storage.refusals import Booked, NotFound, Refused
from storage.words import PlanningState, Policy, SlotState
from tests.support.cast import CLOSES, DESK, NOW, OPENS, Cast

ZONE = "Europe/Amsterdam"
TUESDAY = date(2026, 11, 24)
Change = Callable[[Session, Cast], None]


def set_all(table: Any, **values: Any) -> Change:
    def change(session: Session, cast: Cast) -> None:
        session.execute(update(table).where(col(table.school_id) == cast.school).values(**values))

    return change


def found(cast: Cast, planning: int | None = None, now: datetime = NOW) -> list[tuple[Severity, str]]:
    """Findings about one planning (or the school) as (severity, English sentence)."""
    findings = cast.database.read(facts.check, cast.school, now=now)
    words = text.words("en")
    return [(one.severity, sentence(one, words, ZONE)) for one in findings if one.planning_id == planning]


def extra(cast: Cast, teacher: str, group: int, begin: time = time(18), title: str = "Extra") -> int:
    """A draft of an hour on the first evening."""
    form = PlanningForm(
        title=title,
        teachers=(TeacherLine(teacher, "someone@regenboog.example"),),
        group_ids=frozenset({group}),
        opens=OPENS,
        closes=CLOSES,
    )
    made = cast.database.work(plannings.make, cast.school, DESK, cast.autumn, form)
    until = time(begin.hour + 1, begin.minute)
    spans = grid.times(TUESDAY, begin, until, 10, zone=ZONE)
    cast.database.work(slots.add, cast.school, DESK, made, spans)
    return made


def drafts(cast: Cast) -> None:
    cast.database.work(set_all(tables.Planning, state=PlanningState.DRAFT), cast)


def states(cast: Cast) -> list[PlanningState]:
    return [row.state for row in cast.database.read(planning_list.plannings, cast.school)]


def test_the_cast_is_ready(cast: Cast) -> None:
    assert cast.database.read(facts.check, cast.school, now=NOW) == ()
    drafts(cast)
    done = cast.database.work(publishing.publish, cast.school, DESK)
    assert done == publishing.Published((cast.noor_planning, cast.bram_planning), ())
    assert states(cast) == [PlanningState.PUBLISHED] * 2


def test_publishing_twice_publishes_nothing_new(cast: Cast) -> None:
    assert cast.database.work(publishing.publish, cast.school, DESK) == publishing.Published((), ())


def test_fewer_times_than_children_is_a_warning(cast: Cast) -> None:
    drafts(cast)
    for slot in cast.bram_slots[1:]:
        cast.database.work(slots.change, cast.school, DESK, cast.bram_planning, slot, SlotState.BREAK)
    done = cast.database.work(publishing.publish, cast.school, DESK)
    values = (("slots", 1), ("children", 2), ("talks", 2))
    message = "There are %(slots)s times to book, and %(children)s children."
    warning = Finding(Severity.WARNING, message, values, cast.bram_planning, "Groep 7", FindingSubject.TIMES)
    assert (len(done.planning_ids), done.findings) == (2, (warning,))


def test_a_planning_that_is_all_breaks_is_wrong(cast: Cast) -> None:
    drafts(cast)
    for slot in cast.bram_slots:
        cast.database.work(slots.change, cast.school, DESK, cast.bram_planning, slot, SlotState.BREAK)
    with pytest.raises(Refused) as caught:
        cast.database.work(publishing.publish, cast.school, DESK)
    message = "All times are breaks or lie in the past."
    assert caught.value.refusal == NotReady(
        (Finding(Severity.WRONG, message, (), cast.bram_planning, "Groep 7", FindingSubject.TIMES),)
    )
    assert states(cast) == [PlanningState.DRAFT] * 2


def test_twins_count_as_two_children(cast: Cast) -> None:
    for slot in cast.noor_slots[3:]:
        cast.database.work(slots.remove, cast.school, DESK, cast.noor_planning, slot)
    assert found(cast, cast.noor_planning) == [(Severity.WARNING, "There are 3 times to book, and 4 children.")]


def test_parents_who_each_have_a_talk_count_twice(cast: Cast) -> None:
    cast.database.work(set_all(tables.Conference, policy=Policy.EACH), cast)
    for slot in cast.noor_slots[4:]:
        cast.database.work(slots.remove, cast.school, DESK, cast.noor_planning, slot)
    said = "There are 4 times to book, and 5 talks for 4 children: parents who live apart each have their own."
    assert found(cast, cast.noor_planning) == [(Severity.WARNING, said)]


def test_a_booked_time_counts_as_a_childs_time(cast: Cast) -> None:
    cast.database.work(
        booking.book, cast.school, DESK, family_id=cast.smit, student_id=cast.stephanie, slot_id=cast.bram_slots[0]
    )
    for slot in cast.bram_slots[2:]:
        cast.database.work(slots.remove, cast.school, DESK, cast.bram_planning, slot)
    assert found(cast, cast.bram_planning) == []


def test_a_planning_without_times_or_groups_is_wrong(cast: Cast) -> None:
    form = PlanningForm("Leeg", (), frozenset(), OPENS, CLOSES)
    made = cast.database.work(plannings.make, cast.school, DESK, cast.autumn, form)
    assert found(cast, made) == [
        (Severity.WRONG, "No group is chosen."),
        (Severity.WRONG, "There are no times yet."),
        (Severity.WARNING, "No teacher is named, so nobody gets a daily list."),
    ]
    with pytest.raises(Refused) as caught:
        cast.database.work(publishing.publish, cast.school, DESK)
    assert told(caught.value.refusal, text.words("en"), ZONE) == (
        "Nothing was published. First this must be put right:\nLeeg: No group is chosen.\nLeeg: There are no times yet."
    )


def test_a_group_without_children_is_pointed_out(cast: Cast) -> None:
    cast.database.work(set_all(tables.Student, left=NOW), cast)
    assert found(cast, cast.bram_planning) == [(Severity.WARNING, "There are no children in groep 7.")]


def test_children_in_no_family_are_counted(cast: Cast) -> None:
    def orphan(session: Session) -> None:
        for row in session.exec(select(tables.FamilyStudent).where(col(tables.FamilyStudent.student_id) == cast.lotte)):
            session.delete(row)

    cast.database.work(orphan)
    said = "Children in no family, for whom no parent can book: 1."
    assert found(cast, cast.noor_planning) == [(Severity.WARNING, said)]


def test_families_without_a_secret_are_named(cast: Cast) -> None:
    def forget(session: Session) -> None:
        wanted = col(tables.Credential.family_id).in_((cast.bakker, cast.smit))
        for row in session.exec(select(tables.Credential).where(wanted)):
            session.delete(row)

    cast.database.work(forget)
    said = "Families without a secret, who cannot sign in: 2 (Bakker, Smit)."
    assert found(cast) == [(Severity.WARNING, said)]
    drafts(cast)
    assert len(cast.database.work(publishing.publish, cast.school, DESK).planning_ids) == 2


def test_a_school_that_chose_no_secret_publishes_nothing(cast: Cast) -> None:
    def none_chosen(session: Session) -> None:
        school = session.get(tables.School, cast.school)
        assert school is not None
        school.secret_kind = None

    cast.database.work(none_chosen)
    drafts(cast)
    assert found(cast) == [(Severity.WRONG, "No kind of secret has been chosen yet, so no family can sign in.")]
    with pytest.raises(Refused):
        cast.database.work(publishing.publish, cast.school, DESK)
    assert states(cast) == [PlanningState.DRAFT] * 2


def test_sign_up_in_the_wrong_order_is_wrong(cast: Cast) -> None:
    cast.database.work(
        set_all(tables.Planning, opens=CLOSES, closes=OPENS, opens_early=CLOSES + timedelta(days=1)), cast
    )
    assert found(cast, cast.bram_planning) == [
        (
            Severity.WRONG,
            "Sign-up closes (Tuesday 3 November, 19:00) before it opens (Sunday 22 November, 12:00).",
        ),
        (
            Severity.WRONG,
            "Large families could sign up later (Monday 23 November, 12:00) "
            "than all others (Sunday 22 November, 12:00).",
        ),
    ]


def test_sign_up_that_closes_after_the_first_talk_is_a_warning(cast: Cast) -> None:
    cast.database.work(set_all(tables.Planning, closes=datetime(2026, 11, 24, 18, 0, tzinfo=UTC)), cast)
    said = "The first talk (Tuesday 24 November, 18:00) begins before sign-up closes (Tuesday 24 November, 19:00)."
    assert found(cast, cast.bram_planning) == [(Severity.WARNING, said)]


def test_a_draft_whose_times_are_over_is_wrong_and_a_published_one_is_no_news(cast: Cast) -> None:
    later = datetime(2026, 12, 1, tzinfo=UTC)
    assert found(cast, cast.noor_planning, later) == []
    drafts(cast)
    assert found(cast, cast.noor_planning, later)[0] == (Severity.WRONG, "All times lie in the past.")


def test_some_times_in_the_past_are_a_warning(cast: Cast) -> None:
    between = datetime(2026, 11, 25, tzinfo=UTC)
    assert (Severity.WARNING, "Times that lie in the past: 12.") in found(cast, cast.noor_planning, between)


def test_a_teacher_at_two_tables_at_once_is_told_at_both(cast: Cast) -> None:
    made = extra(cast, "Juf Noor", cast.groep7)
    there = "juf Noor also sits at “{}” then: 6 times, the first Tuesday 24 November, 18:00. "
    only_one = "Only one of the two can be booked."
    assert found(cast, made) == [(Severity.WARNING, there.format("Groep 4") + only_one)]
    assert found(cast, cast.noor_planning) == [(Severity.WARNING, there.format("Extra") + only_one)]


def test_times_out_of_step_with_colleagues_are_pointed_out(cast: Cast) -> None:
    made = extra(cast, "juf Els", cast.groep7, time(18, 15))
    assert found(cast, made) == [
        (
            Severity.WARNING,
            "These times, from Tuesday 24 November, 18:15, are out of step with those of “Groep 4”, "
            "from Tuesday 24 November, 18:00: talks of 10 minutes that never begin together.",
        )
    ]
    assert found(cast, cast.noor_planning) == []


def test_a_later_beginning_in_the_same_step_is_fine(cast: Cast) -> None:
    assert found(cast, extra(cast, "juf Els", cast.groep7, time(18, 30))) == []


def test_breaks_that_bring_two_plannings_in_step_are_fine(cast: Cast) -> None:
    """18:15, 18:25, a break of five minutes, 18:40: from there on they begin together."""
    made = extra(cast, "juf Els", cast.groep7, time(20, 15))
    spans = grid.times(TUESDAY, time(18, 15), time(19), 10, 2, 5, zone=ZONE)
    cast.database.work(slots.add, cast.school, DESK, made, spans)
    assert found(cast, made) == []


def test_one_conference_or_one_planning_alone_is_published(cast: Cast) -> None:
    drafts(cast)
    cast.database.work(publishing.publish, cast.school, DESK, planning_id=cast.bram_planning)
    assert states(cast) == [PlanningState.DRAFT, PlanningState.PUBLISHED]
    done = cast.database.work(publishing.publish, cast.school, DESK, conference_id=cast.autumn)
    assert done.planning_ids == (cast.noor_planning,)


def test_another_schools_planning_is_not_found(cast: Cast) -> None:
    for what in ({"planning_id": cast.horizon_planning}, {"conference_id": 2**31 - 1}):
        with pytest.raises(Refused) as caught:
            cast.database.work(publishing.publish, cast.school, DESK, **what)
        assert isinstance(caught.value.refusal, NotFound)
    with pytest.raises(Refused):
        cast.database.work(publishing.unpublish, cast.school, DESK, cast.horizon_planning)


def test_a_planning_goes_back_to_draft_only_while_nobody_is_booked(cast: Cast) -> None:
    cast.database.work(publishing.unpublish, cast.school, DESK, cast.bram_planning)
    assert states(cast) == [PlanningState.PUBLISHED, PlanningState.DRAFT]
    cast.database.work(
        booking.book, cast.school, DESK, family_id=cast.de_vries, student_id=cast.sanne, slot_id=cast.noor_slots[0]
    )
    with pytest.raises(Refused) as caught:
        cast.database.work(publishing.unpublish, cast.school, DESK, cast.noor_planning)
    assert caught.value.refusal == Booked(1)
