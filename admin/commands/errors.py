"""Doing a command: whatever it raises becomes a sentence on standard error, and with --json the object beside it."""

import argparse
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from admin.commands.output import Stop, refusal_sentence, tell_counts, tell_trouble
from storage.database.engine import Unusable
from storage.importing.counts import COUNTS
from storage.importing.files.limits import Unreadable
from storage.migrations.upgrading import WentWrong
from storage.privacy.backup import NoBackup
from storage.refusals import Refused
from storage.settings import WrongSettings


def run_command(do: Callable[[argparse.Namespace], int], args: argparse.Namespace) -> int:
    """The command's exit status; 1 where it was refused, and then it has changed nothing."""
    try:
        return do(args)
    except (WrongSettings, Unusable, WentWrong, NoBackup, Unreadable, Stop) as error:
        reason = str(error)
    except Refused as refused:
        reason = refusal_sentence(refused.refusal)
    except DBAPIError as error:
        reason = f"The database did not do it: {_first_line(error.orig)}"
    except OSError as error:
        reason = f"{error.filename or 'A file'}: {error.strerror or 'cannot be used'}."
    except KeyboardInterrupt:
        return 130
    if getattr(args, "json", False):
        return tell_counts(dict.fromkeys(COUNTS, 0), [{"line": 0, "reason": reason}], as_json=True)
    return tell_trouble(reason)


def _first_line(error: BaseException | None) -> str:
    """What the driver says, without the lines that repeat values of the statement."""
    return (str(error).splitlines() or ["no reason given"])[0]
