"""(d) The desk's heaviest pages at 5,000 students, beside its emptiest page: the account page of the same app.

Both are asked over HTTP within one process, one after the other, signed in, with the database on disk. The ratio is
what a page costs in empty pages: 0.10 means ten of those. What is wanted is that nobody waits for a page, and that a
page that grows slow is seen here before a school sees it.
"""

import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from admin.pages.students.importing import router as importing
from storage.database.engine import Database
from storage.migrations import upgrading
from tests.bench import school
from tests.bench.bookings import NOW
from tests.bench.measuring import Pair, Speed
from tests.support.browser import DIRECTOR, Browser, Turned, hire

EMPTY = "/desk/account"
PAGES = [
    ("the round", "/desk", 0.02),
    ("students, first page", "/desk/students", 0.10),
    ("students, last page", "/desk/students?page=100", 0.10),
    ("students, searched", "/desk/students?q=jansen", 0.10),
    ("one student", "/desk/students/2500", 0.15),
    ("families", "/desk/families", 0.10),
    ("one family", "/desk/families/1200", 0.10),
    ("plannings, 200 of them", "/desk/plannings", 0.02),
    ("one planning's grid", "/desk/plannings/77", 0.01),
    ("families to make", "/desk/families/make", 0.03),
    ("the audit trail", "/desk/school/audit", 0.10),
    ("invite", "/desk/invite", 0.03),
]
ROUNDS = 3


def _list() -> bytes:
    """The same 5,000 students again, three of them changed."""
    rows = io.StringIO()
    rows.write("Leerlingnummer;Roepnaam;Achternaam;Groep\n")
    for number in range(1, school.STUDENTS + 1):
        rows.write(f"{100_000 + number};Sem;Jansen{number % 97};groep {number % school.GROUPS + 1}\n")
    return rows.getvalue().encode()


def _seconds(ask: Callable[[], None], times: int) -> float:
    """The median of some."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def measure(folder: Path) -> list[Pair]:
    """One run: every page beside the empty one, measured just before it."""
    database = Database(f"sqlite:///{folder / 'desk.db'}")
    try:
        upgrading.upgrade(database)
        database.work(school.fill)
        hire(database, school.SCHOOL)
        browser = Browser(database, Turned(NOW), data_dir=folder)
        assert browser.sign_in(DIRECTOR).status_code == 303
        pages = [*PAGES, ("import, what would change", _uploaded(browser), 0.01)]
        return [_pair(browser, name, address, wanted) for name, address, wanted in pages]
    finally:
        database.close()


def _pair(browser: Browser, name: str, address: str, wanted: float) -> Pair:
    def ask(path: str) -> None:
        answer = browser.get(path)
        assert answer.status_code == 200, path

    for path in (address, EMPTY):  # templates are compiled at first use
        ask(path)
    empty = _seconds(lambda: ask(EMPTY), ROUNDS * 4)
    ours = _seconds(lambda: ask(address), ROUNDS)
    return Pair(f"(d) {name} / an empty page", Speed(1 / ours), Speed(1 / empty), wanted)


def _uploaded(browser: Browser) -> str:
    """A list that was sent, and the address of what it would change."""
    answer = browser.post(importing.prefix, files={"file": ("leerlingen.csv", _list())})
    assert answer.status_code == 303, answer.text
    return f"{answer.headers['location']}/check"
