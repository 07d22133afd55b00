"""`export`: all talks of a school as an Excel file (D17)."""

import argparse
import os

from sqlmodel import Session

from admin.commands.output import opened_school, operator
from admin.documents.excel import write_workbook
from messages.text import spoken, words
from storage.audit.record import record
from storage.lists import talk_list
from storage.words import Act


def _write_down(session: Session, school_id: int, talks: int) -> None:
    record(session, school_id, operator(), Act.EXPORTED, None, talks=talks)


def export(args: argparse.Namespace) -> int:
    """The file is readable for its owner alone: it holds names of children and addresses of parents."""
    with opened_school(args.slug) as (database, school):
        rows = database.read(talk_list.rows, school.id)
        content = write_workbook(rows, words(spoken(school.language)), school.timezone)
        handle = os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        database.work(_write_down, school.id, len(rows))
    print(f"{args.file}: {len(rows)} talks.")
    return 0
