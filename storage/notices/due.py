"""Everything that becomes due by the clock alone, asked of the database at each tick (rule 19)."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from storage.notices import school_edits, turning_points
from storage.notices.digests import plan_digests
from storage.notices.reminders import plan_reminders
from storage.notices.sign_up import plan_sign_up
from storage.outbox.queue import recover


def plan(session: Session, now: datetime, holding: Collection[int] = ()) -> None:
    """Write down what is due now, and give back what a dead sender held. Doing it twice changes nothing.

    `holding` are the notices that this process is sending.
    """
    recover(session, now, holding)
    plan_reminders(session, now)
    plan_digests(session, now)
    plan_sign_up(session, now)
    turning_points.plan_redraws(session, now)
    school_edits.plan_redraws(session, now)
