"""The people at the desk, links to a password, codes of an app, and calendars."""

from collections.abc import Callable, Mapping
from typing import Any

import pyotp
from sqlmodel import Session, select

from storage.school import feeds
from storage.school.feeds import Whose
from storage.staff import invitations, password_links, second_factor
from storage.staff.invitations import Invitee
from storage.tables import PlanningTeacher, Staff, Teacher
from storage.values.normalise import name as name_key
from tests.admin.walks.route_table import Ground, Way
from tests.support.browser import PASSWORD
from tests.support.cast import NOW, OPERATOR, PEPPER

NEW = "nog veel langer dan eerst"
Ready = Callable[[Ground], Mapping[str, Any]]


def me(session: Session, ground: Ground) -> Staff:
    return session.exec(select(Staff).where(Staff.school_id == ground.school_id, Staff.email == ground.email)).one()


def invited(ground: Ground) -> Mapping[str, Any]:
    """Somebody who has not chosen a password yet."""
    people = [Invitee("kim@regenboog.example", "juf Kim")]
    made = ground.database.work(invitations.invite, ground.school_id, OPERATOR, people)
    return {"staff_id": made[0].id}


def unknown_teacher(ground: Ground) -> Mapping[str, Any]:
    """A teacher of a planning who has no account."""

    def add(session: Session) -> int:
        name = "juf Kim"
        row = Teacher(school_id=ground.school_id, name=name, name_key=name_key(name), email="kim@regenboog.example")
        session.add(row)
        session.flush()
        assert row.id
        seat = {"planning_id": ground.ids["planning_id"], "teacher_id": row.id}
        session.add(PlanningTeacher(school_id=ground.school_id, **seat))
        return row.id

    return {"teacher_id": ground.database.work(add)}


def with_factor(of: str) -> Ready:
    """A code is asked of `staff_id` or, with "", of the person who walks; `code` is right now."""

    def make(ground: Ground) -> Mapping[str, Any]:
        def switch_on(session: Session) -> int:
            row = session.get_one(Staff, ground.ids[of]) if of else me(session, ground)
            row.totp = "nonce"
            assert row.id
            return row.id

        id_ = ground.database.work(switch_on)
        return {"code": pyotp.TOTP(second_factor.secret(PEPPER, id_, "nonce")).at(NOW)}

    return make


def scanned(ground: Ground) -> Mapping[str, Any]:
    """The code that an app shows after it scanned the square."""
    id_ = ground.database.read(me, ground).id
    assert id_
    nonce = second_factor.offered(PEPPER, id_, 0, ground.browser.token())
    return {"code": pyotp.TOTP(second_factor.secret(PEPPER, id_, nonce)).at(NOW)}


def mailed(ground: Ground) -> Mapping[str, Any]:
    door = ground.database.work(password_links.make, ground.school_id, OPERATOR, ground.ids["staff_id"], PEPPER)
    return {"token": door.token}


def with_feed(whose: Whose) -> Ready:
    def make(ground: Ground) -> Mapping[str, Any]:
        which = (whose, ground.ids[f"{whose}_id"])
        return {"token": ground.database.work(feeds.renew, ground.school_id, OPERATOR, *which, PEPPER).token}

    return make


def a_teacher(ground: Ground) -> Mapping[str, Any]:
    """Who walks has plannings of their own, and a calendar."""

    def seat(session: Session) -> None:
        me(session, ground).teacher_id = ground.ids["teacher_id"]

    ground.database.work(seat)
    return with_feed(Whose.TEACHER)(ground)


KIM = {"email": "kim@regenboog.example", "name": "juf Kim", "role": "teacher"}
STAFF, PERSON = "/desk/school/staff", "/desk/school/staff/{staff_id}"
CALENDARS = "/desk/school/calendars"

WAYS = {
    f"POST {STAFF}/invite": Way(KIM),
    f"POST {STAFF}/invite/teachers": Way({"teacher": ["{teacher_id}"]}, ready=unknown_teacher),
    f"POST {STAFF}/invite/list": Way(
        {"addresses": "juf Kim <kim@regenboog.example>", "role": "teacher"}, lines=("addresses",)
    ),
    f"POST {STAFF}/add": Way({**KIM, "password": PASSWORD}),
    f"POST {PERSON}": Way({"name": "meester Abraham", "role": "teacher"}),
    f"POST {PERSON}/active": Way({"active": "false"}),
    f"POST {PERSON}/invite": Way(ready=invited),
    f"POST {PERSON}/take-back": Way(ready=invited),
    f"POST {PERSON}/link": Way(),
    f"POST {PERSON}/password": Way({"password": PASSWORD}),
    f"POST {PERSON}/second-factor": Way(ready=with_factor("staff_id")),
    f"POST {CALENDARS}/groups/{{group_id}}/renew": Way(),
    f"POST {CALENDARS}/groups/{{group_id}}/stop": Way(ready=with_feed(Whose.GROUP)),
    f"POST {CALENDARS}/teachers/{{teacher_id}}/renew": Way(),
    f"POST {CALENDARS}/teachers/{{teacher_id}}/stop": Way(ready=with_feed(Whose.TEACHER)),
    "GET /desk/calendar/{token}.ics": Way(ready=with_feed(Whose.GROUP)),
    "POST /desk/account": Way({"now": PASSWORD, "new": NEW}),
    "POST /desk/account/sign-out-everywhere": Way(),
    "POST /desk/account/second-factor": Way({"code": "{code}"}, ready=scanned),
    "POST /desk/account/second-factor/off": Way({"now": PASSWORD, "code": "{code}"}, ready=with_factor("")),
    "POST /desk/account/calendar/renew": Way(ready=a_teacher),
    "POST /desk/account/calendar/stop": Way(ready=a_teacher),
    "POST /desk/forgotten": Way({"email": "bram@regenboog.example"}),
    "GET /desk/welcome/{token}": Way(ready=mailed),
    # The password was chosen, and somebody came in: two things, as a person would name them.
    "POST /desk/welcome/{token}": Way({"new": NEW}, rows=2, ready=mailed),
    "POST /desk/sign-in/code": Way({"ticket": "none", "code": "123456", "next": "/desk", "typed": ""}, rows=0),
}
