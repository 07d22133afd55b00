"""G10 on every route that takes a file: bombs, rubbish and too much end in a sentence, and change nothing (rule 27)."""

import io
import zipfile
from collections.abc import Callable

import pytest

from tests.admin.walks.route_table import Ground, Route, routes
from tests.admin.walks.routes import WAYS
from tests.storage.importing.files import with_member, workbook
from tests.support.browser import unchanged

MEGABYTE = 1024 * 1024
SHEET = "xl/worksheets/sheet1.xml"
FINE = [["Voornaam", "Groep"], ["Zoë", "3a"]]
LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'


def many_parts() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for number in range(200):
            made.writestr(f"part-{number}.xml", "<x/>")
    return file.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "unpacks a thousandfold": lambda: with_member(workbook(FINE), "xl/media/x.xml", b"\0" * (60 * MEGABYTE)),
    "entities that grow": lambda: with_member(workbook(FINE), SHEET, LAUGHS.encode()),
    "two hundred parts": many_parts,
    "more than 5 MB": lambda: b"a;b\n" + b"x;y\n" * (MEGABYTE + MEGABYTE // 2),
    "six thousand rows": lambda: b"Roepnaam;Achternaam\n" + b"Sanne;Vries\n" * 6000,
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "XML with entities": lambda: LAUGHS.encode(),
    "nothing": lambda: b"",
    "half a zip": lambda: workbook(FINE)[:200],
}
UPLOADS = [route for route in routes() if route.uploads]


def test_there_are_routes_that_take_files() -> None:
    assert {route.path for route in UPLOADS} >= {"/desk/students/import", "/desk/plannings/import"}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("route", UPLOADS, ids=str)
def test_a_bomb_ends_in_a_sentence(ground: Ground, route: Route, bomb: str) -> None:
    file = WAYS[route.key].file
    assert file is not None
    with unchanged(ground.database):
        for name in ("list.xlsx", "list.csv"):
            answer = ground.browser.post(route.path, files={file[0]: (name, BOMBS[bomb]())})
            assert (name, answer.status_code in (413, 422)) == (name, True)
            assert 'class="notice bad"' in answer.text or "too large" in answer.text
