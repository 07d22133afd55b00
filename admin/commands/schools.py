"""`upgrade`, `school add`, `staff add`: from an empty database to a school with people at its desk."""

import argparse
import getpass
import sys

from admin.commands.output import Stop, opened, opened_school, operator
from storage import schools, timezone
from storage.database.engine import Database
from storage.migrations import upgrading
from storage.settings import read_settings
from storage.staff import accounts, passwords
from storage.words import Role


def upgrade(_args: argparse.Namespace) -> int:
    """Bring the database to the newest schema. Exit status 0, also where it was there already."""
    database = Database(read_settings().database)
    try:
        current = upgrading.is_current(database)
        upgrading.upgrade(database)
    finally:
        database.close()
    print("The database was up to date already." if current else "The database is up to date now.")
    return 0


def add_school(args: argparse.Namespace) -> int:
    """Add a school and print the addresses of its two entrances. Exit status 0; raises Refused."""
    settings = read_settings()
    with opened(settings) as database:
        added = database.work(
            schools.add,
            slug=args.slug,
            name=args.name,
            timezone=args.timezone,
            language=args.language,
            now=timezone.now(),
        )
    print(f"{added.name} is there: parents at {settings.base_url}/{added.slug}, staff at {settings.base_url}/desk")
    return 0


def add_staff(args: argparse.Namespace) -> int:
    """Add somebody to a school's desk, with a password that is asked for. Exit status 0; raises Refused."""
    with opened_school(args.slug) as (database, school):
        email = accounts.email_address(args.email)
        added = database.work(
            accounts.add_staff,
            school.id,
            operator(),
            email=email,
            name=args.name,
            role=Role(args.role),
            password=passwords.hashed(_password(email)),
        )
    print(f"{added.email} can sign in at the desk of {school.name}.")
    return 0


def _password(email: str) -> str:
    """The first line of standard input; asked twice, unseen, at a keyboard."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(f"Password for {email}: ")
    if first != getpass.getpass("The same again: "):
        raise Stop("The two passwords are not the same.")
    return first
