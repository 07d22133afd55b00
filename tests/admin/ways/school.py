"""The school's settings and its people."""

from tests.admin.browser import PASSWORD
from tests.admin.walking import Way

WAYS = {
    "POST /desk/school": Way({"name": "De Regenboog", "contact": "030 765 43 21", "language": "nl"}),
    "POST /desk/staff": Way(
        {"email": "kim@regenboog.example", "name": "juf Kim", "role": "teacher", "password": PASSWORD}
    ),
    "POST /desk/staff/{staff_id}/active": Way({"active": "false"}),
    "POST /desk/staff/{staff_id}/password": Way({"password": PASSWORD}),
}
