"""Students, and importing them."""

import re
from collections.abc import Mapping
from typing import Any

from tests.admin.walking import Ground, Way

LIST = (
    b"Leerlingnummer;Roepnaam;Tussenvoegsel;Achternaam;Groep;Postcode;Huisnummer\n"
    b"1001;Sanne;de;Vries;groep 4;3511AB;12\n"
    b"2001;Noor;van den;Berg;groep 7;3512KL;4\n"
)


def uploaded(ground: Ground) -> Mapping[str, Any]:
    """A list that was sent, and of which the columns were chosen."""
    answer = ground.browser.post("/desk/students/import", files={"file": ("leerlingen.csv", LIST)})
    assert answer.status_code == 303
    return {"id_": answer.headers["location"].rpartition("/")[2]}


def looked_at(ground: Ground) -> Mapping[str, Any]:
    """… and of which the difference was shown."""
    upload = uploaded(ground)
    page = ground.browser.get(f"/desk/students/import/{upload['id_']}/check")
    seen = re.search(r'name="seen" value="(\w+)"', page.text)
    assert seen is not None, page.text
    return {**upload, "seen": seen[1]}


WAYS = {
    "POST /desk/students/{student_id}": Way(
        {
            "first_name": "Sanne", "prefix": "de", "last_name": "Vries", "call_name": "San", "postcode": "3511AB",
            "house_number": "12", "birth_date": "03-05-2017", "student_number": "1001", "email": "s@example.org",
            "phone": "030 1234567", "group": ["{group_id}"],
        }
    ),
    "POST /desk/students/{student_id}/family": Way({"family": "{other_family_id}", "name": ""}),
    "POST /desk/students/import": Way(file=("file", "leerlingen.csv", LIST), rows=0),
    "GET /desk/students/import/{id_}": Way(ready=uploaded),
    "POST /desk/students/import/{id_}": Way({"encoding": "", "column-0": "student_number"}, ready=uploaded, rows=0),
    "GET /desk/students/import/{id_}/check": Way(ready=uploaded),
    "POST /desk/students/import/{id_}/apply": Way({"seen": "{seen}"}, ready=looked_at),
    "POST /desk/students/import/{id_}/forget": Way(ready=uploaded, rows=0),
}  # fmt: skip
