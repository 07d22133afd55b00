"""When sign-up opens or closes, what chats show of it is old: their screens are drawn anew (rule 34).

Asked of the database at each tick, like all that becomes due (rule 19): a screen that was sent before such a moment,
of a chat that looks at a family with a child that takes part.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.outbox.owed import SCREEN, owe_redraw_where
from storage.tables import Chat, FamilyStudent, Owed, Planning, PlanningGroup, StudentGroup
from storage.words import PlanningState

LOOK_BACK = timedelta(hours=1)  # a process that stood still for longer has more to do than this


def plan_redraws(session: Session, now: datetime) -> None:
    """Owe each chat a redraw whose screen is from before a turning point that has just been."""
    passed = _passed(session, now)
    if not passed:
        return
    owed = exists().where(col(Owed.chat_id) == col(Chat.id), col(Owed.message_id) == SCREEN)
    stale = or_(*(and_(col(Chat.drawn) < moment, _takes_part(planning)) for planning, moment in passed))
    owe_redraw_where(session, now, stale, ~owed)


def _passed(session: Session, now: datetime) -> list[tuple[int, datetime]]:
    """(planning, moment) of every opening and closing within LOOK_BACK."""
    since = now - LOOK_BACK
    moments = []
    for column in (col(Planning.opens), col(Planning.opens_early), col(Planning.closes)):
        asked = select(col(Planning.id), column).where(
            col(Planning.state) == PlanningState.PUBLISHED, column > since, column <= now
        )
        moments += [(planning, moment) for planning, moment in session.execute(asked) if planning and moment]
    return moments


def _takes_part(planning_id: int) -> ColumnElement[bool]:
    """The family that the chat looks at has a child in the planning's groups."""
    return exists(
        select(col(FamilyStudent.student_id))
        .join(StudentGroup, same(StudentGroup.student_id, FamilyStudent.student_id))
        .join(PlanningGroup, same(PlanningGroup.group_id, StudentGroup.group_id))
        .where(
            col(FamilyStudent.school_id) == col(Chat.school_id),
            col(FamilyStudent.family_id) == col(Chat.family_id),
            col(PlanningGroup.planning_id) == planning_id,
        )
        .correlate(Chat)
    )
