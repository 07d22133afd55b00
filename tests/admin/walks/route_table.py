"""Every route of the desk, found in the route table itself, and two schools to walk it in.

What a route needs to be walked stands in tests/admin/walks/routes/, a file for each area. A route that is not there
makes test_every_route.py fail with a sentence that says what to add, so that none escapes G5–G10, G14, G15, G18.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import UploadFile
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from httpx import Response
from sqlalchemy import update
from sqlmodel import Session, col, select

from admin.app import PAGES
from admin.demo import mailbox_page
from admin.web.desk import desk_of, require_administrator
from storage import tables
from storage.booking.booking import book
from storage.database.engine import Database
from storage.values.normalise import name as name_key
from storage.words import PlanningState, Role, SlotState
from tests.support.browser import BRAM, DIRECTOR, NOOR, Browser, Turned, hashed, hire
from tests.support.cast import CLOSES, NOW, OPENS, Cast, parent, settle

CANARY = "Kanariepiet"  # stands in every name of the neighbour, De Horizon, and nowhere else
HORIZON = "directie@horizon.example"
Ids = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """How one route is walked.

    `fields`: what a person would send; "{student_id}" and the like are filled with ids of the school, and so the walk
    knows which fields are ids. A list is a field that is there several times; `query` is filled the same way. `rows`:
    how many audit rows by staff that makes. `file`: (name of the field, name of the file, content). `where`: path
    parameters that are not the usual ones, as {"family_id": "bakker_id"}. `ready` makes what must be there first, and
    gives more ids: an upload's, a token. `lines`: fields that may hold several lines.
    """

    fields: Mapping[str, str | list[str]] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    rows: int = 1
    file: tuple[str, str, bytes] | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[["Ground"], Mapping[str, Any]] | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """One line of the route table. `path` as written, without the kinds of its parameters."""

    method: str
    path: str
    dependant: Dependant
    area: str

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"

    def __str__(self) -> str:
        return self.key

    @property
    def reading(self) -> bool:
        return self.method == "GET"

    @property
    def public(self) -> bool:
        """Nobody needs to be signed in."""
        return desk_of not in set(_calls(self.dependant))

    @property
    def administrators(self) -> bool:
        return require_administrator in set(_calls(self.dependant))

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def query(self) -> list[str]:
        return [str(one.alias) for part in _parts(self.dependant) for one in part.query_params]

    @property
    def form(self) -> set[str]:
        """The fields that the route takes by name; what it reads of the form by itself is not among them."""
        return {str(one.alias) for part in _parts(self.dependant) for one in part.body_params}

    @property
    def uploads(self) -> bool:
        annotations = [one.field_info.annotation for part in _parts(self.dependant) for one in part.body_params]
        return any(UploadFile in (one, *getattr(one, "__args__", ())) for one in annotations)


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _parts(inner)


def _calls(dependant: Dependant) -> Iterator[Any]:
    return (part.call for part in _parts(dependant))


def routes() -> list[Route]:
    """Every route of the desk, in the order of its table."""
    found = []
    for page in (*PAGES, mailbox_page):
        for route in page.router.routes:
            assert isinstance(route, APIRoute)
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
            area = page.__name__.removeprefix("admin.").replace(".", "/")
            found += [
                Route(method, path, route.dependant, area) for method in sorted((route.methods or set()) - {"HEAD"})
            ]
    return found


@dataclass
class Ground:
    """One school with somebody at its desk, and the ids of what stands there."""

    cast: Cast
    browser: Browser
    school_id: int
    email: str
    ids: Ids

    @property
    def database(self) -> Database:
        return self.cast.database

    def address(self, route: Route, way: Way, more: Mapping[str, Any]) -> str:
        """The route's path with this school's ids in it; KeyError for a parameter that nobody knows."""
        known = self.known(way, more)
        query = urlencode({name: value.format_map(known) for name, value in way.query.items()})
        return route.path.format_map(known) + (f"?{query}" if query else "")

    def typed(self, way: Way, more: Mapping[str, Any]) -> dict[str, str | list[str]]:
        """The fields as they are sent."""
        known = self.known(way, more)
        return {name: filled(value, known) for name, value in way.fields.items()}

    def known(self, way: Way, more: Mapping[str, Any]) -> Ids:
        """Every name that a path or a field of this way may hold, and what fills it."""
        known = {**self.ids, **more}
        return {**known, **{name: known[key] for name, key in way.where.items() if name not in more}}

    def made_ready(self, way: Way) -> Mapping[str, Any]:
        return way.ready(self) if way.ready else {}

    def send(self, address: str, fields: Mapping[str, Any], way: Way) -> Response:
        files = {way.file[0]: way.file[1:]} if way.file else None
        return self.browser.post(address, dict(fields), files=files)

    def beside(self, email: str) -> Browser:
        """The browser of a colleague, at the same desk."""
        browser = Browser(self.database, Turned(), app=self.browser.app)
        assert browser.sign_in(email).status_code == 303
        return browser

    def come_back(self) -> None:
        """Signed in again, after a way that ended the session or changed the password."""
        with_password = update(tables.Staff).where(col(tables.Staff.email) == self.email).values(password=hashed())
        self.database.work(lambda session: session.execute(with_password) and None)
        assert self.browser.sign_in(self.email).status_code == 303


def filled(value: str | list[str], known: Mapping[str, Any]) -> str | list[str]:
    if isinstance(value, list):
        return [one.format_map(known) for one in value]
    return value.format_map(known)


def holds_id(value: str | list[str]) -> bool:
    return any(re.search(r"\{\w*id\w*\}", one) for one in ([value] if isinstance(value, str) else value))


def grounds(database: Database, folder: Path, clock: Turned | None = None) -> tuple[Ground, Ground]:
    """De Regenboog and De Horizon, an administrator of each at their desk."""
    cast, clock = settle(database), clock or Turned()
    hire(database, cast.school)
    ids = {"noor_staff_id": hire(database, cast.school, NOOR, Role.TEACHER)}
    ids["staff_id"] = ids["bram_staff_id"] = hire(database, cast.school, BRAM, Role.TEACHER)
    hire(database, cast.horizon, HORIZON)
    other = {"staff_id": hire(database, cast.horizon, f"{CANARY.lower()}@horizon.example", Role.TEACHER)}
    ids |= database.work(_home, cast)
    other |= database.work(_next_door, cast)
    ids["booking_id"] = _booked(database, cast.school, ids, ids["slot_id"])
    other["booking_id"] = _booked(database, cast.horizon, other, other["slot_id"])
    ids["booked_slot_id"], other["booked_slot_id"] = ids["slot_id"], other["slot_id"]
    ids["slot_id"], other["slot_id"] = ids["free_slot_id"], other["free_slot_id"]
    browser = Browser(database, clock, data_dir=folder, mailbox=folder / "mails")
    assert browser.sign_in(DIRECTOR).status_code == 303
    ours = Ground(cast, browser, cast.school, DIRECTOR, ids)
    return ours, Ground(cast, ours.beside(HORIZON), cast.horizon, HORIZON, other)


class Walked:
    """Two schools that are put back as they were for each test: much quicker than settling them anew."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.clock = database, Turned()
        self.pair = grounds(database, folder, self.clock)
        self._live = str(database.engine.url.database)
        self.teacher = self.pair[0].beside(BRAM)
        self._everybody = [*(ground.browser for ground in self.pair), self.teacher]
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self._live)) as live:
            live.backup(self._kept)
        self._cookies = [dict(browser.client.cookies) for browser in self._everybody]

    def again(self) -> tuple[Ground, Ground]:
        """Both schools as they were, and both administrators signed in."""
        self.clock.now = NOW
        with closing(sqlite3.connect(self._live)) as live:
            self._kept.backup(live)
        for browser, cookies in zip(self._everybody, self._cookies, strict=True):
            browser.client.cookies.clear()
            for name, value in cookies.items():
                browser.carry(name, value)
        return self.pair


def _booked(database: Database, school_id: int, ids: Ids, slot_id: int) -> int:
    who = {"family_id": ids["family_id"], "student_id": ids["student_id"], "slot_id": slot_id}
    return int(database.work(book, school_id, parent(ids["family_id"]), **who).id)


def _home(session: Session, cast: Cast) -> Ids:
    """What the cast has, by the names that paths use; a draft, an empty conference, a child without a family."""
    draft = _planning(session, cast.school, cast.autumn, "Groep 7 bis", cast.groep7, cast.bram)
    lonely = _student(session, cast.school, "Tijn", "Kramer", cast.groep7)
    gone = _student(session, cast.school, "Ruben", "Visser", None)
    session.get_one(tables.Student, gone).left = NOW - timedelta(days=3)
    empty = _kept(session, tables.Conference(school_id=cast.school, name="Voorjaarsgesprekken"))
    blocked = _kept(session, tables.Family(school_id=cast.school, name="Blok", blocked=True))
    addressed = _student(session, cast.school, "Mila", "Peters", cast.groep7)
    session.get_one(tables.Student, addressed).postcode = "3515KL"
    bare = _kept(session, tables.Family(school_id=cast.school, name="Peters", by_hand=True))
    session.add(tables.FamilyStudent(school_id=cast.school, family_id=bare, student_id=addressed))
    session.flush()
    return {
        "student_id": cast.sanne, "other_student_id": cast.daan, "lonely_student_id": lonely, "left_student_id": gone,
        "family_id": cast.de_vries, "other_family_id": cast.smit, "bakker_id": cast.bakker, "group_id": cast.groep4,
        "other_group_id": cast.groep7, "conference_id": cast.autumn, "empty_conference_id": empty,
        "planning_id": cast.noor_planning, "draft_planning_id": draft, "teacher_id": cast.noor,
        "slot_id": cast.noor_slots[0], "free_slot_id": cast.noor_slots[5], "other_slot_id": cast.noor_slots[6],
        "jansen_id": cast.jansen, "yilmaz_id": cast.yilmaz, "lotte_id": cast.lotte,
        "bram_planning_id": cast.bram_planning, "blocked_family_id": blocked, "bare_family_id": bare,
    }  # fmt: skip


def _next_door(session: Session, cast: Cast) -> Ids:
    """The same at De Horizon, and the canary in every name."""
    planning = session.get_one(tables.Planning, cast.horizon_planning)
    group = session.exec(select(tables.Group).where(tables.Group.school_id == cast.horizon)).one()
    school = session.get_one(tables.School, cast.horizon)
    school.name = school.contact = f"De {CANARY}"
    group.name, planning.title = f"groep {CANARY}", f"Groep {CANARY}"
    session.get_one(tables.Student, cast.other_sanne).last_name = CANARY
    session.get_one(tables.Family, cast.mulder).name = CANARY
    session.get_one(tables.Conference, planning.conference_id).name = f"Gesprekken {CANARY}"
    assert group.id
    teacher = _kept(session, tables.Teacher(school_id=cast.horizon, name=f"juf {CANARY}", name_key=name_key(CANARY)))
    draft = _planning(session, cast.horizon, planning.conference_id, f"Klas {CANARY}", group.id, teacher)
    other = _student(session, cast.horizon, "Kees", CANARY, group.id)
    family = _kept(session, tables.Family(school_id=cast.horizon, name=f"van {CANARY}"))
    empty = _kept(session, tables.Conference(school_id=cast.horizon, name=f"Lente {CANARY}"))
    return {
        "student_id": cast.other_sanne, "other_student_id": other, "lonely_student_id": other,
        "left_student_id": other, "family_id": cast.mulder, "other_family_id": family, "bakker_id": family,
        "group_id": group.id, "other_group_id": group.id, "conference_id": planning.conference_id,
        "empty_conference_id": empty, "planning_id": cast.horizon_planning, "draft_planning_id": draft,
        "teacher_id": teacher, "slot_id": cast.horizon_slots[0], "free_slot_id": cast.horizon_slots[5],
        "other_slot_id": cast.horizon_slots[6], "jansen_id": family, "yilmaz_id": family, "lotte_id": other,
        "bram_planning_id": cast.horizon_planning, "blocked_family_id": family, "bare_family_id": family,
    }  # fmt: skip


def _planning(session: Session, school: int, conference: int, title: str, group: int, teacher: int) -> int:
    made = tables.Planning(
        school_id=school, conference_id=conference, title=title, opens=OPENS, closes=CLOSES, state=PlanningState.DRAFT
    )
    id_ = _kept(session, made)
    session.add(tables.PlanningGroup(school_id=school, planning_id=id_, group_id=group))
    session.add(tables.PlanningTeacher(school_id=school, planning_id=id_, teacher_id=teacher))
    for minutes in (0, 15):
        at = NOW + timedelta(days=16, minutes=minutes)
        state = SlotState.OPEN
        session.add(
            tables.Slot(school_id=school, planning_id=id_, start=at, end=at + timedelta(minutes=15), state=state)
        )
    session.flush()
    return id_


def _student(session: Session, school: int, first: str, last: str, group: int | None) -> int:
    made = tables.Student(school_id=school, first_name=first, last_name=last, name_key=name_key(first))
    id_ = _kept(session, made)
    if group is not None:
        session.add(tables.StudentGroup(school_id=school, student_id=id_, group_id=group))
        session.flush()
    return id_


def _kept(session: Session, row: Any) -> int:
    session.add(row)
    session.flush()
    return int(row.id)
