"""In and out, and one's own account."""

from tests.admin.walks.route_table import Way
from tests.support.browser import BRAM, PASSWORD

WAYS = {
    "POST /desk/sign-in": Way({"email": BRAM, "password": PASSWORD, "next": "/desk", "typed": ""}),
    "POST /desk/sign-in/school": Way({"ticket": "none", "account": "1-1", "next": "/desk", "typed": ""}, rows=0),
    "POST /desk/sign-out": Way(rows=0),
    "POST /desk/language": Way({"language": "en", "next": "/desk"}, rows=0),
}
