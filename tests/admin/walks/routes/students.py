"""Students, and importing them."""

import re
import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from storage.tables import Student
from tests.admin.walks.route_table import Ground, Way
from tests.support.cast import NOW

LIST = (
    b"Leerlingnummer;Roepnaam;Tussenvoegsel;Achternaam;Groep;Postcode;Huisnummer\n"
    b"1001;Sanne;de;Vries;groep 4;3511AB;12\n"
    b"2001;Noor;van den;Berg;groep 7;3512KL;4\n"
)


def uploaded(ground: Ground) -> Mapping[str, Any]:
    """A list that was sent, and of which the columns were chosen."""
    answer = ground.browser.post("/desk/students/import", files={"file": ("leerlingen.csv", LIST)})
    assert answer.status_code == 303
    return {"upload_id": answer.headers["location"].rpartition("/")[2]}


def looked_at(ground: Ground) -> Mapping[str, Any]:
    """… and of which the difference was shown."""
    upload = uploaded(ground)
    page = ground.browser.get(f"/desk/students/import/{upload['upload_id']}/check")
    seen = re.search(r'name="seen" value="(\w+)"', page.text)
    assert seen is not None, page.text
    return {**upload, "seen": seen[1]}


def worked_on(ground: Ground) -> Mapping[str, Any]:
    """A list so long that it was imported in a thread of its own, which is over."""
    rows = b"".join(b"%d;Kind;;Lang;groep 4;;\n" % number for number in range(5000, 7001))
    header = LIST.partition(b"\n")[0]
    answer = ground.browser.post("/desk/students/import", files={"file": ("lang.csv", header + b"\n" + rows)})
    upload_id = answer.headers["location"].rpartition("/")[2]
    page = ground.browser.get(f"/desk/students/import/{upload_id}/check")
    seen = re.search(r'name="seen" value="(\w+)"', page.text)
    assert seen is not None, page.text
    ground.browser.post(f"/desk/students/import/{upload_id}/apply", {"seen": seen[1]})
    for thread in threading.enumerate():
        if thread.name == "at work":
            thread.join(30)
    return {"upload_id": upload_id}


def gone(ground: Ground) -> Mapping[str, Any]:
    """A child that left, at either school."""
    left = update(Student).where(col(Student.id) == ground.ids["left_student_id"]).values(left=NOW)
    ground.database.work(lambda session: session.execute(left) and None)
    return {}


WAYS = {
    "POST /desk/students/{student_id}": Way(
        {
            "first_name": "Sanne", "prefix": "de", "last_name": "Vries", "call_name": "San", "postcode": "3511AB",
            "house_number": "12", "birth_date": "03-05-2017", "student_number": "1001", "email": "s@example.org",
            "phone": "030 1234567", "group": ["{group_id}"], "new_group": "plusgroep",
        }
    ),
    "POST /desk/students/new": Way(
        {
            "first_name": "Fien", "prefix": "", "last_name": "Mol", "call_name": "", "postcode": "3511AB",
            "house_number": "9", "birth_date": "", "student_number": "", "email": "", "phone": "",
            "group": ["{group_id}"], "new_group": "",
        }
    ),
    "POST /desk/students/{student_id}/leave": Way(rows=2),  # and the talk that it had
    "POST /desk/students/{student_id}/back": Way(where={"student_id": "left_student_id"}, ready=gone),
    "POST /desk/students/import": Way(file=("file", "leerlingen.csv", LIST), rows=0),
    "GET /desk/students/import/{upload_id}": Way(ready=uploaded),
    "POST /desk/students/import/{upload_id}": Way(
        {"encoding": "", "separator": "", "column-0": "student_number"}, ready=uploaded, rows=0
    ),
    "GET /desk/students/import/{upload_id}/check": Way(ready=uploaded),
    "POST /desk/students/import/{upload_id}/apply": Way(
        {"seen": "{seen}", "leaver": ["{lonely_student_id}"], "kept": ["{student_id}"], "without": ""},
        ready=looked_at,
        rows=2,
    ),
    "GET /desk/students/import/{upload_id}/progress": Way(ready=worked_on),
    "POST /desk/students/import/{upload_id}/forget": Way(ready=uploaded, rows=0),
}  # fmt: skip
