"""`run` and `demo`: the two commands that stay. What they start is imported only when they are asked for."""

import argparse

from admin.commands.parts import PARTS


def run(args: argparse.Namespace) -> int:
    """Serve all parts, or the one that was named, until stopped. Returns the exit status."""
    from admin.commands.process import serve

    return serve((args.part,) if args.part else PARTS, args.port)


def demo(args: argparse.Namespace) -> int:
    """Fill a school in a folder and serve it until stopped. Returns the exit status."""
    from admin.demo.starting import start

    return start(args.directory, args.port)
