"""One field on every page that finds a child or a family: who phones is helped while they speak.

What fits exactly one child or family leads straight to its page. It only looks, within the school, for administrators.
"""

from fastapi import APIRouter
from fastapi.responses import Response

from admin.layout import show
from admin.sessions import Administrator
from storage.people import finding

router = APIRouter(prefix="/desk/find")

MOST = 20  # of either on the page; the lists show the rest
LONGEST_SEARCH = 100


@router.get("")
def find(desk: Administrator, q: str = "") -> Response:
    q = " ".join(q[:LONGEST_SEARCH].split())
    if not q:
        return show(desk, "finding.html", q="", found=None, most=MOST)
    found = desk.database.read(finding.find, desk.school.id, q, MOST)
    if found.student_id:
        return desk.go(f"/desk/students/{found.student_id}")
    if found.family_id:
        return desk.go(f"/desk/families/{found.family_id}")
    return show(desk, "finding.html", q=q, found=found, most=MOST)
