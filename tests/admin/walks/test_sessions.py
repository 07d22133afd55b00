"""G8 on every route of the table: who sat idle, was twelve hours in, or is let in no longer, is out at once."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlmodel import col

from storage.tables import Staff
from tests.admin.walks.route_table import Ground, Walked, Way, routes
from tests.admin.walks.routes import WAYS
from tests.support.browser import everything

ROUTES = [route for route in routes() if not route.public]


def dismiss(walked: Walked) -> None:
    gone = update(Staff).values(active=False).where(col(Staff.email) == walked.pair[0].email)
    walked.database.work(lambda session: session.execute(gone) and None)


def idle(walked: Walked) -> None:
    walked.clock.on(minutes=31)


def half_a_day(walked: Walked) -> None:
    for _ in range(49):  # never idle for half an hour
        walked.clock.on(minutes=15)
        walked.pair[0].browser.get("/desk/account")


@pytest.mark.parametrize("out", [dismiss, idle, half_a_day])
def test_who_is_out_is_out_of_every_route(walked: Walked, ground: Ground, out: Callable[[Walked], None]) -> None:
    token = ground.browser.token()
    out(walked)
    before = {name: rows for name, rows in everything(ground.database).items() if name != "desk_session"}
    for route in ROUTES:
        way = WAYS.get(route.key, Way())
        address = route.path.format_map(dict.fromkeys(route.parameters, "1"))
        if route.reading:
            answer = ground.browser.get(address)
            assert (route.key, answer.status_code) == (route.key, 303)
            assert answer.headers["location"].startswith("/desk/sign-in"), route.key
        else:
            fields = {"csrf": token, **dict.fromkeys(way.fields, "1")}
            assert (route.key, ground.browser.client.post(address, data=fields).status_code) == (route.key, 403)
    assert {name: rows for name, rows in everything(ground.database).items() if name != "desk_session"} == before


def test_every_session_is_a_cookie_of_this_host_alone_and_new_at_every_sign_in(ground: Ground) -> None:
    first = ground.browser.client.cookies.jar
    values = {cookie.value for cookie in first}
    ground.come_back()
    again = [cookie for cookie in ground.browser.client.cookies.jar if cookie.name.endswith("desk")]
    assert values.isdisjoint(cookie.value for cookie in again)
