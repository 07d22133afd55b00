"""One student by hand: a child who comes in during the year, or one whose data are wrong.

What is typed is checked exactly as an import is, so that no way in is laxer than another. A change that touches what
credentials are made of renews them in the same transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from storage.access.credentials import renew
from storage.access.register import hold
from storage.audit.record import record
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import Group, School, Student, StudentGroup
from storage.timezone import local_day
from storage.values.email_address import emails
from storage.values.group_names import LONGEST
from storage.values.person_names import group_key, key, keys
from storage.values.student_data import (
    NO_FIRST_NAME,
    birth_date,
    house_number,
    number_key,
    person_name,
    phone,
    postcode,
    split_last_name,
    student_number,
)
from storage.values.text import BadCell, needed, tidy
from storage.words import Act, Acting


@dataclass(frozen=True, slots=True)
class StudentForm:
    """What is typed about a student, as text. `new_group`: the name of a group that may not be there yet."""

    first_name: str = ""
    prefix: str = ""
    last_name: str = ""
    call_name: str = ""
    postcode: str = ""
    house_number: str = ""
    birth_date: str = ""
    student_number: str = ""
    email: str = ""
    phone: str = ""
    group_ids: frozenset[int] = frozenset()
    new_group: str = ""


def enrol(session: Session, school_id: int, acting: Acting, form: StudentForm) -> int:
    """Write a new student down; returns its id. It has no family yet, so nobody can sign in for it.

    Raises Refused: NotFound for a group of elsewhere; Invalid with the first thing that is wrong, or because the same
    child is here already.
    """
    hold(session, school_id)
    values = _checked(form, _zone(session, school_id), acting.now)
    _refuse_double(session, school_id, values)
    group_ids = _groups(session, school_id, form)
    row = Student(school_id=school_id, **values)
    session.add(row)
    session.flush()
    assert row.id is not None
    _set_groups(session, school_id, row.id, group_ids)
    record(session, school_id, acting, Act.STUDENT_CHANGED, row.id, change="enrolled")
    return row.id


def edit(session: Session, school_id: int, acting: Acting, student_id: int, form: StudentForm, pepper: bytes) -> None:
    """Change a student by hand. Raises Refused: NotFound; Invalid with the first thing that is wrong."""
    hold(session, school_id)
    row = session.scalar(select(Student).where(col(Student.school_id) == school_id, col(Student.id) == student_id))
    if row is None:
        raise Refused(NotFound("student"))
    values = _checked(form, _zone(session, school_id), acting.now)
    if values["student_number"] != row.student_number:
        _refuse_number(session, school_id, values["student_number"], but=student_id)
    group_ids = _groups(session, school_id, form)
    fields = sorted(name for name, value in values.items() if name not in _KEYS and getattr(row, name) != value)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    if _set_groups(session, school_id, student_id, group_ids):
        fields.append("group")
    if not fields:
        return
    renew(session, school_id, pepper)
    record(session, school_id, acting, Act.STUDENT_CHANGED, student_id, change="edited", fields=fields)


_KEYS = ("name_key", "call_key")


def _checked(form: StudentForm, zone: str, now: datetime) -> dict[str, Any]:
    try:
        prefix, last_name = split_last_name(form.last_name)
        values: dict[str, Any] = {
            "first_name": needed(person_name, NO_FIRST_NAME)(form.first_name),
            "prefix": tidy(form.prefix, 30) or prefix,
            "last_name": last_name,
            "call_name": person_name(form.call_name),
            "postcode": postcode(form.postcode),
            "house_number": house_number(form.house_number),
            "birth_date": birth_date(form.birth_date, today=local_day(now, zone), zone=ZoneInfo(zone)),
            "student_number": student_number(form.student_number.strip()),
            "email": emails(form.email.strip()),
            "phone": phone(form.phone.strip()),
        }
    except BadCell as bad:
        raise Refused(Invalid(bad.reason, bad.values)) from None
    values["name_key"], values["call_key"] = keys(values["first_name"], values["call_name"])
    return values


def _zone(session: Session, school_id: int) -> str:
    zone = session.scalar(select(col(School.timezone)).where(col(School.id) == school_id))
    if zone is None:
        raise Refused(NotFound("school"))
    return zone


def _refuse_number(session: Session, school_id: int, number: str, but: int = 0) -> None:
    """Numbers are compared without their leading zeros, as an import does."""
    if not number:
        return
    held = select(col(Student.student_number)).where(
        col(Student.school_id) == school_id, col(Student.id) != but, col(Student.student_number) != ""
    )
    if number_key(number) in map(number_key, session.scalars(held)):
        raise Refused(Invalid("Another student has this student number."))


def _refuse_double(session: Session, school_id: int, values: dict[str, Any]) -> None:
    """The child that is typed may be here: by its number, or by its name and birth date (rule 26)."""
    _refuse_number(session, school_id, values["student_number"])
    firsts = [values["name_key"], values["call_key"] or values["name_key"]]
    namesakes = select(col(Student.last_name), col(Student.birth_date), col(Student.left)).where(
        col(Student.school_id) == school_id, col(Student.name_key).in_(firsts) | col(Student.call_key).in_(firsts)
    )
    for last_name, born, left in session.execute(namesakes):
        if key(last_name) == key(values["last_name"]) and born is not None and born == values["birth_date"]:
            raise Refused(
                Invalid(
                    "This child was at school before: look among the leavers and let it come back."
                    if left
                    else "A student with this name and date of birth is here already."
                )
            )


def _groups(session: Session, school_id: int, form: StudentForm) -> frozenset[int]:
    """The ids of the groups that were ticked, and of the one that was typed, which is made where it is new."""
    there = select(col(Group.name), col(Group.id)).where(col(Group.school_id) == school_id)
    known = {group_key(name): id_ for name, id_ in session.execute(there)}
    if not form.group_ids <= set(known.values()):
        raise Refused(NotFound("group"))
    try:
        name = tidy(form.new_group.replace(",", " ").replace(";", " "), LONGEST)
    except BadCell as bad:
        raise Refused(Invalid(bad.reason, bad.values)) from None
    if not name and not form.group_ids:
        raise Refused(Invalid("Choose a group."))
    if not name:
        return form.group_ids
    if group_key(name) not in known:
        group = Group(school_id=school_id, name=name)
        session.add(group)
        session.flush()
        known[group_key(name)] = group.id
    made = known[group_key(name)]
    assert made is not None
    return form.group_ids | {made}


def _set_groups(session: Session, school_id: int, student_id: int, group_ids: frozenset[int]) -> bool:
    """Whether they were others before."""
    own = col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id) == student_id
    if frozenset(session.scalars(select(col(StudentGroup.group_id)).where(*own))) == group_ids:
        return False
    session.execute(delete(StudentGroup).where(*own))
    rows = [{"school_id": school_id, "student_id": student_id, "group_id": id_} for id_ in sorted(group_ids)]
    session.execute(insert(StudentGroup), rows)
    return True
