"""A parent comes in by the school's letter: in Telegram by its start link, in a browser by its page (D25, rule 7)."""

import re
from datetime import timedelta

import httpx
from sqlmodel import select

from storage.access import letters
from storage.access.letter_recipients import LetterSelection
from storage.database.engine import Database
from storage.families import blocking
from storage.tables import Letter, Link
from tests.support.browser import unchanged
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.phone import BrowserPhone, Clock, browser, story, street

SPENT = "Deze brief is al gebruikt. U kunt nog altijd inloggen met de voornaam van uw kind en uw wachtwoord."


def letter(cast: Cast, family_id: int) -> str:
    choice = LetterSelection(family_id=family_id)
    return cast.database.work(letters.write, cast.school, DESK, choice, PEPPER)[0].token


def links(database: Database) -> list[int]:
    return database.read(lambda session: list(session.exec(select(Link.family_id).order_by(Link.id))))  # type: ignore[arg-type]


class Reader(BrowserPhone):
    """A phone that scans a letter: opens its page, and taps its button."""

    def __init__(self, client: httpx.AsyncClient, token: str, slug: str = "regenboog") -> None:
        super().__init__(client)
        self.path = f"/{slug}/letter/{token}"

    async def scan(self) -> None:
        await self._get(self.path)

    async def come_in(self) -> None:
        self._keep(await self.client.post(self.path, data={"csrf": self.csrf}))


@story
async def test_the_start_link_signs_a_phone_in_once(cast: Cast) -> None:
    token = letter(cast, cast.de_vries)
    async with street(cast.database) as lived:
        mother, father = lived.telegram("Anouk"), lived.telegram("Pieter")
        await mother.start(f"regenboog_{token}")
        assert mother.screen.startswith("Welkom! U bent ingelogd voor Daan en Sanne.")
        assert mother.typed == []  # the code is taken out of the chat
        await father.start(f"regenboog_{token}")
        assert father.screen.endswith(SPENT)
        assert "Wat is de voornaam van uw kind?" in father.screen
        assert links(cast.database) == [cast.de_vries]
        await father.send("Sanne")
        await father.send("3511AB")
        assert father.screen.startswith("Welkom!")


@story
async def test_a_start_link_of_nothing_is_said_so(cast: Cast) -> None:
    token = letter(cast, cast.de_vries)
    cast.database.work(blocking.block, cast.school, DESK, cast.de_vries)
    async with street(cast.database) as lived:
        phone = lived.telegram("Anouk")
        for start in (f"regenboog_{token}", f"horizon_{token}", f"regenboog_{'A' * 22}", "regenboog_"):
            await phone.start(start)
            assert "\n\nDeze brief werkt hier niet. " in phone.screen, start
        await phone.start(f"nergens_{token}")
        assert phone.screen.startswith("Die link hoort niet bij een school.")
        assert links(cast.database) == []


@story
async def test_the_longest_slug_fits_a_start_link(cast: Cast) -> None:
    assert len(f"{'x' * 40}_{letter(cast, cast.smit)}") <= 64


@story
async def test_looking_uses_nothing_up_and_names_nobody(cast: Cast) -> None:
    token = letter(cast, cast.de_vries)
    async with browser(cast.database, Clock(), telegram_bot_name="tienminuten_bot") as client:
        phone = Reader(client, token)
        with unchanged(cast.database):
            for _ in range(3):
                await phone.scan()
        assert phone.screen.startswith("Welkom bij De Regenboog.")
        assert re.search("Sanne|Daan|Vries|3511", phone.page) is None
        assert f"https://t.me/tienminuten_bot?start=regenboog_{token}" in phone.page
        assert phone.status == 200


@story
async def test_the_button_signs_a_browser_in_and_the_other_chats_are_told(cast: Cast) -> None:
    token = letter(cast, cast.de_vries)
    async with browser(cast.database, Clock()) as client, browser(cast.database, Clock()) as other:
        phone, late = Reader(client, token), Reader(other, token)
        await phone.scan()
        await late.scan()
        await phone.come_in()
        assert phone.screen.startswith("Welkom! U bent ingelogd voor Daan en Sanne.")
        await phone.start("regenboog")
        assert phone.screen.startswith("De Regenboog · de Vries")
        await late.come_in()
        assert late.alert == SPENT
        await late.scan()
        assert (late.alert, "t.me" in late.page) == (SPENT, False)
        await phone.scan()  # whoever is in already is not turned away either way
        assert links(cast.database) == [cast.de_vries]


@story
async def test_a_form_that_is_not_ours_does_not_come_in(cast: Cast) -> None:
    token = letter(cast, cast.de_vries)
    async with browser(cast.database, Clock()) as client:
        phone = Reader(client, token)
        await phone.scan()
        for headers, csrf in (({"Sec-Fetch-Site": "cross-site"}, phone.csrf), ({}, "0" * 64)):
            answer = await client.post(phone.path, data={"csrf": csrf}, headers=headers)
            assert answer.status_code == 403
        rows = cast.database.read(lambda session: list(session.exec(select(Letter.used))))
        assert (links(cast.database), rows) == ([], [None])


@story
async def test_a_letter_that_is_too_old_or_of_another_school_is_said_so(cast: Cast) -> None:
    token, clock = letter(cast, cast.de_vries), Clock()
    async with browser(cast.database, clock) as client:
        strange = Reader(client, token, "horizon")
        await strange.scan()
        assert strange.alert.startswith("Deze brief werkt hier niet.")
        clock.at = NOW + timedelta(days=43)
        phone = Reader(client, token)
        await phone.scan()
        assert phone.alert.startswith("De code in deze brief werkte tot en met dinsdag 22 december.")
        assert (await client.get(f"/nergens/letter/{token}")).status_code == 404
