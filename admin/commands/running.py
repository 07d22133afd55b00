"""`run` and `demo`: the two commands that stay. What they start is imported only when they are asked for."""

import argparse
from pathlib import Path

from admin.commands.telling import Commands

PARTS = ("web", "bot", "messages")


def add_to(commands: Commands) -> None:
    running = commands.add_parser("run", help="serve: desk and chat page, bot, messages; all in one process")
    running.add_argument("part", nargs="?", choices=PARTS, help="only this part, beside other processes")
    running.add_argument("--port", type=_port, default=8000)
    running.set_defaults(do=run)
    trying = commands.add_parser("demo", help="a whole school to try, with one process and one file")
    trying.add_argument("--port", type=_port, default=8000)
    trying.add_argument("--directory", type=Path, default=Path(".data/demo"), metavar="DIR")
    trying.set_defaults(do=demo)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"“{text}” is not a port number")
    return int(text)


def run(args: argparse.Namespace) -> int:
    from admin.commands.run import run_house

    return run_house((args.part,) if args.part else PARTS, args.port)


def demo(args: argparse.Namespace) -> int:
    from admin.demo.starting import start

    return start(args.directory, args.port)
