"""Who did what, when (D27): the trail in plain sentences, narrowed as wanted, and as a file. Nobody edits it."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin.documents.csv_file import CSV, write_csv
from admin.documents.list_columns import Listing
from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.downloads import file_answer
from admin.web.rendering import show
from messages import audit_trail
from storage.audit import trail
from storage.audit.record import record
from storage.audit.trail import Deed, TrailFilter
from storage.timezone import local_day
from storage.values.dates import read_date
from storage.words import Act, Actor

router = APIRouter(prefix="/desk/school/audit")

_ABOUT = ("student", "family", "planning")


@router.get("")
def audit(desk: Administrator, page: int = 1) -> HTMLResponse:
    """`who`: a colleague's id, or family, operator, clock. `act`: one act, or a topic by its number."""
    asked = _asked(desk)
    wanted, unread = _wanted(asked)
    found = desk.database.read(trail.deeds, desk.school.id, desk.zone, wanted, page=min(max(page, 1), 100_000))
    return show(
        desk,
        "trust/audit.html",
        found=found,
        days=_days(desk, found.deeds),
        asked=asked,
        people=desk.database.read(trail.people, desk.school.id),
        topics=_topics(desk),
        about=_about(desk, wanted),
        unread=unread,
        query=urlencode(asked),
    )


@router.post("/file")
def file(desk: Administrator) -> Response:
    """The same rows as CSV, which Excel opens; that it was made is written down too."""
    asked = _asked(desk)
    found = desk.database.read(trail.all_deeds, desk.school.id, desk.zone, _wanted(asked)[0])
    desk.database.work(_write_down, desk, len(found))
    say = desk.words.say
    lines = (_line(desk, deed) for deed in found)
    rows = tuple((line["at"], line["who"], line["label"], line["what"]) for line in lines)
    headers = (say("Date and time"), say("Who"), say("What"), say("Details"))
    listing = Listing(say("Audit"), headers, rows)
    return file_answer(write_csv(listing), f"{desk.school.slug} {say('Audit')} {desk.now:%Y-%m-%d}.csv", CSV)


def _write_down(session: Session, desk: Desk, rows: int) -> None:
    record(session, desk.school.id, desk.acting, Act.EXPORTED, None, what="audit", rows=rows)


def _asked(desk: Desk) -> dict[str, str]:
    """What the address asks for, without what is empty."""
    names = ("who", "act", "first", "last", *_ABOUT)
    given = {name: desk.request.query_params.get(name, "").strip()[:40] for name in names}
    return {name: value for name, value in given.items() if value}


def _wanted(asked: Mapping[str, str]) -> tuple[TrailFilter, list[str]]:
    """And which dates nobody can read."""
    who, unread, days = asked.get("who", ""), [], {}
    for name in ("first", "last"):
        days[name] = _day(asked.get(name, ""))
        if asked.get(name) and days[name] is None:
            unread.append(asked[name])
    actor = Actor.STAFF if who.isdecimal() else Actor(who) if who in set(Actor) else None
    ids = {f"{name}_id": _id(asked[name]) for name in _ABOUT if name in asked}
    wanted = TrailFilter(
        actor, _id(who) if who.isdecimal() else None, _acts(asked.get("act", "")), days["first"], days["last"], **ids
    )
    return wanted, unread


def _acts(chosen: str) -> frozenset[Act]:
    topics = list(audit_trail.TOPICS.values())
    if chosen.isascii() and chosen.isdecimal():
        return frozenset(topics[int(chosen)]) if int(chosen) < len(topics) else frozenset()
    return frozenset([Act(chosen)]) if chosen in set(Act) else frozenset()


def _day(text: str) -> date | None:
    found = read_date(text)
    return found if found is not None and 2000 <= found.year <= 2100 else None


def _id(text: str) -> int:
    return form_values.known_id(int(text)) if text.isascii() and text.isdecimal() else 0


def _topics(desk: Desk) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(number, heading, acts) for the drop-down."""
    return [
        (str(number), desk.words.say(heading), [(str(act), desk.words.say(label)) for act, label in labels.items()])
        for number, (heading, labels) in enumerate(audit_trail.TOPICS.items())
    ]


def _days(desk: Desk, deeds: Sequence[Deed]) -> list[tuple[str, list[dict[str, str]]]]:
    """Under each day's heading its lines."""
    by_day = groupby(deeds, key=lambda deed: local_day(deed.at, desk.zone))
    return [(f"{desk.words.day(day)} {day.year}", [_line(desk, deed) for deed in some]) for day, some in by_day]


def _line(desk: Desk, deed: Deed) -> dict[str, str]:
    return {
        "at": desk.words.stamp(deed.at, desk.zone),
        "time": desk.words.time(deed.at, desk.zone),
        "who": audit_trail.who(deed, desk.words),
        "label": audit_trail.label(deed.act, desk.words),
        "what": audit_trail.sentence(deed, desk.words, desk.zone),
    }


def _about(desk: Desk, wanted: TrailFilter) -> tuple[str, str] | None:
    """(path, name) of the one student, family or planning that all of it is about."""
    for kind, path, id_ in (
        (trail.Kind.STUDENT, "students", wanted.student_id),
        (trail.Kind.FAMILY, "families", wanted.family_id),
        (trail.Kind.PLANNING, "plannings", wanted.planning_id),
    ):
        if id_ is not None:
            name = desk.database.read(trail.name_of, desk.school.id, kind, id_)
            return (f"/desk/{path}/{id_}" if name else "", name or desk.words.say(audit_trail.ERASED))
    return None
