"""A process that books as fast as it can, to be killed in the midst of it (B2). Run by test_engine alone.

The process that is started only forks: each line on its standard input is a seed and makes one child that books with
six threads until it is killed. What a child was answered it says at once, `booked 12` or `cancelled 12`; when it is
dead the parent says `gone`. Nobody waits for imports 300 times, and no half line can be read.
"""

import os
import random
import sys
import threading
from contextlib import suppress

from sqlalchemy import select
from sqlmodel import Session, col

from storage.booking.booking import book, cancel
from storage.booking.reading import bookings
from storage.database.engine import Database
from storage.refusals import Refused
from storage.tables import FamilyStudent, Slot
from tests.support.cast import parent

WRITERS = 6


def everything(session: Session, school_id: int) -> tuple[list[tuple[int, int]], list[int]]:
    """All (family, child) and all slots."""
    children = session.execute(
        select(col(FamilyStudent.family_id), col(FamilyStudent.student_id)).where(
            col(FamilyStudent.school_id) == school_id
        )
    )
    slots = session.execute(select(col(Slot.id)).where(col(Slot.school_id) == school_id)).scalars()
    return [(family, student) for family, student in children], list(slots)


def book_for_ever(database: Database, school_id: int, chance: random.Random) -> None:
    """Whoever has a talk already lets go of it, so that there is always something to do."""
    children, slots = database.read(everything, school_id)
    while True:
        family, student = chance.choice(children)
        acting = parent(family)
        with suppress(Refused):
            standing = database.read(bookings, school_id, family_id=family)
            if standing:
                booking_id = chance.choice(standing).id
                database.work(cancel, school_id, acting, booking_id=booking_id, family_id=family)
                say(f"cancelled {booking_id}")
            wanted = {"family_id": family, "student_id": student, "slot_id": chance.choice(slots)}
            booked = database.work(book, school_id, acting, **wanted)
            say(f"booked {booked.id}")


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def child(url: str, school_id: int, seed: int) -> None:
    say(f"child {os.getpid()}")
    database = Database(url)
    for number in range(WRITERS):
        arguments = (database, school_id, random.Random(seed * WRITERS + number))
        threading.Thread(target=book_for_ever, args=arguments).start()


def main() -> None:
    url, school_id = sys.argv[1], int(sys.argv[2])
    say("ready")
    for line in iter(sys.stdin.readline, ""):
        if not (pid := os.fork()):
            child(url, school_id, int(line))
            return
        os.waitpid(pid, 0)
        say("gone")


if __name__ == "__main__":
    main()
