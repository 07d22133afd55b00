"""`import students` and `import plannings`: a file is read, checked and applied whole, or not at all (rule 26)."""

import argparse
from pathlib import Path

from admin.commands.telling import COUNTS, OPERATOR, Commands, opened_school, row_reason, tell_counts
from storage import moments
from storage.importing import applying, plannings
from storage.importing.columns import STUDENT_FIELDS, choose, recognise, recognise_planning
from storage.importing.planning_fields import planning_rows
from storage.importing.reading import Sheet, read
from storage.importing.reasons import COMMAND_LINE, Unreadable
from storage.importing.student_fields import student_rows
from storage.moments import local_day
from storage.settings import read_settings


def add_to(commands: Commands) -> None:
    kinds = commands.add_parser("import", help="students or plannings from CSV or XLSX").add_subparsers(
        metavar="WHAT", required=True
    )
    students = kinds.add_parser("students", help="the school's list of students")
    _common(students)
    students.add_argument(
        "--column",
        action="append",
        default=[],
        type=_column,
        metavar='"Header=field"',
        help=f"what a column holds, or nothing to leave it out; fields: {', '.join(STUDENT_FIELDS)}",
    )
    students.set_defaults(do=import_students)
    planned = kinds.add_parser("plannings", help="plannings and their times, a row per planning and day")
    _common(planned)
    planned.set_defaults(do=import_plannings)


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("slug", metavar="SLUG")
    command.add_argument("file", metavar="FILE", type=Path)
    command.add_argument("--dry-run", action="store_true", help="tell what would change, change nothing")
    command.add_argument("--json", action="store_true", help="print the counts as one JSON object")


def _column(text: str) -> tuple[str, str]:
    header, sign, field = text.rpartition("=")
    if not sign or not header.strip():
        raise argparse.ArgumentTypeError(f"“{text}” is not “Header=field”")
    if field.strip() and field.strip() not in STUDENT_FIELDS:
        raise argparse.ArgumentTypeError(f"there is no field “{field}”; the fields are: {', '.join(STUDENT_FIELDS)}")
    return header.strip(), field.strip()


def import_students(args: argparse.Namespace) -> int:
    settings = read_settings()
    pepper = settings.pepper
    with opened_school(args.slug, settings) as (database, school):
        now = moments.now()
        try:
            sheet = _sheet(args.file)
            mapping = choose(sheet.headers, recognise(sheet.headers), dict(args.column))
            checked = student_rows(sheet, mapping, local_day(now, school.timezone))
        except Unreadable as reason:
            return _unreadable(reason, args.json)
        if args.dry_run:
            told = database.read(applying.preview, school.id, checked, now)
        else:
            told = database.work(applying.apply, school.id, checked, OPERATOR, now, pepper)
    remarks = [f"{len(told.gone)} students are not in the file; they stay as they are."] if told.gone else []
    return tell_counts(told.counts(), map(row_reason, told.errors), args.json, *remarks)


def import_plannings(args: argparse.Namespace) -> int:
    with opened_school(args.slug) as (database, school):
        now = moments.now()
        try:
            sheet = _sheet(args.file)
            checked = planning_rows(sheet, recognise_planning(sheet.headers))
        except Unreadable as reason:
            return _unreadable(reason, args.json)
        if args.dry_run:
            told = database.read(plannings.preview, school.id, checked, now)
        else:
            told = database.work(plannings.apply, school.id, checked, OPERATOR, now)
    return tell_counts(told.counts(), map(row_reason, told.errors), args.json)


def _sheet(file: Path) -> Sheet:
    return read(file.read_bytes(), file.name, limits=COMMAND_LINE)


def _unreadable(reason: Unreadable, as_json: bool) -> int:
    """The whole file is refused: line 0."""
    return tell_counts(dict.fromkeys(COUNTS, 0), [{"line": 0, "reason": str(reason)}], as_json)
