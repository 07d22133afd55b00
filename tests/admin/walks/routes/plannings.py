"""Conferences, plannings, times and talks."""

import re
from collections.abc import Mapping
from typing import Any

from tests.admin.walks.route_table import Ground, Way

LIST = (
    b"conference;title;teachers;groups;opens;closes;date;from;until;minutes\n"
    b"Herfstgesprekken;Groep 7 extra;meester Bram;groep 7;2026-11-03 19:00;2026-11-22 12:00;2026-11-25;18:00;19:00;10\n"
)
PLANNING: dict[str, str | list[str]] = {
    "title": "Groep 4 nieuw", "room": "lokaal 5", "remarks": "Neem het rapport mee.\nTot dan!",
    "opens": "2026-11-12T19:00", "opens_early": "2026-11-11T19:00", "closes": "2026-11-22T12:00",
    "mail_each_booking": "true", "teacher": ["juf Noor"],
    "email": ["noor@regenboog.example"], "group": ["{group_id}"],
}  # fmt: skip
CONFERENCE: dict[str, str | list[str]] = {
    "name": "Wintergesprekken", "policy": "together", "walking_minutes": "5", "large_family": "3",
    "tells_opening": "true", "remind_days": ["7", "2"],
}  # fmt: skip
TIMES: dict[str, str | list[str]] = {
    "way": "clock", "minutes": "10", "talks": "6", "break_after": "3", "break_minutes": "5", "day": ["2026-12-01"],
    "step": "make", "start": ["18:00"], "until": ["19:00"],
}  # fmt: skip
MANY: dict[str, str | list[str]] = {
    "conference": "{conference_id}", "name": "", "opens": "2026-11-12T19:00", "opens_early": "2026-11-11T19:00",
    "closes": "2026-11-22T12:00", "remarks": "Neem het rapport mee.\nTot dan!", "mail_each_booking": "true",
    "group": ["{group_id}"], "row": ["{group_id}"], "title": ["Groep 4 winter"], "teacher": ["juf Noor"],
    "email": ["noor@regenboog.example"], "room": ["lokaal 5"],
}  # fmt: skip


def uploaded(ground: Ground) -> Mapping[str, Any]:
    """A list of plannings that was sent and looked at."""
    answer = ground.browser.post("/desk/plannings/import", files={"file": ("plannings.csv", LIST)})
    assert answer.status_code == 303, answer.text
    where = answer.headers["location"]
    seen = re.search(r'name="seen" value="(\w+)"', ground.browser.get(where).text)
    return {"id_": where.rpartition("/")[2], "seen": seen[1] if seen else ""}


def bare(ground: Ground) -> Mapping[str, Any]:
    """A planning without times."""
    fields = {name: text for name, text in PLANNING.items() if isinstance(text, str)}
    fields |= {"title": "Zonder momenten", "conference": str(ground.ids["conference_id"])}
    answer = ground.browser.post("/desk/plannings/new", {**fields, "group": str(ground.ids["group_id"])})
    assert answer.status_code == 303, answer.text
    return {"bare_planning_id": answer.headers["location"].split("/")[3]}


WAYS = {
    "POST /desk/plannings/conferences/new": Way(CONFERENCE),
    "POST /desk/plannings/conferences/{conference_id}": Way(CONFERENCE),
    "POST /desk/plannings/conferences/{conference_id}/remove": Way(where={"conference_id": "empty_conference_id"}),
    "POST /desk/plannings/conferences/{conference_id}/publish": Way(),
    "POST /desk/plannings/{planning_id}/publish": Way(where={"planning_id": "draft_planning_id"}),
    "POST /desk/plannings/{planning_id}/unpublish": Way(where={"planning_id": "bram_planning_id"}),
    "GET /desk/plannings/{planning_id}/slots/{slot_id}/book": Way(
        query={"student": "{lotte_id}", "family": "{jansen_id}", "back": ""}
    ),
    "POST /desk/plannings/import": Way(file=("file", "plannings.csv", LIST), rows=0),
    "GET /desk/plannings/import/{id_}": Way(ready=uploaded),
    "GET /desk/plannings/import/{id_}/columns": Way(ready=uploaded),
    "POST /desk/plannings/import/{id_}/columns": Way({"column-0": "title"}, ready=uploaded, rows=0),
    "POST /desk/plannings/import/{id_}": Way({"seen": "{seen}"}, ready=uploaded, rows=2),  # the list; its planning
    "POST /desk/plannings/import/{id_}/forget": Way(ready=uploaded, rows=0),
    "POST /desk/plannings/new": Way({**PLANNING, "conference": "{conference_id}"}, lines=("remarks",)),
    "POST /desk/plannings/{planning_id}/edit": Way({**PLANNING, "conference": "{conference_id}"}, lines=("remarks",)),
    "POST /desk/plannings/{planning_id}/remove": Way(where={"planning_id": "draft_planning_id"}),
    "POST /desk/plannings/{planning_id}/slots/{slot_id}/state": Way({"state": "break", "back": ""}),
    "POST /desk/plannings/{planning_id}/slots/{slot_id}/remove": Way(),
    "POST /desk/plannings/{planning_id}/times": Way(TIMES),
    "POST /desk/plannings/{planning_id}/times/same": Way(
        {"planning": "{bram_planning_id}"}, where={"planning_id": "bare_planning_id"}, ready=bare
    ),
    "GET /desk/plannings/{planning_id}/step": Way(query={"as": "{bram_planning_id}"}),
    "POST /desk/plannings/{planning_id}/step": Way(
        {"beside": "{bram_planning_id}", "day": "2026-11-26", "minutes": "5"}
    ),
    "POST /desk/plannings/conferences/{conference_id}/times": Way({**TIMES, "planning": ["{planning_id}"]}),
    "POST /desk/plannings/conferences/{conference_id}/window": Way(
        {"opens": "2026-11-12T19:00", "opens_early": "2026-11-11T19:00", "closes": "2026-11-22T12:00"}, rows=3
    ),
    "POST /desk/plannings/{planning_id}/days/remove": Way({"day": "2026-11-26"}),
    "POST /desk/plannings/many": Way({**MANY, **TIMES}, lines=("remarks",), rows=2),
    "POST /desk/plannings/{planning_id}/slots/{slot_id}/book": Way(
        {"student": "{lotte_id}", "family": "{jansen_id}", "back": "", "seen": ""}
    ),
    "POST /desk/plannings/{planning_id}/talks/{booking_id}/move": Way(
        {"to": "{other_slot_id}", "back": "", "seen": ""}
    ),
    "POST /desk/plannings/{planning_id}/talks/{booking_id}/cancel": Way({"back": ""}),
}
