"""A list of plannings is shown against the school, then applied whole or not at all (D10; rules 13, 18)."""

from sqlalchemy import text

from storage.importing.plannings import applying
from storage.importing.students.comparing import Change
from tests.storage.importing.lists import plannings as read
from tests.support.cast import DESK, NOW, Cast

HEADER = (
    "ronde;titel;leerkrachten;email;groepen;lokaal;opmerkingen;opent;opent_vroeg;sluit;datum;van;tot;minuten;"
    "pauze_na;pauze_minuten"
)
WHEN = "2026-11-10 19:00;2026-11-10 18:00;2026-11-20 12:00"
ANNE = f"Winter;Groep 5;juf Anne;anne@regenboog.example;groep 4;lokaal 5;;{WHEN}"
FILE = f"{HEADER}\n{ANNE};24-11-2026;19:00;20:00;10;4;10\n{ANNE};26-11-2026;15:00;16:00;10;;\n"


def brought_in(cast: Cast, content: str) -> applying.PlanningDifference:
    return cast.database.work(applying.apply, cast.school, DESK, read(content))


def rows(cast: Cast, sql: str) -> list[tuple[object, ...]]:
    found = {"school": cast.school}
    return cast.database.read(lambda session: [tuple(row) for row in session.execute(text(sql), found)])


def test_a_planning_comes_in_with_its_conference_its_teacher_and_its_times(cast: Cast) -> None:
    difference = brought_in(cast, FILE)
    assert difference.counts() == {"read": 2, "new": 2, "changed": 0, "unchanged": 0, "refused": 0}
    assert difference.new_conferences == ("Winter",)
    assert [(one.title, one.made, one.added) for one in difference.plannings] == [("Groep 5", True, 11)]
    assert rows(cast, "SELECT title, room, state FROM planning WHERE title = 'Groep 5'") == [
        ("Groep 5", "lokaal 5", "draft")
    ]
    assert rows(cast, "SELECT name, email FROM teacher WHERE name_key = 'jufanne'") == [
        ("juf Anne", "anne@regenboog.example")
    ]
    assert rows(
        cast,
        "SELECT count(*) FROM slot s JOIN planning p ON p.id = s.planning_id"
        " WHERE p.title = 'Groep 5' AND p.mail_each_booking",
    ) == [(11,)]


def test_the_same_file_a_second_time_changes_nothing(cast: Cast) -> None:
    brought_in(cast, FILE)
    audit = rows(cast, "SELECT count(*) FROM audit")
    difference = brought_in(cast, FILE)
    assert difference.counts() == {"read": 2, "new": 0, "changed": 0, "unchanged": 2, "refused": 0}
    assert rows(cast, "SELECT count(*) FROM audit") == audit


def test_an_unknown_group_is_named_and_nothing_is_applied(cast: Cast) -> None:
    difference = brought_in(
        cast, FILE + ANNE.replace("Groep 5", "Groep 9").replace("groep 4", "groep 9") + ";24-11-2026;19:00;20:00;10;;\n"
    )
    assert [(error.line, str(error)) for error in difference.errors] == [
        (4, "There is no group “groep 9” at this school.")
    ]
    assert (difference.new, difference.refused) == (2, 1)
    assert rows(cast, "SELECT count(*) FROM planning WHERE title = 'Groep 5'") == [(0,)]


def test_changes_are_shown_and_free_times_that_are_gone_are_removed(cast: Cast) -> None:
    brought_in(cast, FILE)
    later = FILE.replace("lokaal 5", "lokaal 6").replace("26-11-2026", "27-11-2026")
    change = cast.database.read(applying.preview, cast.school, read(later), NOW).plannings[0]
    assert (change.added, change.removed, change.changes) == (6, 6, (Change("room", "lokaal 5", "lokaal 6"),))
    assert brought_in(cast, later).changed == 2
    assert brought_in(cast, later).unchanged == 2


def test_a_booked_time_is_never_removed_by_a_file(cast: Cast) -> None:
    book = (
        "INSERT INTO booking (school_id, slot_id, planning_id, family_id, student_id, one_of, revision, made)"
        " VALUES (:school, :slot, :planning, :family, :student, 0, 0, '2026-11-09 10:00:00')"
    )
    values = {"school": cast.school, "slot": cast.noor_slots[0], "planning": cast.noor_planning}
    values |= {"family": cast.de_vries, "student": cast.sanne}
    cast.database.work(lambda session: session.execute(text(book), values) and None)
    noor = f"Herfstgesprekken;Groep 4;juf Noor;;groep 4;lokaal 3;;{WHEN};24-11-2026;19:00;20:00;10;;"
    difference = brought_in(cast, f"{HEADER}\n{noor}\n")
    assert [str(error) for error in difference.errors] == [
        "“Groep 4” has 1 booked times that are not in the file: move or cancel these talks first."
    ]
    assert rows(cast, "SELECT count(*) FROM slot WHERE school_id = :school") == [(30,)]


def test_rows_of_one_planning_must_agree_and_may_not_overlap(cast: Cast) -> None:
    differs = ANNE.replace("groep 4", "groep 7")
    difference = brought_in(
        cast,
        f"{HEADER}\n{ANNE};24-11-2026;19:00;20:00;10;;\n{differs};26-11-2026;19:00;20:00;10;;\n{ANNE};24-11-2026;19:50;20:30;10;;\n",
    )
    assert [(error.line, str(error)) for error in difference.errors] == [
        (3, "This row says something else about “Groep 5” than line 2: groups."),
        (4, "These times overlap those of line 2."),
    ]


def test_a_time_that_the_clock_skips_is_refused(cast: Cast) -> None:
    difference = brought_in(cast, f"{HEADER}\n{ANNE};28-03-2027;02:00;03:30;10;;\n")
    assert [str(error) for error in difference.errors] == [
        "28-03-2027 02:00 does not exist: the clock is put forward then."
    ]


def test_an_address_beside_two_teachers_never_becomes_somebody_elses(cast: Cast) -> None:
    duo = f"Winter;Duo;juf Noor, meester Bram;noor@regenboog.example;groep 4;;;{WHEN};24-11-2026;19:00;20:00;10;;"
    lone = f"Winter;Bram;meester Bram;b.bos@regenboog.example;groep 7;;;{WHEN};25-11-2026;19:00;20:00;10;;"
    noor = f"Winter;Noor;juf Noor;noor@regenboog.example;groep 4;;;{WHEN};25-11-2026;19:00;20:00;10;;"
    content = "\n".join([HEADER, duo, lone, noor, ""])
    assert brought_in(cast, content).new == 3
    assert brought_in(cast, content).unchanged == 3
    assert rows(cast, "SELECT name, email FROM teacher WHERE school_id = :school ORDER BY name") == [
        ("juf Noor", "noor@regenboog.example"),
        ("meester Bram", "b.bos@regenboog.example"),
    ]


def test_a_file_without_a_room_leaves_the_room(cast: Cast) -> None:
    brought_in(cast, FILE)
    short = "\n".join(
        ";".join(cell for place, cell in enumerate(line.split(";")) if place != 5) for line in FILE.splitlines()
    )
    assert brought_in(cast, short).unchanged == 2
