"""Exports, paper, and inviting."""

from tests.admin.walks.route_table import Way

WAYS: dict[str, Way] = {
    "POST /desk/exports/talks": Way(
        {"what": "planning:{planning_id}", "kind": "pdf", "layout": "plannings", "contact": "true"}
    ),
    "POST /desk/exports/parents": Way({"group": "{group_id}", "kind": "pdf"}),
    "GET /desk/invite/qr/{file}": Way(ready=lambda _ground: {"file": "web.svg"}),
    "GET /desk/invite/{conference_id}": Way(query={"group": "{group_id}"}),
    "POST /desk/invite/{conference_id}": Way(
        {"text": "Neem het rapport mee.", "group": ["{group_id}"]}, lines=("text",)
    ),
    "POST /desk/invite/{conference_id}/test": Way({"group": ["{group_id}"]}),
    "POST /desk/invite/{conference_id}/send": Way({"group": ["{group_id}"]}),
}
