"""The audit trail, privacy, leavers and erasing, the year."""

import re
from collections.abc import Mapping
from typing import Any

from tests.admin.walks.route_table import Ground, Way


def pictured(ground: Ground) -> Mapping[str, Any]:
    """The page on which one looks at what would happen was opened."""
    address = f"/desk/students/year/check?group={ground.ids['group_id']}&way=leave&name="
    mark = re.search(r'name="mark" value="(\w+)"', ground.browser.get(address).text)
    assert mark is not None
    return {"mark": mark[1]}


WAYS: dict[str, Way] = {
    "POST /desk/students/year": Way(
        {
            "group": ["{group_id}"],
            "way": ["{other_group_id}"],
            "name": [""],
            "stay": ["{group_id}-{student_id}"],
            "mark": "{mark}",
            "again": "true",
        },
        ready=pictured,
    ),
    "POST /desk/students/leavers/back": Way({"student": ["{left_student_id}"]}),
    "POST /desk/students/{student_id}/erase": Way({"name": "Tijn"}, where={"student_id": "lonely_student_id"}),
    "POST /desk/families/{family_id}/erase": Way({"name": "Mila"}, where={"family_id": "bare_family_id"}),
    "POST /desk/families/{family_id}/file": Way(),
    "POST /desk/school/audit/file": Way(),
    "POST /desk/school/privacy": Way({"bookings_kept": "365", "leavers_kept": "30"}),
}
