"""Time: UTC inside, the school's wall clock outside (rule 18).

Nothing here reads a clock but `now`. Local times that do not exist or exist twice are refused, never guessed.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.refusals import Invalid, Refused


def now() -> datetime:
    """This moment, aware, in UTC. Edges call it; actions, queries and rules are given it."""
    return datetime.now(UTC)


def to_local(moment: datetime, zone: str) -> datetime:
    """The wall time of `moment` in the school's zone (an IANA name)."""
    return moment.astimezone(ZoneInfo(zone))


def to_utc(wall: datetime, zone: str) -> datetime:
    """The moment of a naive wall time in the school's zone.

    Raises Refused(Invalid) for a wall time that the clock change skips or shows twice (rule 18).
    """
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    moment = local.astimezone(UTC)
    shown = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    values = (("moment", f"{wall:%d-%m-%Y %H:%M}"),)
    if shown != wall:
        raise Refused(Invalid("%(moment)s does not exist: the clock is put forward then.", values))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise Refused(Invalid("%(moment)s happens twice: the clock is put back then.", values))
    return moment


def wall_moment(day: date, at: time, zone: str) -> datetime:
    """A wall time that must exist for the scheduler, e.g. the day before at 18:00.

    Where the clock skips it, the moment just after; where it comes twice, the first: only from 02:00 to 03:00.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def local_day(moment: datetime, zone: str) -> date:
    """The day of a moment on the wall clock of a zone."""
    return to_local(moment, zone).date()


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first moment of a local day and of the next, in UTC (23, 24 or 25 hours apart)."""
    return wall_moment(day, time.min, zone), wall_moment(day + timedelta(days=1), time.min, zone)
