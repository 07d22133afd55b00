"""`import students` and `import plannings`: a file is read, checked and applied whole, or not at all (rule 26)."""

import argparse
from pathlib import Path

from admin.commands.telling import OPERATOR, opened_school, row_reason, tell_counts
from storage import moments
from storage.importing import applying, plannings, remembering
from storage.importing.columns import choose, recognise_planning, title
from storage.importing.pausing import uncollected
from storage.importing.planning_fields import planning_rows
from storage.importing.reading import Sheet, read
from storage.importing.reasons import COMMAND_LINE
from storage.importing.student_fields import student_rows
from storage.moments import local_day
from storage.settings import read_settings


def import_students(args: argparse.Namespace) -> int:
    settings = read_settings()
    pepper = settings.pepper
    with opened_school(args.slug, settings) as (database, school), uncollected():
        now = moments.now()
        sheet = _sheet(args.file)
        known = database.read(remembering.known, school.id, sheet)  # what was chosen at the desk before counts here too
        mapping = choose(sheet.headers, known, dict(args.column))
        checked = student_rows(sheet, mapping, local_day(now, school.timezone))
        if args.dry_run:
            told = database.read(applying.preview, school.id, checked, now)
        else:
            told = database.work(applying.apply, school.id, checked, OPERATOR, now, pepper)
    remarks = [f"{len(told.gone)} students are not in the file; they stay as they are."] if told.gone else []
    if sheet.doubled:
        twice = ", ".join(sorted({title(header) for header in sheet.doubled}))
        remarks.append(f"Not read, because more than one column has this name: {twice}.")
    return tell_counts(told.counts(), map(row_reason, told.errors), args.json, *remarks)


def import_plannings(args: argparse.Namespace) -> int:
    with opened_school(args.slug) as (database, school):
        now = moments.now()
        sheet = _sheet(args.file)
        checked = planning_rows(sheet, recognise_planning(sheet.headers))
        if args.dry_run:
            told = database.read(plannings.preview, school.id, checked, now)
        else:
            told = database.work(plannings.apply, school.id, checked, OPERATOR, now)
    return tell_counts(told.counts(), map(row_reason, told.errors), args.json)


def _sheet(file: Path) -> Sheet:
    return read(file.read_bytes(), file.name, limits=COMMAND_LINE)
