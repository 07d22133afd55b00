"""G5 and G6 by the route table: nothing of another school is there, for nobody, in no path, query or field.

Every route is asked with the ids of De Horizon, whose every name holds a canary; none may ever sing at De Regenboog.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from storage import tables
from tests.admin.walks.route_table import CANARY, Ground, Route, Walked, Way, filled, holds_id, routes
from tests.admin.walks.routes import WAYS
from tests.support.browser import everything, unchanged

ROUTES = [route for route in routes() if not route.public]
OF_NO_SCHOOL = ("/desk/mailbox", "/desk/invite/qr/")  # the demo's mails; a picture of an address
ROUNDS = 50 if os.environ.get("TIENMINUTEN_LONG") else 1
# What other people's ids may be answered with: not there, not allowed, or not what this list offers.
NO = (403, 404, 409, 422)


def way_of(route: Route) -> Way:
    return WAYS.get(route.key, Way())


def strange_paths(route: Route, way: Way, ours: Ground, theirs: Ground, ready: Mapping[str, Any]) -> list[str]:
    """The route's path with each parameter in turn of the other school, and with all of them."""
    known = theirs.known(way, theirs.made_ready(way))
    foreign = {name: known[name] for name in route.parameters if name in known}
    paths = [ours.address(route, way, {**ready, name: value}) for name, value in foreign.items()]
    return [*paths, ours.address(route, way, {**ready, **foreign})]


@pytest.mark.parametrize("route", [route for route in ROUTES if route.parameters], ids=str)
def test_what_the_path_names_of_another_school_is_not_there(two: tuple[Ground, Ground], route: Route) -> None:
    ours, theirs = two
    way = way_of(route)
    if route.path.startswith(OF_NO_SCHOOL):
        return
    ready = ours.made_ready(way)
    for address in strange_paths(route, way, ours, theirs, ready):
        with unchanged(ours.database):
            if route.reading:
                answer = ours.browser.get(address)
            else:
                answer = ours.send(address, ours.typed(way, ready), way)
        forgotten = "forget" in route.path and answer.status_code == 303  # what is not there is forgotten already
        assert (address, answer.status_code in NO or forgotten) == (address, True)
        assert CANARY not in answer.text


def foreign_forms(
    way: Way, ours: Ground, theirs: Ground, ready: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The form with one of its ids in turn of the other school; which field that is."""
    fields = ours.typed(way, ready)
    for name, value in way.fields.items():
        if holds_id(value):
            foreign = filled(value, {**ready, **theirs.ids})
            yield name, {**fields, name: foreign}
            if isinstance(foreign, list):  # one of ours beside one of theirs
                yield name, {**fields, name: [*fields[name], *foreign]}


# What these fields say is only looked for among our own, and found or not found; it is no reason to refuse.
SOUGHT = {
    ("POST /desk/plannings/{planning_id}/edit", "conference"),  # a planning stays in its conference
    ("POST /desk/plannings/{planning_id}/step", "beside"),  # the page that is shown again
    ("POST /desk/invite/{conference_id}", "group"),  # parents of our own groups
    ("POST /desk/invite/{conference_id}/test", "group"),
    ("POST /desk/invite/{conference_id}/send", "group"),
    ("POST /desk/plannings/many", "group"),  # which of the lines that were shown; those are `row`
    ("POST /desk/students/year", "stay"),  # of our own children
}


def next_door(ground: Ground) -> dict[str, list[Any]]:
    """All that De Horizon has."""
    return {name: ground.database.read(_of_school, name, ground.school_id) for name in tables.metadata.tables}


def _of_school(session: Session, name: str, school_id: int) -> list[Any]:
    columns = tables.metadata.tables[name].columns
    of_it = columns.get("school_id", columns.get("id")) if name in ("school", *_SCHOOLS_OWN) else None
    return [] if of_it is None else sorted(map(repr, session.execute(select(*columns).where(of_it == school_id))))


_SCHOOLS_OWN = {name for name, table in tables.metadata.tables.items() if "school_id" in table.columns} - {"chat"}


WITH_IDS = [route for route in ROUTES if any(holds_id(value) for value in way_of(route).fields.values())]


@pytest.mark.parametrize("route", [route for route in WITH_IDS if not route.reading], ids=str)
def test_an_id_of_another_school_in_a_field_is_refused(two: tuple[Ground, Ground], route: Route) -> None:
    ours, theirs = two
    way = way_of(route)
    ready = ours.made_ready(way)
    before = next_door(theirs)
    for name, fields in foreign_forms(way, ours, theirs, ready):
        address = ours.address(route, way, ready)
        if (route.key, name) in SOUGHT:
            answer = ours.send(address, fields, way)
            assert (name, answer.status_code < 500) == (name, True)
            assert next_door(theirs) == before
        else:
            mine = everything(ours.database)
            answer = ours.send(address, fields, way)
            assert (name, answer.status_code in NO) == (name, True)
            assert everything(ours.database) == mine
        assert CANARY not in answer.text


@pytest.mark.parametrize("route", [route for route in ROUTES if route.reading and route.query], ids=str)
def test_an_id_of_another_school_behind_the_question_mark_shows_nothing(
    two: tuple[Ground, Ground], route: Route
) -> None:
    ours, theirs = two
    way = way_of(route)
    address = ours.address(route, way, ours.made_ready(way))
    path, _, standing = address.partition("?")
    values = {*(str(id_) for id_ in theirs.ids.values()), "-1", "99999999999999999999", "%1'--"}
    for name in route.query:
        for value in values:
            answer = ours.browser.get(f"{path}?{standing}&{name}={value}")
            assert (name, value, answer.status_code < 500) == (name, value, True)
            assert CANARY not in answer.text.replace(f'value="{value}"', "").replace(f"{name}={value}", ""), name


KEPT = [
    route
    for route in ROUTES
    if route.administrators or {"planning_id", "slot_id", "booking_id"} & set(route.parameters)
]


@pytest.mark.parametrize("route", KEPT, ids=str)
def test_a_teacher_is_kept_out_of_what_administrators_do(
    walked: Walked, two: tuple[Ground, Ground], route: Route
) -> None:
    """D1: 403 on every administrators' route; 404 on a colleague's planning; and nothing is changed by either."""
    ours, _ = two
    way = way_of(route)
    ready = ours.made_ready(way)
    address, fields = ours.address(route, way, ready), ours.typed(way, ready)
    files = {way.file[0]: way.file[1:]} if way.file else None
    with unchanged(ours.database):
        answer = walked.teacher.get(address) if route.reading else walked.teacher.post(address, fields, files=files)
    assert answer.status_code == (403 if route.administrators else 404)


def test_administrators_do_all_that_teachers_do_not() -> None:
    """Who may come to a route without being an administrator is named here: a new one is thought about first."""
    everybody = {route.path for route in ROUTES if not route.administrators}
    assert {path for path in everybody if not path.startswith(("/desk/plannings", "/desk/account"))} <= {
        "/desk", "/desk/exports", "/desk/exports/talks", "/desk/exports/parents", "/desk/find",
    }  # fmt: skip


def test_a_canary_never_crosses(two: tuple[Ground, Ground]) -> None:
    """G6: both schools at once, every page of each, over and over, on several threads."""
    ours, theirs = two
    pages = [route for route in ROUTES if route.reading and not route.path.startswith(OF_NO_SCHOOL)]

    def walk(ground: Ground, sings: bool) -> list[str]:
        wrong = []
        for route in pages:
            way = way_of(route)
            answer = ground.browser.get(ground.address(route, way, ground.made_ready(way)))
            if answer.status_code != 200:
                continue
            own = "De Regenboog" if sings else CANARY
            if own in answer.text or (sings and "html" in answer.headers["content-type"] and CANARY not in answer.text):
                wrong.append(route.key)
        return wrong

    for _ in range(ROUNDS):
        with ThreadPoolExecutor(2) as both:
            here, there = both.submit(walk, ours, False), both.submit(walk, theirs, True)
            assert (here.result(), there.result()) == ([], [])
