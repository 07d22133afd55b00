"""Every list of the desk asks its database as often with three rows as with three hundred, and shows them by pages.

One table of list pages; a GET of the route table that is neither here nor among the pages of one thing fails.
"""

from collections.abc import Mapping

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from storage import tables
from storage.words import Act, Actor, PlanningState, Role, SecretKind
from tests.admin.walks.route_table import Ground, Route, Way, routes
from tests.admin.walks.routes import WAYS
from tests.support.cast import CLOSES, NOW, OPENS
from tests.support.statements import statements

MORE = 300
FIRST = 1_000_000  # ids of the rows that are added


def grow(session: Session, school: int, conference: int) -> None:
    """Three hundred of everything that a page could list."""
    numbers = range(FIRST, FIRST + MORE)

    def put(table: type, *rows: Mapping[str, object]) -> None:
        session.execute(insert(table), [{"school_id": school, **row} for row in rows])

    put(tables.Group, *({"id": n, "name": f"klas {n}", "feed": ""} for n in numbers))
    student = {"prefix": "", "call_name": "", "postcode": "", "house_number": "", "student_number": "", "email": "",
               "phone": "", "call_key": ""}  # fmt: skip
    put(
        tables.Student,
        *({**student, "id": n, "first_name": "Sem", "last_name": f"Test{n}", "name_key": "sem",
           "left": NOW if n % 3 == 0 else None} for n in numbers),
    )  # fmt: skip
    put(tables.StudentGroup, *({"student_id": n, "group_id": n} for n in numbers))
    family = {"email": "", "by_hand": False, "blocked": False}
    put(tables.Family, *({**family, "id": n, "name": f"Test{n}"} for n in numbers))
    put(tables.FamilyStudent, *({"family_id": n, "student_id": n} for n in numbers if n % 2))
    put(
        tables.Credential,
        *({"family_id": n, "student_id": n, "kind": SecretKind.CODE, "value": f"{n:064x}"}
          for n in numbers if n % 4 == 1),
    )  # fmt: skip
    planning = {"remarks": "", "room": "", "opens": OPENS, "closes": CLOSES, "mail_each_booking": False}
    put(
        tables.Planning,
        *({**planning, "id": n, "conference_id": conference, "title": f"P{n}", "state": PlanningState.DRAFT}
          for n in numbers),
    )  # fmt: skip
    put(tables.PlanningGroup, *({"planning_id": n, "group_id": n} for n in numbers))
    put(
        tables.Teacher,
        *({"id": n, "name": f"juf {n}", "name_key": f"juf {n}", "email": f"{n}@x.example"} for n in numbers),
    )
    put(tables.PlanningTeacher, *({"planning_id": n, "teacher_id": n} for n in numbers))
    account = {"role": Role.TEACHER, "password": "", "link": "", "totp": "", "totp_step": 0, "language": ""}
    put(
        tables.Staff,
        *({**account, "active": True, "id": n, "email": f"{n}@x.example", "name": f"juf {n}"} for n in numbers),
    )
    put(
        tables.Audit,
        *({"at": NOW, "actor": Actor.CLOCK, "act": Act.FAMILY_CHANGED, "subject": n, "detail": {"change": "renamed"}}
          for n in numbers),
    )  # fmt: skip


# Pages of one thing, whose parts are few: a child, a slot, a form. Everything else is a list.
ONE = {
    "/desk/sign-in", "/desk/account", "/desk/students/{student_id}",
}  # fmt: skip
LISTS = [
    route
    for route in routes()
    if route.reading and not route.public and not route.path.startswith("/desk/mailbox") and route.path not in ONE
]


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_as_many_statements_for_three_hundred_rows_as_for_three(ground: Ground, route: Route) -> None:
    way = WAYS.get(route.key, Way())
    address = ground.address(route, way, ground.made_ready(way))
    ground.browser.get(address)
    few = asked(ground, address)
    ground.database.work(grow, ground.school_id, ground.ids["conference_id"])
    many = asked(ground, address)
    assert len(many) <= len(few), "\n".join(sorted({one for one in many if many.count(one) > few.count(one)}))


def asked(ground: Ground, address: str) -> list[str]:
    with statements(ground.database) as texts:
        assert ground.browser.get(address).status_code in (200, 303)
    return [text for text in texts if text.startswith(("SELECT", "WITH"))]
