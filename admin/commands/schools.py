"""`upgrade`, `school add`, `staff add`: from an empty database to a school with people at its desk."""

import argparse
import getpass
import sys

from admin.commands.telling import OPERATOR, Commands, Stop, opened, opened_school
from messages.text import languages
from storage import moments
from storage.db import Database
from storage.migrations import upgrading
from storage.school import passwords, schools, staff
from storage.settings import read_settings
from storage.words import Role


def add_to(commands: Commands) -> None:
    upgrading_ = commands.add_parser("upgrade", help="migrate the database that DATABASE_URL names")
    upgrading_.set_defaults(do=upgrade)

    school = commands.add_parser("school", help="schools").add_subparsers(metavar="ACTION", required=True)
    adding = school.add_parser("add", help="add a school")
    adding.add_argument("slug", metavar="SLUG", help="its word in addresses: 2 to 40 of a-z, 0-9 and -")
    adding.add_argument("--name", required=True)
    adding.add_argument("--timezone", default="Europe/Amsterdam")
    adding.add_argument("--language", default="nl", choices=sorted({"nl", *languages()}))
    adding.set_defaults(do=add_school)

    people = commands.add_parser("staff", help="the people at a school's desk").add_subparsers(
        metavar="ACTION", required=True
    )
    adding = people.add_parser("add", help="add somebody; the password is read from standard input")
    adding.add_argument("slug", metavar="SLUG")
    adding.add_argument("email", metavar="EMAIL")
    adding.add_argument("--role", required=True, choices=[str(role) for role in Role])
    adding.add_argument("--name", default="", help="as colleagues know them")
    adding.set_defaults(do=add_staff)


def upgrade(_args: argparse.Namespace) -> int:
    database = Database(read_settings().database)
    try:
        current = upgrading.is_current(database)
        upgrading.upgrade(database)
    finally:
        database.close()
    print("The database was up to date already." if current else "The database is up to date now.")
    return 0


def add_school(args: argparse.Namespace) -> int:
    settings = read_settings()
    with opened(settings) as database:
        added = database.work(
            schools.add,
            slug=args.slug,
            name=args.name,
            timezone=args.timezone,
            language=args.language,
            now=moments.now(),
        )
    print(f"{added.name} is there: parents at {settings.base_url}/{added.slug}, staff at {settings.base_url}/desk")
    return 0


def add_staff(args: argparse.Namespace) -> int:
    with opened_school(args.slug) as (database, school):
        email = staff.email_address(args.email)
        added = database.work(
            staff.add_staff,
            school.id,
            email=email,
            name=args.name,
            role=Role(args.role),
            password=passwords.hashed(_password(email)),
            by=OPERATOR,
            now=moments.now(),
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
