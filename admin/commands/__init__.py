"""The operator's commands: `tienminuten …`. One file per group of them.

Exit status: 0 done; 1 refused, with the reasons on standard error and nothing changed; 2 wrong usage. English only:
operators are few. Nobody sees a traceback for what they typed or set wrongly. What takes long to import (the chat
libraries, the web server) is imported by the command that needs it.
"""

import argparse
import sys
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from admin.commands import copies, exporting, families, importing, publishing, schools
from admin.commands import running as running  # mypy: this one is part of a circle of imports
from admin.commands.telling import Stop, refusal_sentence, tell_trouble
from storage.copying import NoBackup
from storage.db import Unusable
from storage.importing.reasons import Unreadable
from storage.migrations.upgrading import WentWrong
from storage.settings import WrongSettings
from storage.words import Refused

GROUPS = (schools, importing, families, publishing, exporting, copies, running)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    try:
        args = parser().parse_args(argv)
    except SystemExit as stop:  # argparse has told what was wrong, or printed the help
        return int(stop.code or 0)
    try:
        return int(args.do(args))
    except (WrongSettings, Unusable, WentWrong, NoBackup, Unreadable, Stop) as error:
        return tell_trouble(str(error))
    except Refused as refused:
        return tell_trouble(refusal_sentence(refused.refusal))
    except DBAPIError as error:
        return tell_trouble(f"The database did not do it: {_first_line(error.orig)}")
    except OSError as error:
        return tell_trouble(f"{error.filename or 'A file'}: {error.strerror or 'cannot be used'}.")
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="tienminuten", description="Parents book their ten minutes with the teacher from a chat on the phone."
    )
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_to(commands)
    return made


def _first_line(error: BaseException | None) -> str:
    """What the driver says, without the lines that repeat values of the statement."""
    return (str(error).splitlines() or ["no reason given"])[0]


if __name__ == "__main__":
    sys.exit(main())
