"""What Prometheus may ask: requests by kind of answer, and from the database the outbox and the totals."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.database.engine import Database
from storage.tables import Booking, Family, Notice, Owed, School
from storage.words import NoticeState


class Metrics:
    """One process's registry."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tienminuten_requests", "Requests answered, by status", ["status"], registry=self.registry
        )
        self.seconds = Histogram("tienminuten_request_seconds", "Time to the first byte", registry=self.registry)
        ProcessCollector(registry=self.registry)
        self.registry.register(_Totals(database, now))


class _Totals(Collector):
    """Counted when asked."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is counted when registering."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        totals, notices, oldest = self._database.read(_count)
        for name, number in totals.items():
            yield GaugeMetricFamily(f"tienminuten_{name}", f"How many {name}", value=number)
        by_state = GaugeMetricFamily("tienminuten_notices", "Notices in the outbox", labels=["state"])
        for state in NoticeState:
            by_state.add_metric([str(state)], notices.get(state, 0))
        yield by_state
        late = max(0.0, (self._now() - oldest).total_seconds()) if oldest else 0.0
        yield GaugeMetricFamily("tienminuten_notice_late_seconds", "How late the oldest waiting notice is", value=late)


def _count(session: Session) -> tuple[dict[str, int], dict[NoticeState, int], datetime | None]:
    totals = {
        name: session.execute(select(func.count()).select_from(table).where(*which)).scalar_one()
        for name, table, which in (
            ("schools", School, ()),
            ("families", Family, ()),
            ("bookings", Booking, (col(Booking.cancelled).is_(None),)),
            ("owed", Owed, ()),  # screens that chats must still be shown, and messages that must go
        )
    }
    notices = dict(session.execute(select(col(Notice.state), func.count()).group_by(col(Notice.state))).all())
    oldest = session.execute(select(func.min(col(Notice.due))).where(col(Notice.state) == NoticeState.WAITING)).scalar()
    return totals, notices, oldest
