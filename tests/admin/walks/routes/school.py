"""The school's settings and its people."""

from tests.admin.walks.route_table import Way

WAYS = {
    "POST /desk/school": Way({"name": "De Regenboog", "contact": "030 765 43 21", "language": "nl"}),
}
