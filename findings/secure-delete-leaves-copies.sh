#!/usr/bin/env bash
# A SQLite database with PRAGMA secure_delete=ON; rows are made, change their length, and half of them are deleted.
# One expects: what was deleted is overwritten with zeros, so it stands nowhere in the file.
# What happens: where a page was laid out anew before, a copy of a row stays between the rows; only VACUUM is rid of it.
# Whom it hurts: a school that told a parent that the child's data are erased, and hands on, or loses, the file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check apsw==3.54.1.0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import random
import sys
from pathlib import Path

import apsw

ROWS = 700


def copies(seed: int) -> tuple[int, int]:
    """How many deleted rows can still be read in the file, before and after VACUUM."""
    chance, file = random.Random(seed), Path(sys.argv[1]) / f"{seed}.db"
    database = apsw.Connection(str(file))
    assert database.execute("PRAGMA secure_delete=ON").fetchall() == [(1,)]
    database.execute("CREATE TABLE pupil (id INTEGER PRIMARY KEY, name TEXT, phone TEXT)")
    names = [f"pupil-{number:05d}-name" for number in range(ROWS)]
    with database:
        database.executemany("INSERT INTO pupil VALUES (?, ?, '')", list(enumerate(names)))
    order = list(range(ROWS))
    chance.shuffle(order)
    with database:
        for number in order:
            database.execute("UPDATE pupil SET phone = ? WHERE id = ?", ("0" * chance.randint(1, 60), number))
    gone = chance.sample(range(ROWS), ROWS // 2)
    with database:
        database.executemany("DELETE FROM pupil WHERE id = ?", [(number,) for number in gone])

    def left() -> int:
        content = file.read_bytes()
        return sum(names[number].encode() in content for number in gone)

    before = left()
    database.execute("VACUUM")
    return before, left()


found = {seed: copies(seed) for seed in range(1, 13)}
print(f"SQLite {apsw.sqlite_lib_version()}: of 12 files with 350 deleted rows each")
print("still readable before VACUUM:", {seed: before for seed, (before, _) in found.items() if before})
print("still readable after VACUUM:", sum(after for _, after in found.values()))
assert sum(before for before, _ in found.values()) > 0, "nothing is left behind now"
assert sum(after for _, after in found.values()) == 0, "VACUUM leaves something behind now"
PYTHON
