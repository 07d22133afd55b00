"""In and out, and one's own account."""

from tests.admin.browser import BRAM, PASSWORD
from tests.admin.walking import Way

WAYS = {
    "POST /desk/sign-in": Way({"email": BRAM, "password": PASSWORD, "next": "/desk"}),
    "POST /desk/sign-in/school": Way({"ticket": "none", "account": "1-1", "next": "/desk"}, rows=0),
    "POST /desk/sign-out": Way(rows=0),
    "POST /desk/language": Way({"language": "en", "next": "/desk"}, rows=0),
}
