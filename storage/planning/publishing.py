"""Showing plannings to parents, after a check of what would go wrong (D13)."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from storage.audit.record import record
from storage.planning.readiness import facts
from storage.planning.readiness.findings import Finding, NotReady, Severity
from storage.refusals import Booked, NotFound, Refused
from storage.tables import Booking, Conference, Planning
from storage.words import Act, Acting, PlanningState


@dataclass(frozen=True, slots=True)
class Published:
    """Which drafts were published, and what was noticed on the way."""

    planning_ids: tuple[int, ...]
    findings: tuple[Finding, ...]


def publish(
    session: Session,
    school_id: int,
    acting: Acting,
    *,
    conference_id: int | None = None,
    planning_id: int | None = None,
) -> Published:
    """Publish all drafts: of the school, of one conference, or one planning alone. All or none; none twice.

    Raises Refused: NotFound; NotReady when something is wrong with one of them. A warning stops nothing: fewer times
    than children may be meant so, or more evenings follow while sign-up runs.
    """
    _refuse_unknown(session, school_id, conference_id, planning_id)
    drafts = _drafts(session, school_id, conference_id, planning_id)
    if not drafts:
        return Published((), ())
    found = tuple(
        finding
        for finding in facts.check(session, school_id, now=acting.now)
        if finding.planning_id is None or finding.planning_id in drafts
    )
    if any(finding.severity is Severity.WRONG for finding in found):
        raise Refused(NotReady(found))
    session.execute(update(Planning).where(col(Planning.id).in_(drafts)).values(state=PlanningState.PUBLISHED))
    for id_ in drafts:
        record(session, school_id, acting, Act.PUBLISHED, id_)
    return Published(tuple(drafts), found)


def unpublish(session: Session, school_id: int, acting: Acting, planning_id: int) -> None:
    """Back to draft: parents no longer see it. Raises Refused: NotFound; Booked while anybody is booked."""
    mine = (col(Planning.school_id) == school_id, col(Planning.id) == planning_id)
    state = session.execute(select(col(Planning.state)).where(*mine).with_for_update()).scalar_one_or_none()
    if state is None:
        raise Refused(NotFound("planning"))
    if state is PlanningState.DRAFT:
        return
    live = select(func.count()).where(
        col(Booking.school_id) == school_id, col(Booking.planning_id) == planning_id, col(Booking.cancelled).is_(None)
    )
    if count := session.execute(live).scalar_one():
        raise Refused(Booked(count))
    session.execute(update(Planning).where(*mine).values(state=PlanningState.DRAFT))
    record(session, school_id, acting, Act.PLANNING_CHANGED, planning_id, state=str(PlanningState.DRAFT))


def _drafts(session: Session, school_id: int, conference_id: int | None, planning_id: int | None) -> list[int]:
    sought = select(col(Planning.id)).where(
        col(Planning.school_id) == school_id, col(Planning.state) == PlanningState.DRAFT
    )
    if conference_id is not None:
        sought = sought.where(col(Planning.conference_id) == conference_id)
    if planning_id is not None:
        sought = sought.where(col(Planning.id) == planning_id)
    found = session.execute(sought.order_by(col(Planning.id)).with_for_update(key_share=True)).scalars()
    return [id_ for id_ in found if id_ is not None]


def _refuse_unknown(session: Session, school_id: int, conference_id: int | None, planning_id: int | None) -> None:
    for what, table, id_ in (("conference", Conference, conference_id), ("planning", Planning, planning_id)):
        if id_ is None:
            continue
        sought = select(func.count()).where(col(table.school_id) == school_id, col(table.id) == id_)
        if not session.execute(sought).scalar_one():
            raise Refused(NotFound(what))
