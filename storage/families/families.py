"""Changing families by hand (D7): who belongs to whom, what a family is called, where its mail goes.

What is done here is marked, so that no later automatic run undoes it. A child with a talk ahead is not taken away from
the family that holds it, and no family is left without children: never limbo (rule 13). Credentials follow at once.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from storage.access.credentials import renew
from storage.access.locking import lock
from storage.audit.record import record
from storage.outbox.recipients import family_addresses
from storage.refusals import Booked, Invalid, NotFound, Refused
from storage.tables import Booking, Family, FamilyStudent, Letter, Notice, Slot, Student
from storage.values.email_address import each, typed_emails
from storage.values.person_names import family_name
from storage.values.text import BadCell, tidy
from storage.words import Act, Acting, AddressOwner, NoticeKind, NoticeState, Recipient


def move(
    session: Session,
    school_id: int,
    acting: Acting,
    student_id: int,
    family_id: int,
    to: int | None,
    pepper: bytes,
    name: str = "",
) -> int:
    """Put a child of one family in another, or (`to` None) in a new one; returns that family's id.

    A new family has no secret until it gets one. An emptied family is removed; its old bookings go with the child.
    Raises Refused: NotFound; Booked while the family holds a talk ahead for this child; Invalid.
    """
    lock(session, school_id, family_id, to)
    child = _child_of(session, school_id, family_id, student_id)
    _refuse_booked(session, school_id, family_id, [student_id], acting.now)
    if to == family_id or (to is not None and _belongs(session, school_id, to, student_id)):
        raise Refused(Invalid("This child is in that family already."))
    if to is None and _children(session, school_id, family_id) == 1 and len(_families(session, school_id, child)) == 1:
        raise Refused(Invalid("This child is the only one of its family already."))
    target = _new(session, school_id, child, name) if to is None else to
    _leave(session, school_id, family_id, student_id)
    _join(session, school_id, target, student_id)
    mark(session, school_id, family_id, target)
    _void_letters(session, school_id, family_id)
    _remove_when_empty(session, school_id, family_id, target)
    renew(session, school_id, pepper)
    record(session, school_id, acting, Act.FAMILY_CHANGED, target, change="moved", student=student_id, out=family_id)
    return target


def split(
    session: Session,
    school_id: int,
    acting: Acting,
    family_id: int,
    student_ids: Collection[int],
    pepper: bytes,
    name: str = "",
) -> int:
    """Put some of a family's children in a new family together; returns its id.

    Chats, mail address and code stay with the first; letters that are out let nobody in any more, for nobody knows
    whose hands they are in. The new family has no secret until it gets one. Raises Refused: NotFound; Invalid when no
    child or every child is chosen; Booked while the family holds talks ahead for one of them.
    """
    lock(session, school_id, family_id)
    chosen = sorted(set(student_ids))
    if not chosen:
        raise Refused(Invalid("Tick the children who get a family of their own."))
    children = [_child_of(session, school_id, family_id, id_) for id_ in chosen]
    if len(children) == _children(session, school_id, family_id):
        raise Refused(Invalid("At least one child stays in this family."))
    _refuse_booked(session, school_id, family_id, chosen, acting.now)
    target = _new(session, school_id, children[0], name)
    for student_id in chosen:
        _leave(session, school_id, family_id, student_id)
        _join(session, school_id, target, student_id)
    mark(session, school_id, family_id)
    _void_letters(session, school_id, family_id)
    renew(session, school_id, pepper)
    record(session, school_id, acting, Act.FAMILY_CHANGED, target, change="split", students=chosen, out=family_id)
    return target


def take_out(
    session: Session, school_id: int, acting: Acting, student_id: int, family_id: int, pepper: bytes
) -> int | None:
    """Take a child out of a family. It stays in its other family (None), or gets one of its own: returns its id.

    Raises Refused as `move` does.
    """
    lock(session, school_id, family_id)
    child = _child_of(session, school_id, family_id, student_id)
    others = [id_ for id_ in _families(session, school_id, child) if id_ != family_id]
    if not others:
        return move(session, school_id, acting, student_id, family_id, None, pepper)
    _refuse_booked(session, school_id, family_id, [student_id], acting.now)
    _leave(session, school_id, family_id, student_id)
    mark(session, school_id, family_id, *others)
    _void_letters(session, school_id, family_id)
    _remove_when_empty(session, school_id, family_id, others[0])
    renew(session, school_id, pepper)
    record(session, school_id, acting, Act.FAMILY_CHANGED, family_id, change="taken_out", student=student_id)
    return None


def add(
    session: Session,
    school_id: int,
    acting: Acting,
    student_id: int,
    to: int | None,
    pepper: bytes,
    name: str = "",
    owners: Mapping[str, AddressOwner] | None = None,
) -> int:
    """Put a child in one more family (divorced parents), or (`to` None) in a new one; returns that family's id.

    The child's own data keep opening its first family only (rule 1), and its address stands for neither from now on
    (rule 23): `owners` says of each of `shared_addresses` whose it is. Raises Refused: NotFound; Invalid, also where an
    address is not spoken of.
    """
    lock(session, school_id, to)
    child = _student(session, school_id, student_id)
    if to is not None and _belongs(session, school_id, to, student_id):
        raise Refused(Invalid("This child is in that family already."))
    known, owners = shared_addresses(session, school_id, student_id), owners or {}
    if not set(known) <= owners.keys():
        raise Refused(Invalid("Say of each address whose it is."))
    first = _families(session, school_id, child)
    target = _new(session, school_id, child, name) if to is None else to
    _give(session, school_id, target, [one for one in known if owners[one] is AddressOwner.SECOND])
    _join(session, school_id, target, student_id)
    if known:
        stay = ", ".join(one for one in known if owners[one] is AddressOwner.FIRST)
        set_values(session, school_id, first[0], email=stay)
    mark(session, school_id, target)
    renew(session, school_id, pepper)
    record(session, school_id, acting, Act.FAMILY_CHANGED, target, change="added", student=student_id)
    return target


def shared_addresses(session: Session, school_id: int, student_id: int) -> tuple[str, ...]:
    """Of a child with one household, every address that the school writes to for it: perhaps of two parents."""
    child = _student(session, school_id, student_id)
    families = _families(session, school_id, child)
    if len(families) != 1:
        return ()
    known = {address.lower(): address for address in family_addresses(session, school_id, families[0])}
    for address in each(child.email):
        known.setdefault(address.lower(), address)
    return tuple(known.values())


def _give(session: Session, school_id: int, family_id: int, addresses: Collection[str]) -> None:
    """These addresses to a family, beside those that it has. Raises Refused(Invalid) where they do not fit."""
    if addresses:
        every = ", ".join(dict.fromkeys((*family_addresses(session, school_id, family_id), *addresses)))
        set_values(session, school_id, family_id, email=typed_emails(every))


def keep_apart(session: Session, school_id: int, acting: Acting, family_ids: list[int]) -> None:
    """A person has looked: these are different families, and no run asks again. Raises Refused(NotFound)."""
    lock(session, school_id, *family_ids)
    mark(session, school_id, *family_ids)
    for family_id in sorted(set(family_ids)):
        record(session, school_id, acting, Act.FAMILY_CHANGED, family_id, change="kept_apart")


def rename(session: Session, school_id: int, acting: Acting, family_id: int, name: str) -> None:
    """What the desk and the parents call this family. Raises Refused: NotFound, Invalid."""
    lock(session, school_id, family_id)
    set_values(session, school_id, family_id, name=_name(name))
    record(session, school_id, acting, Act.FAMILY_CHANGED, family_id, change="renamed")


def set_email(session: Session, school_id: int, acting: Acting, family_id: int, email: str) -> None:
    """Where its mail goes, one address or "a, b"; '' is: to its children's. Raises Refused: NotFound, Invalid."""
    lock(session, school_id, family_id)
    set_values(session, school_id, family_id, email=typed_emails(email))
    record(session, school_id, acting, Act.FAMILY_CHANGED, family_id, change="email")


def _student(session: Session, school_id: int, student_id: int) -> Student:
    child = session.scalar(select(Student).where(col(Student.school_id) == school_id, col(Student.id) == student_id))
    if child is None:
        raise Refused(NotFound("student"))
    return child


def _child_of(session: Session, school_id: int, family_id: int, student_id: int) -> Student:
    child = _student(session, school_id, student_id)
    if not _belongs(session, school_id, family_id, student_id):
        raise Refused(NotFound("student"))
    return child


def _families(session: Session, school_id: int, child: Student) -> list[int]:
    rows = select(col(FamilyStudent.family_id)).where(
        col(FamilyStudent.school_id) == school_id, col(FamilyStudent.student_id) == child.id
    )
    return list(session.scalars(rows.order_by(col(FamilyStudent.family_id))))


def _belongs(session: Session, school_id: int, family_id: int, student_id: int) -> bool:
    return session.get(FamilyStudent, (school_id, family_id, student_id)) is not None


def _children(session: Session, school_id: int, family_id: int) -> int:
    count = select(func.count()).where(
        col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id
    )
    return session.scalar(count) or 0


def _new(session: Session, school_id: int, child: Student, name: str) -> int:
    called_so = name or family_name(child.first_name, child.prefix, child.last_name, child.call_name)
    family = Family(school_id=school_id, name=_name(called_so), by_hand=True)
    session.add(family)
    session.flush()
    assert family.id is not None
    return family.id


def _join(session: Session, school_id: int, family_id: int, student_id: int) -> None:
    session.add(FamilyStudent(school_id=school_id, family_id=family_id, student_id=student_id))
    session.flush()


def _leave(session: Session, school_id: int, family_id: int, student_id: int) -> None:
    session.delete(session.get_one(FamilyStudent, (school_id, family_id, student_id)))
    session.flush()


def _void_letters(session: Session, school_id: int, family_id: int) -> None:
    """A letter that is out may be in the hands of the parent whose child has just gone (rule 7)."""
    out = delete(Letter).where(
        col(Letter.school_id) == school_id, col(Letter.family_id) == family_id, col(Letter.used).is_(None)
    )
    session.execute(out)


def set_values(session: Session, school_id: int, family_id: int, **values: Any) -> None:
    """Set columns of one family by name, without a check; does nothing where the school has no such family."""
    own = update(Family).where(col(Family.school_id) == school_id, col(Family.id) == family_id)
    session.execute(own.values(**values))


def mark(session: Session, school_id: int, *family_ids: int) -> None:
    """Somebody changed these by hand: no automatic run undoes it (D6)."""
    own = update(Family).where(col(Family.school_id) == school_id, col(Family.id).in_(family_ids))
    session.execute(own.values(by_hand=True))


def _refuse_booked(
    session: Session, school_id: int, family_id: int, student_ids: Collection[int], now: datetime
) -> None:
    ahead = (
        select(func.count())
        .select_from(Booking)
        .join(Slot, col(Slot.id) == col(Booking.slot_id))
        .where(
            col(Booking.school_id) == school_id,
            col(Booking.family_id) == family_id,
            col(Booking.student_id).in_(student_ids),
            col(Booking.cancelled).is_(None),
            col(Slot.end) > now,
        )
    )
    if count := session.scalar(ahead):
        raise Refused(Booked(count))


def take_over_bookings(session: Session, school_id: int, out: int, to: int) -> None:
    """Whose talks were the one family's are the other's now, and what waits to be told of them goes along."""
    held = update(Booking).where(col(Booking.school_id) == school_id, col(Booking.family_id) == out)
    session.execute(held.where(col(Booking.one_of) == out).values(one_of=to))
    session.execute(held.values(family_id=to))
    waiting = update(Notice).where(
        col(Notice.school_id) == school_id,
        col(Notice.recipient) == Recipient.FAMILY,
        col(Notice.recipient_id) == out,
        col(Notice.kind) == NoticeKind.CHANGED,
        col(Notice.state) == NoticeState.WAITING,
    )
    session.execute(waiting.values(recipient_id=to))


def _remove_when_empty(session: Session, school_id: int, family_id: int, heir: int) -> None:
    """A family without children is nobody's: its past goes to where its last child went."""
    if _children(session, school_id, family_id) == 0:
        take_over_bookings(session, school_id, family_id, heir)
        session.execute(delete(Family).where(col(Family.school_id) == school_id, col(Family.id) == family_id))
        session.expire_all()


def _name(text: str) -> str:
    try:
        name = tidy(text, 120)
    except BadCell as bad:
        raise Refused(Invalid(bad.reason, bad.values)) from None
    if not name:
        raise Refused(Invalid("A family needs a name."))
    return name
