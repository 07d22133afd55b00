"""`families make` and `families secret`: who logs in together, and with what (D6, D8)."""

import argparse

from admin.commands.output import opened_school, operator, tell_counts
from storage.access import credentials
from storage.families import proposals
from storage.settings import read_settings
from storage.words import SecretKind


def make(args: argparse.Namespace) -> int:
    """Make families of a school's children, or only tell what would be made. Exit status as `tell_counts`."""
    settings = read_settings()
    pepper = settings.pepper
    with opened_school(args.slug, settings) as (database, school):
        if args.dry_run:
            told = database.read(proposals.propose, school.id)
        else:
            told = database.work(proposals.make, school.id, operator(), pepper)
    counts = told.counts()
    children = counts["children"] + counts["joined"] + counts["untouched"]
    common = {
        "read": children,
        "new": counts["families"],
        "changed": counts["joined"],
        "unchanged": counts["untouched"],
        "refused": 0,
    }
    remarks = []
    if told.review:
        remarks.append(f"{len(told.review)} cases are worth a look at the desk: nothing was joined where in doubt.")
    if not args.json:
        common = counts
    return tell_counts({**common, **counts}, [], args.json, *remarks)


def choose(args: argparse.Namespace) -> int:
    """Set what a school's families sign in with, and print what that brings about. Exit status 0."""
    settings = read_settings()
    pepper = settings.pepper
    with opened_school(args.slug, settings) as (database, school):
        kind = SecretKind(args.kind)
        database.work(credentials.choose, school.id, operator(), kind, pepper, hint=args.hint)
        views = database.read(credentials.kinds, school.id)
        bare = database.read(credentials.bare, school.id)
    chosen = next(view for view in views if view.chosen)
    print(f"Families of {school.name} now use: {kind}.")
    if chosen.weak:
        print("Careful: classmates know each other's postcode; postcode and house number is safer.")
    if chosen.collisions:
        print(f"{len(chosen.collisions)} groups of families share a first name and this secret: they are asked more.")
    if bare:
        print(f"{len(bare)} families have no secret yet; give them a code at the desk.")
    return 0
