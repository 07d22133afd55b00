"""Who can be told anything at all (M3): one meaning, for the count on the first page and for the list it leads to."""

from sqlalchemy import ColumnElement, and_, exists
from sqlmodel import col

from storage.tables import Chat, Family, FamilyStudent, Link, Student

_OF_FAMILY = (
    col(FamilyStudent.school_id) == col(Family.school_id),
    col(FamilyStudent.family_id) == col(Family.id),
    col(Student.id) == col(FamilyStudent.student_id),
)
_CHATS = exists().where(
    col(Link.school_id) == col(Family.school_id),
    col(Link.family_id) == col(Family.id),
    col(Chat.id) == col(Link.chat_id),
    col(Chat.reachable).is_(True),
)

# A family of children who are still here, let in, with neither a chat that can be reached nor a mail address.
UNREACHABLE: ColumnElement[bool] = and_(
    col(Family.blocked).is_(False),
    col(Family.email) == "",
    exists().where(*_OF_FAMILY, col(Student.left).is_(None)),
    ~exists().where(*_OF_FAMILY, col(Student.email) != ""),
    ~_CHATS,
)
