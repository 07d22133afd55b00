"""A school as a tenant: adding one, changing what it says of itself.

Never reads or writes a row of another school.
"""

import re
from datetime import datetime
from zoneinfo import available_timezones

from sqlmodel import Session

from storage.access.chats import SchoolView, school_by_slug
from storage.audit.record import record
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import (
    School,
)
from storage.words import Act, Acting

SLUG = re.compile(r"[a-z0-9-]{1,40}")
# Words that are, or may become, the beginning of an address of ours.
RESERVED = frozenset(
    """admin api assets chat demo desk docs favicon health help login mailbox metrics robots school schools
    sign-in static telegram tienminuten webhook well-known www""".split()  # noqa: SIM905
)
LONGEST_NAME, LONGEST_CONTACT = 120, 200


def add(session: Session, *, slug: str, name: str, timezone: str, language: str, now: datetime) -> SchoolView:
    """A new school. Raises Refused(Invalid): the slug, name, zone or language is wrong, or the slug is taken."""
    name = " ".join(name.split())
    _check_slug(slug)
    _check_name(name)
    if timezone not in available_timezones():
        raise Refused(Invalid("There is no time zone “%(timezone)s”.", (("timezone", timezone[:60]),)))
    if school_by_slug(session, slug):
        raise Refused(Invalid("There is a school “%(slug)s” already.", (("slug", slug),)))
    row = School(slug=slug, name=name, timezone=timezone, language=language, created=now)
    session.add(row)
    session.flush()
    return _view(row)


def change(session: Session, school_id: int, acting: Acting, *, name: str, contact: str, language: str) -> SchoolView:
    """What the school says of itself. `language` is one that the edge speaks. Raises Refused(Invalid)."""
    row = _row(session, school_id)
    name, contact = " ".join(name.split()), " ".join(contact.split())
    _check_name(name)
    if len(contact) > LONGEST_CONTACT or not contact.isprintable():
        raise Refused(Invalid("The contact is too long: at most %(most)s characters.", (("most", "200"),)))
    changed = {
        field: value
        for field, value in (("name", name), ("contact", contact), ("language", language))
        if getattr(row, field) != value
    }
    for field, value in changed.items():
        setattr(row, field, value)
    if changed:
        session.flush()
        record(session, school_id, acting, Act.SCHOOL_CHANGED, school_id, fields=sorted(changed))
    return _view(row)


def school(session: Session, school_id: int) -> SchoolView:
    """Raises Refused(NotFound)."""
    return _view(_row(session, school_id))


def _check_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug) or slug.strip("-") != slug:
        raise Refused(
            Invalid(
                "“%(slug)s” cannot be a school's address: 1 to 40 small letters, digits and hyphens.",
                (("slug", slug[:60]),),
            )
        )
    if slug in RESERVED:
        raise Refused(Invalid("“%(slug)s” is an address of our own; choose another.", (("slug", slug),)))


def _check_name(name: str) -> None:
    if not name:
        raise Refused(Invalid("A school needs a name."))
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(Invalid("The name is too long: at most %(most)s characters.", (("most", str(LONGEST_NAME)),)))


def _row(session: Session, school_id: int) -> School:
    row = session.get(School, school_id)
    if row is None:
        raise Refused(NotFound("school"))
    return row


def _view(row: School) -> SchoolView:
    assert row.id is not None
    return SchoolView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        timezone=row.timezone,
        language=row.language,
        contact=row.contact,
        hint=row.hint,
        secret_kind=row.secret_kind,
        created=row.created,
        plain_uids=row.plain_uids,
    )
