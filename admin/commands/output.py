"""What commands share: an opened database, the school that was named, and how an outcome is told."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from messages.languages import SOURCE_LANGUAGE
from messages.refusals import sentence
from messages.text import words
from storage import timezone
from storage.access.chats import SchoolView, school_by_slug
from storage.database.engine import Database
from storage.importing.files.limits import RowError
from storage.migrations import upgrading
from storage.refusals import Refusal
from storage.settings import Settings, read_settings
from storage.words import Acting, Actor, By


class Stop(Exception):
    """Refused, with the reason as a sentence."""


def operator() -> Acting:
    """Whoever runs the command, at this moment."""
    return Acting(By(Actor.OPERATOR), timezone.now())


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Database]:
    """The database of the settings, its schema up to date. Raises Unusable, WrongSettings."""
    database = Database((settings or read_settings()).database)
    try:
        upgrading.demand_current(database)
        yield database
    finally:
        database.close()


@contextmanager
def opened_school(slug: str, settings: Settings | None = None) -> Iterator[tuple[Database, SchoolView]]:
    """The same, and the school of a slug. Raises Stop where there is none."""
    with opened(settings) as database:
        school = database.read(school_by_slug, slug)
        if school is None:
            raise Stop(f"There is no school “{slug}”.")
        yield database, school


def refusal_sentence(refusal: Refusal, zone: str = "UTC") -> str:
    """A refusal in English, with its moments on the wall clock of `zone`."""
    return sentence(refusal, words(SOURCE_LANGUAGE), zone)


def tell_trouble(*reasons: str) -> int:
    """Reasons on standard error; the exit status of a refusal."""
    for reason in reasons:
        print(reason, file=sys.stderr)
    return 1


def row_reason(error: RowError) -> dict[str, int | str]:
    """One refused row: its line in the file and why."""
    sheet = {"sheet": error.tab} if error.tab else {}
    return {**sheet, "line": error.line, "reason": f"{error.column}: {error}" if error.column else str(error)}


def tell_counts(
    counts: Mapping[str, int],
    errors: Iterable[Mapping[str, int | str]],
    as_json: bool,
    *remarks: str,
    left_out: Iterable[Mapping[str, int | str]] = (),
    applied: bool = False,
) -> int:
    """The counts of an import, for people or as one JSON object; its exit status.

    `left_out`: what was not taken of rows that came in. `applied`: without the rows that have errors.
    """
    errors, left_out = list(errors), list(left_out)
    if as_json:
        print(json.dumps({**counts, "errors": errors, "left_out": left_out}, ensure_ascii=False))
    else:
        print(", ".join(f"{number} {name}" for name, number in counts.items()))
        for remark in remarks:
            print(remark)
        for one in left_out:
            print(_where(one))
    for error in errors:
        print(_where(error), file=sys.stderr)
    if errors and not applied:
        print("Nothing was changed.", file=sys.stderr)
    return 1 if errors and not applied else 0


def _where(told: Mapping[str, int | str]) -> str:
    sheet = f"{told['sheet']}, " if "sheet" in told else ""
    return f"{sheet}line {told['line']}: {told['reason']}" if told["line"] else str(told["reason"])
