"""Time: UTC inside, the school's wall clock outside, and the two nights on which that clock jumps (rule 18)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from storage import timezone
from storage.refusals import Invalid, Refused
from storage.tables import Planning
from tests.support.cast import Cast

AMSTERDAM = "Europe/Amsterdam"
AUTUMN = date(2026, 10, 25)  # 03:00 becomes 02:00: 02:30 comes twice
SPRING = date(2027, 3, 28)  # 02:00 becomes 03:00: 02:30 never comes


@pytest.mark.parametrize(
    ("wall", "moment"),
    [
        (datetime(2026, 11, 24, 18, 0), datetime(2026, 11, 24, 17, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 18, 0), datetime(2026, 7, 1, 16, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (datetime(2026, 10, 25, 3, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        (datetime(2027, 3, 28, 1, 59), datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        (datetime(2027, 3, 28, 3, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_wall_time_is_one_moment_and_back(wall: datetime, moment: datetime) -> None:
    assert timezone.to_utc(wall, AMSTERDAM) == moment
    assert timezone.to_local(moment, AMSTERDAM).replace(tzinfo=None) == wall


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_a_time_that_the_clock_skips_is_refused(minute: int) -> None:
    with pytest.raises(Refused) as caught:
        timezone.to_utc(datetime.combine(SPRING, time(2, minute)), AMSTERDAM)
    assert caught.value.refusal == Invalid(
        "%(moment)s does not exist: the clock is put forward then.", (("moment", f"28-03-2027 02:{minute:02}"),)
    )


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_a_time_that_comes_twice_is_refused(minute: int) -> None:
    with pytest.raises(Refused) as caught:
        timezone.to_utc(datetime.combine(AUTUMN, time(2, minute)), AMSTERDAM)
    assert caught.value.refusal == Invalid(
        "%(moment)s happens twice: the clock is put back then.", (("moment", f"25-10-2026 02:{minute:02}"),)
    )


@pytest.mark.parametrize(("day", "hours"), [(AUTUMN, 25), (SPRING, 23), (date(2026, 11, 24), 24)])
def test_a_local_day_is_as_long_as_the_clock_makes_it(day: date, hours: int) -> None:
    first, next_ = timezone.day_bounds(day, AMSTERDAM)
    assert next_ - first == timedelta(hours=hours)
    assert timezone.local_day(first, AMSTERDAM) == day
    assert timezone.local_day(next_ - timedelta(microseconds=1), AMSTERDAM) == day
    assert timezone.local_day(next_, AMSTERDAM) == day + timedelta(days=1)


@pytest.mark.parametrize("day", [AUTUMN, SPRING])
def test_the_day_before_at_six_is_six_on_the_wall(day: date) -> None:
    """Not 24 hours earlier: on these nights that is five or seven."""
    before, on_the_day = (timezone.wall_moment(one, time(18), AMSTERDAM) for one in (day - timedelta(days=1), day))
    assert timezone.to_local(before, AMSTERDAM).time() == time(18)
    assert on_the_day - before == timedelta(hours=25 if day == AUTUMN else 23)


def test_a_scheduled_time_that_is_skipped_falls_just_after() -> None:
    assert timezone.wall_moment(SPRING, time(2, 30), AMSTERDAM) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert timezone.wall_moment(AUTUMN, time(2, 30), AMSTERDAM) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_depends_on_the_school_s_zone() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert timezone.local_day(late, AMSTERDAM) == date(2026, 11, 25)
    assert timezone.local_day(late, "America/Curacao") == date(2026, 11, 24)


def test_now_is_aware_and_in_utc() -> None:
    assert timezone.now().utcoffset() == timedelta(0)


def test_moments_come_back_from_the_database_as_they_went_in(cast: Cast) -> None:
    """Both sides of the autumn night, given in the school's zone: one hour apart, and still so afterwards."""
    first, last = timezone.day_bounds(AUTUMN, AMSTERDAM)
    at = timezone.to_local(first, AMSTERDAM)
    cast.database.work(lambda session: session.execute(update(Planning).values(opens=at, closes=last)))
    kept = cast.database.read(lambda session: session.execute(select(col(Planning.opens), col(Planning.closes))).all())
    assert {tuple(row) for row in kept} == {(first, last)}
    assert {moment.tzinfo for row in kept for moment in row} == {UTC}


def test_a_moment_without_a_zone_is_never_written(cast: Cast) -> None:
    naive = datetime(2026, 11, 24, 18, 0)
    with pytest.raises(Exception, match="a moment without a zone"):
        cast.database.work(lambda session: session.execute(update(Planning).values(opens=naive)))
