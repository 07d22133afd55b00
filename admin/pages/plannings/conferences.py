"""Conferences at the desk, and publishing their plannings after the check (D13). For administrators."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from admin.pages.plannings.findings import by_planning
from admin.pages.plannings.plannings import Id
from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.forms import Line, chosen
from admin.web.rendering import show
from storage.planning import bulk, conferences, publishing
from storage.planning.bulk import SignUp
from storage.planning.conferences import REMIND_DAYS, REMINDED, ConferenceForm, ConferenceView
from storage.planning.readiness import facts
from storage.planning.readiness.findings import NotReady, Severity
from storage.planning.views import planning_list
from storage.refusals import Refused
from storage.timezone import to_local
from storage.words import PlanningState, Policy

router = APIRouter(prefix="/desk/plannings")


@dataclass(frozen=True, slots=True)
class ConferenceFields:
    """The conference form's fields as text, and what is ticked."""

    name: str = ""
    policy: str = Policy.TOGETHER
    walking_minutes: str = "0"
    large_family: str = "3"
    tells_opening: bool = True
    remind_days: tuple[int, ...] = REMINDED


def _sent(
    name: Line = "",
    policy: Line = "",
    walking_minutes: Line = "",
    large_family: Line = "",
    tells_opening: Annotated[bool, Form()] = False,
    remind_days: Annotated[list[int], Form()] = [],  # noqa: B006
) -> ConferenceFields:
    """The form as it was sent."""
    return ConferenceFields(name, policy, walking_minutes, large_family, tells_opening, tuple(remind_days))


Sent = Annotated[ConferenceFields, Depends(_sent)]


@router.get("/conferences/new")
def new(desk: Administrator) -> HTMLResponse:
    """The empty form of a conference."""
    return _form(desk, 200, ConferenceFields(), None)


@router.post("/conferences/new")
def make(desk: Administrator, sent: Sent) -> Response:
    """Make a conference and go on to its first planning; the form again with a sentence where it is refused."""
    try:
        made = desk.database.work(conferences.make, desk.school.id, desk.acting, _read(sent))
    except Refused as refused:
        return _form(desk, 422, sent, None, desk.told(refused))
    return desk.go(f"/desk/plannings/new?conference={made}", desk.words.say("Now the first planning of it."))


@router.get("/conferences/{conference_id:int}")
def edit_form(desk: Administrator, conference_id: Id) -> HTMLResponse:
    """The form of a conference that exists."""
    view = desk.database.read(conferences.conference, desk.school.id, conference_id)
    return _form(desk, 200, _as_text(view), view)


@router.post("/conferences/{conference_id:int}")
def edit(desk: Administrator, conference_id: Id, sent: Sent) -> Response:
    """Change a conference; the form again with a sentence where it is refused."""
    view = desk.database.read(conferences.conference, desk.school.id, conference_id)
    try:
        desk.database.work(conferences.edit, desk.school.id, desk.acting, conference_id, _read(sent))
    except Refused as refused:
        return _form(desk, 422, sent, view, desk.told(refused))
    return desk.go("/desk/plannings", desk.words.say("Saved."))


@router.post("/conferences/{conference_id:int}/window")
def set_window(
    desk: Administrator, conference_id: Id, opens: Line = "", opens_early: Line = "", closes: Line = ""
) -> Response:
    """When parents may sign up, for all its plannings at once."""
    try:
        sign_up = SignUp(
            opens=form_values.moment(opens, desk.zone, "“Sign-up opens”"),
            closes=form_values.moment(closes, desk.zone, "“Sign-up closes”"),
            opens_early=form_values.moment_or_none(opens_early, desk.zone, "“Opens earlier for large families”"),
        )
        changed = desk.database.work(bulk.set_window, desk.school.id, desk.acting, conference_id, sign_up)
    except Refused as refused:
        said = desk.told(refused)
        view = desk.database.read(conferences.conference, desk.school.id, conference_id)
        return _form(desk, 422, _as_text(view), view, said, (opens, opens_early, closes))
    said = desk.words.count(
        "%(number)s planning has another sign-up window now.",
        "%(number)s plannings have another sign-up window now.",
        changed,
    )
    return desk.go(f"/desk/plannings#conference-{conference_id}", said)


@router.post("/conferences/{conference_id:int}/remove")
def remove(desk: Administrator, conference_id: Id) -> Response:
    """Remove a conference that has no plannings any more; else back with a sentence."""
    try:
        desk.database.work(conferences.remove, desk.school.id, desk.acting, conference_id)
    except Refused as refused:
        return desk.go(f"/desk/plannings/conferences/{conference_id}", desk.told(refused), kind="bad")
    return desk.go("/desk/plannings", desk.words.say("The conference has been removed."))


@router.get("/conferences/{conference_id:int}/publish")
def check(desk: Administrator, conference_id: Id) -> HTMLResponse:
    """What is wrong or odd about a conference's drafts, before they are published."""
    return _check(desk, 200, conference_id)


@router.post("/conferences/{conference_id:int}/publish")
def publish(desk: Administrator, conference_id: Id) -> Response:
    """All drafts of the conference, or none."""
    try:
        done = desk.database.work(publishing.publish, desk.school.id, desk.acting, conference_id=conference_id)
    except Refused as refused:
        return _check(desk, 422, conference_id, desk.told(refused))
    one, many = "%(number)s planning has been published.", "%(number)s plannings have been published."
    return desk.go("/desk/plannings", desk.words.count(one, many, len(done.planning_ids)))


@router.post("/{planning_id:int}/publish")
def publish_one(desk: Administrator, planning_id: Id) -> Response:
    """Show one planning to parents; back with a sentence where something must be put right first."""
    where = f"/desk/plannings/{planning_id}"
    try:
        desk.database.work(publishing.publish, desk.school.id, desk.acting, planning_id=planning_id)
    except Refused as refused:
        said = desk.told(refused)
        if isinstance(refused.refusal, NotReady):  # the page that follows shows what was found
            said = desk.words.say("Not published: first put right what is said below.")
        return desk.go(where, said, kind="bad")
    return desk.go(where, desk.words.say("Published: parents see it now."))


@router.post("/{planning_id:int}/unpublish")
def unpublish(desk: Administrator, planning_id: Id) -> Response:
    """Make one planning a draft again; back with a sentence where somebody has booked."""
    where = f"/desk/plannings/{planning_id}"
    try:
        desk.database.work(publishing.unpublish, desk.school.id, desk.acting, planning_id)
    except Refused as refused:
        return desk.go(where, desk.told(refused), kind="bad")
    return desk.go(where, desk.words.say("Parents no longer see it."))


def _check(desk: Desk, status: int, conference_id: int, wrong: str = "") -> HTMLResponse:
    view = desk.database.read(conferences.conference, desk.school.id, conference_id)
    rows = desk.database.read(planning_list.plannings, desk.school.id, conference_id=conference_id)
    findings = desk.database.read(facts.check, desk.school.id, now=desk.now, conference_id=conference_id)
    drafts = {row.id for row in rows if row.state is PlanningState.DRAFT}
    stopped = any(
        finding.severity is Severity.WRONG and (finding.planning_id is None or finding.planning_id in drafts)
        for finding in findings
    )
    return show(
        desk,
        "plannings/publish.html",
        status,
        conference=view,
        rows=rows,
        drafts=len(drafts),
        stopped=stopped,
        found=by_planning(desk, findings),
        wrong=wrong,
    )


def _as_text(view: ConferenceView) -> ConferenceFields:
    told = view.tells_opening, view.remind_days
    return ConferenceFields(view.name, view.policy, str(view.walking_minutes), str(view.large_family), *told)


def _windows(desk: Desk, conference_id: int) -> tuple[str, str, str] | None:
    """The window of its plannings as text: of the first, where they differ. None where there are no plannings."""
    rows = desk.database.read(planning_list.plannings, desk.school.id, conference_id=conference_id)
    if not rows:
        return None
    moments = (rows[0].opens, rows[0].opens_early, rows[0].closes)
    opens, early, closes = (f"{to_local(one, desk.zone):%Y-%m-%dT%H:%M}" if one else "" for one in moments)
    return opens, early, closes


def _form(
    desk: Desk,
    status: int,
    shown: ConferenceFields,
    conference: ConferenceView | None,
    wrong: str = "",
    window: tuple[str, str, str] | None = None,
) -> HTMLResponse:
    if window is None and conference is not None:
        window = _windows(desk, conference.id)
    return show(
        desk,
        "plannings/conference.html",
        status,
        typed=shown,
        conference=conference,
        wrong=wrong,
        window=window,
        policies=tuple(Policy),
        remind_days=sorted(REMIND_DAYS, reverse=True),
    )


def _read(shown: ConferenceFields) -> ConferenceForm:
    """Raises Refused(Invalid)."""
    return ConferenceForm(
        name=shown.name,
        policy=Policy(chosen(shown.policy, tuple(Policy))),
        walking_minutes=form_values.number(shown.walking_minutes, "Walking time in minutes"),
        large_family=form_values.number(shown.large_family, "The number of children of a large family"),
        tells_opening=shown.tells_opening,
        remind_days=shown.remind_days,
    )
