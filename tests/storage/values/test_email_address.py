"""One rule says what a mail address is, and every place where one is typed or imported keeps to it."""

from collections.abc import Callable

import pytest

from storage.families import enrolling, families
from storage.planning import teachers
from storage.planning.teachers import TeacherLine
from storage.refusals import Refused
from storage.staff import accounts
from storage.values.email_address import USUAL_EMAIL, ascii_form, email
from storage.values.text import BadCell
from storage.words import Role
from tests.storage.importing.lists import plannings, students
from tests.support.cast import DESK, Cast

GOOD = ("anna@example.org", "O'Brien+klas4@sub.example-school.nl", "anna@müller.example", "a_b=c@x.nl")
ACCENT = "jané@x.nl"
BAD = (
    "jan@localhost", ACCENT, "jan", "@x.nl", "jan@", "a@b@x.nl", "a b@x.nl", "a@x..nl", "a..b@x.nl", ".a@x.nl",
    "a@-x.nl", "a@x_y.nl", "<a@x.nl>", "a@x.nl;b@x.nl", "a@straße.example", "a" * 65 + "@x.nl", "a@" + "x" * 64 + ".nl",
)  # fmt: skip

SEVERAL = ("<a@x.nl>", "a@x.nl;b@x.nl")  # a child and a family have the addresses of both parents
ONE_OF_MANY = tuple(one for one in BAD if one not in SEVERAL)


def of_a_family(cast: Cast, address: str) -> None:
    cast.database.work(families.set_email, cast.school, DESK, cast.smit, address)


def of_a_student(cast: Cast, address: str) -> None:
    form = enrolling.StudentForm(
        first_name="Bo", last_name=f"Smit{len(address)}", email=address, group_ids=frozenset({cast.groep4})
    )
    cast.database.work(enrolling.enrol, cast.school, DESK, form)


def of_a_teacher(cast: Cast, address: str) -> None:
    cast.database.work(teachers.put, cast.school, [TeacherLine("juf Noor", address)])


def of_staff(cast: Cast, address: str) -> None:
    cast.database.work(accounts.add_staff, cast.school, DESK, email=address, name="", role=Role.TEACHER, password="")


TYPED = (of_a_family, of_a_student, of_a_teacher, of_staff)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("place", TYPED)
def test_each_place_takes_and_refuses_the_same(cast: Cast, place: Callable[[Cast, str], None]) -> None:
    """A planning's teacher could once be `jan@localhost`, and a family `jané@x.nl`, to whom no mail can be sent."""
    for address in GOOD:
        place(cast, address)
    for address in ONE_OF_MANY if place in (of_a_student, of_a_family) else BAD:
        with pytest.raises(Refused):
            place(cast, address)


@pytest.mark.parametrize(("address", "taken"), [*((one, True) for one in GOOD), *((one, False) for one in BAD)])
def test_lists_of_students_and_of_plannings_too(address: str, taken: bool) -> None:
    of_student = students(f'voornaam;achternaam;groep;e-mail\nBo;Smit;groep 4;"{address}"\n')
    of_teacher = plannings(
        "ronde;titel;leerkrachten;email;groepen;opent;sluit;datum;van;tot;minuten\n"
        f'R;G;juf Noor;"{address}";groep 4;3-11-2026 19:00;22-11-2026 12:00;24-11-2026;18:00;19:00;10\n'
    )
    assert [bool(row.email) for row in of_student.rows] == [taken or address in SEVERAL]
    assert bool(of_teacher.rows) == taken


def test_the_sentence_says_what_is_wrong_with_an_accent() -> None:
    with pytest.raises(BadCell, match="has a letter with an accent before the @"):
        email(ACCENT)


def test_an_address_is_kept_as_it_was_typed_and_nothing_is_none() -> None:
    assert (email(" Anna@Example.org "), email("")) == ("Anna@Example.org", "")


def test_what_is_taken_at_a_glance_is_taken_by_the_rule() -> None:
    """`USUAL_EMAIL` is a shortcut of it for long lists, never a second rule."""
    usual = ("a1@b2.nl", "a.b+c-d@e-f.g.org", "_x@1.nl")
    assert all(USUAL_EMAIL.fullmatch(one) and email(one) == one for one in usual)
    assert [one for one in BAD if USUAL_EMAIL.fullmatch(one)] == []


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("anna@müller.example", "anna@xn--mller-kva.example"),
        ("Anna@Example.org", "Anna@Example.org"),
        ("noreply@localhost", "noreply@localhost"),
        ("jané@x.nl", "jané@x.nl"),
    ],
)
def test_a_mail_server_gets_the_domain_in_ascii(address: str, form: str) -> None:
    assert ascii_form(address) == form
