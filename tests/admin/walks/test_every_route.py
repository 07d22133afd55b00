"""The route table walked whole: every page opens, every change is one audit row (G18), no text breaks anything (G14).

The table is the test's input. A route that tests/admin/walks/routes/ does not know fails here, and says what to add.
"""

import importlib
import os
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select
from sqlmodel import col

from admin import pages
from admin.app import PAGES
from storage import tables
from storage.database.engine import Database
from storage.tables import Audit
from storage.words import Actor
from tests.admin.walks.route_table import Ground, Route, Way, routes
from tests.admin.walks.routes import WAYS
from tests.support.browser import everything

ROUTES = routes()
CHANGING = [route for route in ROUTES if not route.reading]
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
HOSTILE = ("Jan\r\nBcc: x@example.org", "a\x00b\x1b[31m\x7f\u2028c", "x" * 5000, "'\"><script>x</script>{{7*7}}%(x)s")
LONG = bool(os.environ.get("TIENMINUTEN_LONG"))
SEVERAL_LINES = {("planning", "remarks")}


def way_of(route: Route) -> Way:
    return WAYS.get(route.key, Way())


def rows(ground: Ground) -> int:
    """Of the audit trail, by staff."""
    of_staff = select(func.count()).select_from(Audit).where(col(Audit.actor) == Actor.STAFF)
    return int(ground.database.read(lambda session: session.execute(of_staff).scalar_one()))


def test_the_walk_knows_the_whole_table(ground: Ground) -> None:
    """What the app answers below /desk is what is walked: nothing was added to it by another way."""
    table = {
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", path))
        for context in iter_route_contexts(ground.browser.app.routes)
        for path in [getattr(context, "path", "") or ""]
        for method in set(getattr(context, "methods", None) or ()) - {"HEAD"}
        if path.startswith("/desk")
    }
    assert table == {(route.method, route.path) for route in ROUTES}
    assert len(ROUTES) == len({route.key for route in ROUTES})


def test_every_page_is_served() -> None:
    """A file of admin/pages with routes that the desk does not include would be found by no walk."""
    files = [one.name for one in pkgutil.walk_packages(pages.__path__, f"{pages.__name__}.")]
    with_routes = {name for name in files if hasattr(importlib.import_module(name), "router")}
    assert with_routes - {page.__name__ for page in PAGES} == set(), "add it to PAGES in admin/app.py"


@pytest.mark.parametrize("route", CHANGING, ids=str)
def test_every_change_has_its_way(route: Route) -> None:
    place = f"tests/admin/walks/routes/ (the file of your area; this route is of admin/{route.area}.py)"
    assert route.key in WAYS, f'{route.key} is walked by nobody: add "{route.key}": Way({{its fields}}) to {place}'
    way = WAYS[route.key]
    sent = set(way.fields) | ({way.file[0]} if way.file else set())
    missing = route.form - sent
    assert not missing, f"{route.key} takes {sorted(missing)} too: add them with a valid value in {place}"
    assert not route.uploads or way.file, f"{route.key} takes a file: add file=(field, name, content) in {place}"


def test_nothing_is_walked_that_is_no_route() -> None:
    gone = set(WAYS) - {route.key for route in ROUTES}
    assert gone == set(), "take these out of tests/admin/walks/routes/: they are in the route table no more"


@pytest.mark.parametrize("route", [route for route in ROUTES if route.reading], ids=str)
def test_every_page_opens(ground: Ground, route: Route) -> None:
    way = way_of(route)
    try:
        address = ground.address(route, way, ground.made_ready(way))
    except KeyError as unknown:
        raise AssertionError(
            f'{route.key}: nothing fills {unknown}. Name it as route_table.py does, or add "{route.key}": '
            "Way(ready=…) to tests/admin/walks/routes/"
        ) from unknown
    answer = ground.browser.get(address)
    assert answer.status_code in (200, 303), answer.text
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/desk")


@pytest.mark.parametrize("route", CHANGING, ids=str)
def test_a_change_by_staff_is_one_row_of_the_audit_trail(ground: Ground, route: Route) -> None:
    """G18. Where one step does several things a person would name apart, the way says how many rows they are."""
    way = way_of(route)
    ready = ground.made_ready(way)
    before, state = rows(ground), everything(ground.database)
    answer = ground.send(ground.address(route, way, ready), ground.typed(way, ready), way)
    assert answer.status_code in ((200, 303) if way.rows else (200, 303, 403, 422)), answer.text
    assert rows(ground) - before == way.rows
    after = everything(ground.database)
    free = {"audit", "notice", "desk_session", "staff"}  # a language or a session is nobody's business
    if way.rows == 0:
        assert {name for name in after if after[name] != state[name]} <= free
    added = [row for row in after["audit"] if row not in state["audit"]]
    assert all(row[1] == ground.school_id for row in added)


def hostile_forms(way: Way, ground: Ground, ready: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The form with one field at a time made hostile, and with every field at once."""
    fields = ground.typed(way, ready)
    for text in HOSTILE if LONG else HOSTILE[:2]:
        for name, value in fields.items():
            yield name, {**fields, name: [text] if isinstance(value, list) else text}
    for text in HOSTILE:
        yield "all", {name: [text] if isinstance(value, list) else text for name, value in fields.items()}


@pytest.mark.parametrize("route", [one for one in CHANGING if way_of(one).fields], ids=str)
def test_no_text_in_any_field_breaks_a_page_or_a_header(ground: Ground, route: Route) -> None:
    """G14: line ends and control characters are cleaned away or refused in a sentence, and stand in no table."""
    way = way_of(route)
    ready = ground.made_ready(way)
    address = ground.address(route, way, ready)
    for name, fields in hostile_forms(way, ground, ready):
        if not ground.browser.inside:
            ground.come_back()
        answer = ground.send(address, fields, way)
        assert (name, answer.status_code < 500) == (name, True)
        if answer.status_code == 422:
            assert re.search(r'class="notice bad"|class="hint bad"|<h1>', answer.text), name
        assert "<script>x" not in answer.text
        assert not any(CONTROL.search(value) for value in answer.headers.values())
    assert controlled(ground.database) == []


def controlled(database: Database) -> list[tuple[str, str, str]]:
    """(table, column, text) where a control character stands in a text."""
    found = []
    with database.engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(table.select()).mappings():
                for name, value in row.items():
                    text = value if isinstance(value, str) else ""
                    if (table.name, name) in SEVERAL_LINES:
                        text = text.replace("\n", " ")
                    found += [(table.name, name, text)] if CONTROL.search(text) else []
    return found
