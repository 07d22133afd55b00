"""Evenings cut into talks (D11), also in the night that the clock changes (rule 18)."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.planning.grid import Evening, Span, spread, times
from storage.refusals import Invalid, Refused

ZONE = "Europe/Amsterdam"
TUESDAY = date(2026, 11, 24)
THURSDAY = date(2026, 11, 26)


def clocks(spans: tuple[Span, ...]) -> list[str]:
    """`18:00-18:10` in winter time, UTC+1."""
    winter = timedelta(hours=1)
    return [f"{start + winter:%H:%M}-{end + winter:%H:%M}" for start, end in spans]


def refusal(*args: object, **more: object) -> Invalid:
    with pytest.raises(Refused) as caught:
        times(*args, **{"zone": ZONE, **more})  # type: ignore[arg-type]
    assert isinstance(caught.value.refusal, Invalid)
    return caught.value.refusal


def test_an_evening_is_cut_into_talks_in_utc() -> None:
    assert times(TUESDAY, time(18), time(18, 30), 10, zone=ZONE) == (
        Span(datetime(2026, 11, 24, 17, 0, tzinfo=UTC), datetime(2026, 11, 24, 17, 10, tzinfo=UTC)),
        Span(datetime(2026, 11, 24, 17, 10, tzinfo=UTC), datetime(2026, 11, 24, 17, 20, tzinfo=UTC)),
        Span(datetime(2026, 11, 24, 17, 20, tzinfo=UTC), datetime(2026, 11, 24, 17, 30, tzinfo=UTC)),
    )


def test_a_talk_that_would_end_too_late_is_not_made() -> None:
    assert clocks(times(TUESDAY, time(18), time(18, 25), 10, zone=ZONE)) == ["18:00-18:10", "18:10-18:20"]


def test_a_break_is_left_out_after_so_many_talks() -> None:
    assert clocks(times(TUESDAY, time(18), time(19), 10, 2, 5, zone=ZONE)) == [
        "18:00-18:10",
        "18:10-18:20",
        "18:25-18:35",
        "18:35-18:45",
        "18:50-19:00",
    ]


def test_half_a_break_is_refused() -> None:
    assert refusal(TUESDAY, time(18), time(19), 10, 2) == Invalid(
        "For a break, give both after how many talks and for how many minutes."
    )


@pytest.mark.parametrize("minutes", [0, -10, 241])
def test_a_length_that_makes_no_sense_is_refused(minutes: int) -> None:
    assert refusal(TUESDAY, time(18), time(19), minutes).message == "A talk must last from 1 to %(most)s minutes."


def test_the_end_must_be_later_than_the_beginning() -> None:
    wrong = refusal(TUESDAY, time(19), time(18), 10)
    assert wrong.message == "The end must be later than the beginning: %(evening)s."


def test_an_evening_too_short_for_one_talk_is_refused() -> None:
    assert dict(refusal(TUESDAY, time(18), time(18, 5), 10).values)["evening"] == "24-11-2026 18:00–18:05"


def test_a_day_of_a_thousand_talks_is_refused() -> None:
    assert refusal(TUESDAY, time(0), time(23, 59), 1) == Invalid(
        "That would be more than %(most)s talks.", (("most", "200"),)
    )


def test_times_that_the_clock_skips_in_spring_are_refused() -> None:
    wrong = refusal(date(2027, 3, 28), time(1, 30), time(4), 30)
    assert wrong.message == "%(moment)s does not exist: the clock is put forward then."
    assert wrong.values == (("moment", "28-03-2027 02:00"),)


def test_times_that_come_twice_in_autumn_are_refused() -> None:
    wrong = refusal(date(2026, 10, 25), time(1, 30), time(4), 30)
    assert wrong.message == "%(moment)s happens twice: the clock is put back then."


def test_the_day_of_a_clock_change_itself_is_fine() -> None:
    first, *_ = times(date(2026, 10, 25), time(18), time(19), 10, zone=ZONE)
    assert first.start == datetime(2026, 10, 25, 17, 0, tzinfo=UTC)
    summer, *_ = times(date(2026, 10, 24), time(18), time(19), 10, zone=ZONE)
    assert summer.start == datetime(2026, 10, 24, 16, 0, tzinfo=UTC)


def test_talks_are_spread_over_evenings_the_first_filled_first() -> None:
    evenings = [Evening(THURSDAY, time(19), time(20)), Evening(TUESDAY, time(18), time(18, 30))]
    made = spread(5, 15, evenings, zone=ZONE)
    assert clocks(made) == ["18:00-18:15", "18:15-18:30", "19:00-19:15", "19:15-19:30", "19:30-19:45"]
    assert [start.date() for start, _ in made] == [TUESDAY, TUESDAY, THURSDAY, THURSDAY, THURSDAY]


def test_the_count_before_a_break_begins_anew_each_evening() -> None:
    evenings = [Evening(TUESDAY, time(18), time(18, 10)), Evening(THURSDAY, time(18), time(19))]
    assert clocks(spread(4, 10, evenings, 2, 10, zone=ZONE)) == [
        "18:00-18:10",
        "18:00-18:10",
        "18:10-18:20",
        "18:30-18:40",
    ]


def test_more_talks_than_fit_are_refused_with_the_number_that_does() -> None:
    with pytest.raises(Refused) as caught:
        spread(9, 10, [Evening(TUESDAY, time(18), time(19))], zone=ZONE)
    assert caught.value.refusal == Invalid(
        "Only %(fit)s of the %(talks)s talks fit into these days.", (("fit", "6"), ("talks", "9"))
    )


def test_six_days_are_refused() -> None:
    days = [Evening(TUESDAY + timedelta(days=number), time(18), time(19)) for number in range(6)]
    with pytest.raises(Refused) as caught:
        spread(3, 10, days, zone=ZONE)
    assert caught.value.refusal == Invalid("Give one day, and at most %(more)s more.", (("more", "4"),))


def test_a_day_that_is_there_twice_with_overlapping_times_is_refused() -> None:
    days = [Evening(TUESDAY, time(18), time(19)), Evening(TUESDAY, time(18, 30), time(20))]
    with pytest.raises(Refused) as caught:
        spread(3, 10, days, zone=ZONE)
    assert caught.value.refusal == Invalid("%(day)s is there twice, with times that overlap.", (("day", "24-11-2026"),))


@given(
    start=st.integers(0, 1200),
    length=st.integers(20, 200),
    minutes=st.integers(5, 20),
    breaks=st.none() | st.tuples(st.integers(1, 5), st.integers(1, 20)),
)
def test_talks_follow_one_another_within_the_evening(
    start: int, length: int, minutes: int, breaks: tuple[int, int] | None
) -> None:
    begin, until = (time(*divmod(minute, 60)) for minute in (start, start + length))
    made = times(TUESDAY, begin, until, minutes, *(breaks or (None, None)), zone="UTC")
    assert made[0].start.time() == begin
    assert made[-1].end.time() <= until
    assert {end - at for at, end in made} == {timedelta(minutes=minutes)}
    for number, (before, after) in enumerate(pairwise(made), start=1):
        gap = breaks[1] if breaks and number % breaks[0] == 0 else 0
        assert after.start - before.end == timedelta(minutes=gap)
