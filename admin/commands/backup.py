"""`backup` and `restore`: the whole database as one file, while everything runs (O3)."""

import argparse

from admin.commands.output import opened
from storage import timezone
from storage.database.engine import Database
from storage.migrations import upgrading
from storage.privacy import backup as copies
from storage.settings import read_settings


def backup(args: argparse.Namespace) -> int:
    """Write the whole database to a file and print how much it holds. Exit status 0; raises NoBackup."""
    with opened() as database:
        rows = copies.backup(database, args.file, timezone.now())
    print(f"{args.file}: {sum(rows.values())} rows of {len(rows)} tables.")
    return 0


def restore(args: argparse.Namespace) -> int:
    """Put a backup in the place of what the database holds, which is kept beside it. Exit status 0."""
    settings = read_settings()
    now = timezone.now()
    copies.check(args.file)
    database = Database(settings.database)
    try:
        upgrading.upgrade(database)
        kept = None
        if not copies.empty(database):
            kept = settings.data_dir / f"before-restore-{now:%Y%m%d-%H%M%S-%f}.backup"
            copies.backup(database, kept, now)
        rows = copies.restore(database, args.file)
    finally:
        database.close()
    print(f"Restored {sum(rows.values())} rows of {len(rows)} tables.")
    if kept is not None:
        print(f"What the database held before is kept in {kept}")
    return 0
