"""Coming in as a parent does: a chat at a school, a first name, a secret. Used by the tests of access and booking."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, SQLModel, col

from storage import tables
from storage.access import chats, signing_in
from storage.database.engine import Database
from storage.values.normalise import name as name_key
from storage.words import ChatKind, SecretKind
from tests.support.cast import NOW, PEPPER, Cast, credential


def arrives(cast: Cast, address: str, school: int = 0, kind: ChatKind = ChatKind.TELEGRAM) -> int:
    """A chat that turned to a school (De Regenboog unless told). Returns its id."""

    def arrive(session: Session) -> int:
        visitor = chats.visit(session, kind, address, "nl", NOW)
        chats.enter_school(session, visitor.chat_id, school or cast.school)
        return visitor.chat_id

    return cast.database.work(arrive)


def tries(cast: Cast, chat: int, name: str, secret: str, now: datetime = NOW) -> signing_in.Outcome:
    """First name and secret, as two messages."""
    cast.database.work(signing_in.give_first_name, chat, name, now)
    return cast.database.work(signing_in.give_secret, chat, secret, now, PEPPER)


def adds(cast: Cast, chat: int, text: str, now: datetime = NOW) -> signing_in.Outcome:
    """The second datum."""
    return cast.database.work(signing_in.give_second, chat, text, now, PEPPER)


def looks(cast: Cast, address: str, kind: ChatKind = ChatKind.TELEGRAM) -> chats.Visitor:
    visitor = cast.database.read(chats.look, kind, address)
    assert visitor is not None
    return visitor


def school_of(cast: Cast, address: str) -> chats.SchoolView:
    """The school that a chat turned to."""
    school = looks(cast, address).school
    assert school is not None
    return school


def family_of(cast: Cast, address: str) -> chats.FamilyView:
    """The family that a chat is signed in to."""
    family = looks(cast, address).family
    assert family is not None
    return family


def comes_in(cast: Cast, address: str, name: str, secret: str, kind: ChatKind = ChatKind.TELEGRAM) -> int:
    """A chat that is linked. Returns its id."""
    chat = arrives(cast, address, kind=kind)
    outcome = tries(cast, chat, name, secret)
    assert isinstance(outcome, signing_in.ChatSignedIn), outcome
    return chat


def moves_in(
    cast: Cast,
    family: str,
    first: str,
    prefix: str = "",
    last: str = "",
    *,
    postcode: str = "3511AB",
    house_number: str = "",
    group: str = "groep4",
    call_name: str = "",
    family_id: int = 0,
    code: str = "",
) -> tuple[int, int]:
    """One more child, with a family of its own (or an existing one), by postcode. Returns (family, student)."""

    def move_in(session: Session) -> tuple[int, int]:
        student = tables.Student(
            school_id=cast.school, first_name=first, prefix=prefix, last_name=last, postcode=postcode,
            house_number=house_number, call_name=call_name, name_key=name_key(first), call_key=name_key(call_name),
        )  # fmt: skip
        its_family = session.get(tables.Family, family_id) or tables.Family(school_id=cast.school, name=family)
        session.add_all([student, its_family])
        session.flush()
        new_family, new_student = its_family.id or 0, student.id or 0
        here = {"school_id": cast.school, "student_id": new_student}
        session.add(tables.StudentGroup(**here, group_id=cast.ids[group]))
        session.add(tables.FamilyStudent(**here, family_id=new_family))
        kinds = [(SecretKind.POSTCODE, postcode)] + ([(SecretKind.CODE, code)] if code else [])
        for kind, value in kinds:
            kept = credential(kind, value)
            session.add(tables.Credential(**here, family_id=new_family, kind=kind, value=kept))
        return new_family, new_student

    return cast.database.work(move_in)


def count(database: Database, table: type[SQLModel], *where: ColumnElement[bool]) -> int:
    return database.read(lambda session: session.scalar(select(func.count()).select_from(table).where(*where)) or 0)


def whole_database(database: Database) -> str:
    """Every row of every table, as text: to search for what must not be there."""

    def rows(session: Session) -> str:
        return "\n".join(
            f"{table.name} {row!r}" for table in tables.metadata.sorted_tables for row in session.execute(select(table))
        )

    return database.read(rows)


def step_of(database: Database, chat: int) -> tuple[str, str, str]:
    """(step, first name, secret) of a chat: what it remembers while signing in."""

    def remembered(session: Session) -> tuple[str, str, str]:
        here = tables.Chat
        found = session.execute(
            select(col(here.step), col(here.first_name), col(here.secret)).where(col(here.id) == chat)
        )
        step, first_name, secret = found.one()
        return step, first_name, secret

    return database.read(remembered)
