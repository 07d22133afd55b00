"""Exports, paper, and inviting."""

from tests.admin.walking import Way

WAYS: dict[str, Way] = {
    "POST /desk/exports/talks": Way(
        {"what": "planning:{planning_id}", "kind": "pdf", "layout": "plannings", "contact": "true"}
    ),
    "POST /desk/exports/parents": Way({"group": "{group_id}", "kind": "pdf"}),
}
