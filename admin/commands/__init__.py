"""The operator's commands: `tienminuten …`. One file per group of them; their words stand in `grammar`.

Exit status: 0 done; 1 refused, with the reasons on standard error and nothing changed; 2 wrong usage. English only:
operators are few. Nobody sees a traceback for what they typed or set wrongly. Each command is a process of its own, so
it imports what it needs and no more: help costs no database, an import no web server.
"""

import importlib
import sys
from collections.abc import Sequence

from admin.commands.grammar import parser


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    try:
        args = parser().parse_args(argv)
    except SystemExit as stop:  # argparse has told what was wrong, or printed the help
        return int(stop.code or 0)
    from admin.commands.errors import run_command

    module, _, name = args.do.partition(":")
    return run_command(getattr(importlib.import_module(f"{__name__}.{module}"), name), args)


if __name__ == "__main__":
    sys.exit(main())
