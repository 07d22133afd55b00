"""Families: making them, one by hand, what they type."""

from tests.admin.walking import Way

WAYS = {
    "POST /desk/families/make": Way(),
    "POST /desk/families/together": Way({"family": ["{family_id}", "{other_family_id}"]}),
    "POST /desk/families/apart": Way({"family": ["{family_id}", "{other_family_id}"]}, rows=2),  # one for each family
    "POST /desk/families/secret": Way({"kind": "postcode", "hint": "Uw postcode, bijvoorbeeld 1234 AB"}),
    "POST /desk/families/{family_id}/name": Way({"name": "de Vries-Bos"}),
    "POST /desk/families/{family_id}/email": Way({"email": "nieuw@example.org"}),
    "POST /desk/families/{family_id}/code": Way({"code": "GROENE-VIJVER-7", "remove": "false"}),
    "POST /desk/families/{family_id}/secret": Way(where={"family_id": "bare_family_id"}),
    "POST /desk/families/{family_id}/block": Way(),
    "POST /desk/families/{family_id}/admit": Way(where={"family_id": "blocked_family_id"}),
    "POST /desk/families/{family_id}/merge": Way({"other": "{other_family_id}"}),
    "POST /desk/families/{family_id}/move": Way(
        {"student": "{other_student_id}", "to": "{other_family_id}", "name": ""}
    ),
    "POST /desk/families/{family_id}/out": Way({"student": "{lotte_id}"}, where={"family_id": "bakker_id"}),
}
