"""`import students` and `import plannings`: a file is read, checked and applied whole, or not at all (rule 26)."""

import argparse
from pathlib import Path

from admin.commands.output import opened_school, operator, row_reason, tell_counts
from messages.languages import SOURCE_LANGUAGE
from messages.text import words
from storage.importing.columns import remembered
from storage.importing.columns.recognition import choose, recognise_planning, title
from storage.importing.files.garbage_collection import collection_paused
from storage.importing.files.limits import COMMAND_LINE
from storage.importing.files.reading import Sheet, read
from storage.importing.plannings import applying as planning_import
from storage.importing.plannings.rows import planning_rows
from storage.importing.students import applying as student_import
from storage.importing.students.rows import student_rows
from storage.settings import read_settings
from storage.timezone import local_day


def import_students(args: argparse.Namespace) -> int:
    """Import a list of students whole, or only tell what it would change. Exit status as `tell_counts`."""
    settings = read_settings()
    pepper = settings.pepper
    with opened_school(args.slug, settings) as (database, school), collection_paused():
        acting = operator()
        sheet = _sheet(args.file)
        known = database.read(remembered.known, school.id, sheet)  # what was chosen at the desk before counts here too
        mapping = choose(sheet.headers, known, dict(args.column))
        checked = student_rows(sheet, mapping, local_day(acting.now, school.timezone), school.timezone)
        if args.dry_run:
            told = database.read(student_import.preview, school.id, checked, acting.now)
        else:
            told = database.work(
                student_import.apply, school.id, acting, checked, pepper, without_wrong=args.without_wrong_rows
            )
    remarks = [f"{len(told.gone)} students are not in the file; they stay as they are."] if told.gone else []
    if sheet.doubled:
        twice = ", ".join(sorted({title(header) for header in sheet.doubled}))
        remarks.append(f"Not read, because more than one column has this name: {twice}.")
    unread = [header for header in sheet.headers if not mapping.get(header) and header not in sheet.doubled]
    if unread:
        remarks.append(f"Columns that were not read: {', '.join(unread)}.")
    if told.emptied:
        remarks.append(f"Published plannings of which no child is left: {', '.join(told.emptied)}.")
    for one in told.regrouped:
        start = words(SOURCE_LANGUAGE).moment(one.start, school.timezone)
        remarks.append(f"{one.name} goes to another group, and still has a talk on {start} ({one.title}).")
    return tell_counts(
        told.counts(),
        (row_reason(sheet.placed(error)) for error in told.errors),
        args.json,
        *remarks,
        left_out=[row_reason(sheet.placed(one)) for one in told.remarks],
        applied=args.without_wrong_rows and not args.dry_run,
    )


def import_plannings(args: argparse.Namespace) -> int:
    """Import a list of plannings whole, or only tell what it would change. Exit status as `tell_counts`."""
    with opened_school(args.slug) as (database, school):
        acting = operator()
        sheet = _sheet(args.file)
        checked = planning_rows(sheet, recognise_planning(sheet.headers))
        if args.dry_run:
            told = database.read(planning_import.preview, school.id, checked, acting.now)
        else:
            told = database.work(planning_import.apply, school.id, acting, checked)
    return tell_counts(told.counts(), map(row_reason, told.errors), args.json)


def _sheet(file: Path) -> Sheet:
    return read(file.read_bytes(), file.name, limits=COMMAND_LINE)
