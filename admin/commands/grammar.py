"""What may be typed after `tienminuten`: every command with its words, and the function that does it by name.

Imports nothing heavy, so that help and a mistyped word are answered at once; the module of a command is imported when
that command is asked for.
"""

import argparse
from pathlib import Path
from typing import TypeAlias

from admin.commands.parts import PARTS
from messages.languages import languages
from storage.importing.columns.recognition import STUDENT_FIELDS
from storage.words import Role, SecretKind

Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_SECRETS = [str(kind) for kind in SecretKind if kind is not SecretKind.CODE]


def parser() -> argparse.ArgumentParser:
    """Its `do` is "module:function" of this package; the function takes what was typed and gives the exit status."""
    made = argparse.ArgumentParser(
        prog="tienminuten", description="Parents book their ten minutes with the teacher from a chat on the phone."
    )
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_schools, _staff, _imports, _families, _talks, _backups, _serving):
        add(commands)
    return made


def _command(actions: Actions, name: str, do: str, said: str) -> argparse.ArgumentParser:
    made = actions.add_parser(name, help=said)
    made.set_defaults(do=do)
    return made


def _group(commands: Actions, name: str, said: str) -> Actions:
    return commands.add_parser(name, help=said).add_subparsers(metavar="ACTION", required=True)


def _schools(commands: Actions) -> None:
    _command(commands, "upgrade", "schools:upgrade", "migrate the database that DATABASE_URL names")
    adding = _command(_group(commands, "school", "schools"), "add", "schools:add_school", "add a school")
    adding.add_argument("slug", metavar="SLUG", help="its word in addresses: 1 to 40 of a-z, 0-9 and -")
    adding.add_argument("--name", required=True)
    adding.add_argument("--timezone", default="Europe/Amsterdam")
    adding.add_argument("--language", default="nl", choices=sorted(languages()))


def _staff(commands: Actions) -> None:
    actions = _group(commands, "staff", "the people at a school's desk")
    said = "add somebody; the password is read from standard input"
    adding = _command(actions, "add", "schools:add_staff", said)
    adding.add_argument("slug", metavar="SLUG")
    adding.add_argument("email", metavar="EMAIL")
    adding.add_argument("--role", required=True, choices=[str(role) for role in Role])
    adding.add_argument("--name", default="", help="as colleagues know them")
    for name, do, said in (
        ("lost-phone", "staff:lost_phone", "ask no code of an app any more of somebody who lost the phone"),
        ("link", "staff:link", "print a link with which somebody chooses a password: it works once, for an hour"),
    ):
        helping = _command(actions, name, do, said)
        helping.add_argument("slug", metavar="SLUG")
        helping.add_argument("email", metavar="EMAIL")


def _imports(commands: Actions) -> None:
    kinds = _group(commands, "import", "students or plannings from CSV or XLSX, students from EDEXML too")
    students = _command(kinds, "students", "importing:import_students", "the school's list of students")
    _file(students)
    students.add_argument(
        "--column",
        action="append",
        default=[],
        type=_column,
        metavar='"Header=field"',
        help=f"what a column holds, or nothing to leave it out; fields: {', '.join(STUDENT_FIELDS)}",
    )
    students.add_argument(
        "--without-wrong-rows", action="store_true", help="import the others and leave the wrong rows out"
    )
    said = "plannings and their times, a row per planning and day"
    _file(_command(kinds, "plannings", "importing:import_plannings", said))


def _file(command: argparse.ArgumentParser) -> None:
    command.add_argument("slug", metavar="SLUG")
    command.add_argument("file", metavar="FILE", type=Path)
    _trying(command, "tell what would change, change nothing")


def _trying(command: argparse.ArgumentParser, said: str) -> None:
    command.add_argument("--dry-run", action="store_true", help=said)
    command.add_argument("--json", action="store_true", help="print the counts as one JSON object")


def _families(commands: Actions) -> None:
    actions = _group(commands, "families", "families and their secrets")
    making = _command(actions, "make", "families:make", "make families from last name and address")
    making.add_argument("slug", metavar="SLUG")
    _trying(making, "tell what would be made, make nothing")
    secret = _command(actions, "secret", "families:choose", "choose what families type beside a child's first name")
    secret.add_argument("slug", metavar="SLUG")
    secret.add_argument("kind", choices=_SECRETS)
    secret.add_argument("--hint", metavar="TEXT", help="the school's own text under the question")


def _talks(commands: Actions) -> None:
    said = "publish the plannings in draft, of a conference or all"
    publishing = _command(commands, "publish", "publishing:publish", said)
    publishing.add_argument("slug", metavar="SLUG")
    publishing.add_argument("--conference", metavar="NAME")
    exporting = _command(commands, "export", "exporting:export", "write all talks of a school to an Excel file")
    exporting.add_argument("slug", metavar="SLUG")
    exporting.add_argument("file", metavar="FILE.xlsx", type=Path)


def _backups(commands: Actions) -> None:
    said = "write the whole database to a file, also while it is in use"
    _command(commands, "backup", "backup:backup", said).add_argument("file", metavar="FILE", type=Path)
    said = "put a backup in the place of what the database holds; that is backed up first"
    _command(commands, "restore", "backup:restore", said).add_argument("file", metavar="FILE", type=Path)


def _serving(commands: Actions) -> None:
    running = _command(commands, "run", "serving:run", "serve: desk and chat page, bot, messages; all in one process")
    running.add_argument("part", nargs="?", choices=PARTS, help="only this part, beside other processes")
    running.add_argument("--port", type=_port, default=8000)
    trying = _command(commands, "demo", "serving:demo", "a whole school to try, with one process and one file")
    trying.add_argument("--port", type=_port, default=8000)
    trying.add_argument("--directory", type=Path, default=Path(".data/demo"), metavar="DIR")


def _column(text: str) -> tuple[str, str]:
    header, sign, field = text.rpartition("=")
    if not sign or not header.strip():
        raise argparse.ArgumentTypeError(f"“{text}” is not “Header=field”")
    if field.strip() and field.strip() not in STUDENT_FIELDS:
        raise argparse.ArgumentTypeError(f"there is no field “{field}”; the fields are: {', '.join(STUDENT_FIELDS)}")
    return header.strip(), field.strip()


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is not a port number")
    return int(text)
