"""`run` and `demo`: the two commands that stay. What they start is imported only when they are asked for."""

import argparse

PARTS = ("web", "bot", "messages")


def run(args: argparse.Namespace) -> int:
    from admin.commands.run import run_house

    return run_house((args.part,) if args.part else PARTS, args.port)


def demo(args: argparse.Namespace) -> int:
    from admin.demo.starting import start

    return start(args.directory, args.port)
