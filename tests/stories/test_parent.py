"""What parents do, told from their side: in Telegram by polling and by webhook, and in the browser."""

import pytest
from sqlmodel import Session, col, select

from storage.tables import Booking, Conference, Family, Planning, Slot
from storage.words import Policy, SlotState
from tests.support.cast import CLOSES, Cast
from tests.support.phone import Phone, Street, story, street

FRONTS = ["polling", "web"]  # the webhook has a story of its own: behind it everything is the same
every_front = pytest.mark.parametrize("front", FRONTS)


async def signed_in(lived: Street, child: str, secret: str, school: str = "regenboog") -> Phone:
    phone = lived.phone(child)
    await phone.start(school)
    await phone.send(child)
    await phone.send(secret)
    assert phone.screen.startswith("Welkom! U bent ingelogd voor "), phone.screen
    return phone


def held(cast: Cast) -> list[tuple[int, int, int]]:
    """Every live booking: (family, student, slot), in the order of their making."""

    def read(session: Session) -> list[tuple[int, int, int]]:
        rows = session.exec(select(Booking).where(col(Booking.cancelled).is_(None)).order_by(col(Booking.id)))
        return [(row.family_id, row.student_id, row.slot_id) for row in rows]

    return cast.database.read(read)


def change(cast: Cast, table: type, id_: int, **values: object) -> None:
    def write(session: Session) -> None:
        row = session.get(table, id_)
        for name, value in values.items():
            setattr(row, name, value)

    cast.database.work(write)


@every_front
@story
async def test_a_parent_comes_by_a_link_signs_in_forgivingly_and_books(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = lived.phone("Anouk")
        await phone.start("regenboog")
        assert phone.screen == (
            "Welkom bij De Regenboog.\n\nWat is de voornaam van uw kind? Eén kind is genoeg, u ziet ze straks allemaal."
        )
        await phone.send("stephanie")
        assert "Uw postcode (1234AB)" in phone.screen
        await phone.send("3514 gh")
        assert phone.screen == (
            "Welkom! U bent ingelogd voor Stéphanie.\n\n"
            "De Regenboog · Smit\n\n"
            "Stéphanie\n"
            "Herfstgesprekken · Groep 7 · meester Bram\n"
            "Nog geen tijd gekozen. Dat kan tot zondag 22 november, 12:00."
        )
        assert phone.buttons == ["Kies tijd voor Stéphanie", "Instellingen"]
        await phone.tap("Kies tijd voor Stéphanie")
        assert phone.screen == "Stéphanie · Groep 7 · meester Bram\n\ndinsdag 24 november\nWelke tijd past u?"
        assert phone.buttons[:4] == ["18:00", "18:10", "18:20", "18:30"]
        await phone.tap("18:20")
        assert phone.screen == (
            "De Regenboog · Smit\n\n"
            "Stéphanie\n"
            "Herfstgesprekken · Groep 7 · meester Bram\n"
            "✓ dinsdag 24 november, 18:20 · lokaal 3\n\n"
            "✓ Afgesproken voor Stéphanie: dinsdag 24 november, 18:20"
        )
        assert held(cast) == [(cast.smit, cast.stephanie, cast.bram_slots[2])]


@every_front
@story
async def test_a_parent_moves_a_talk_to_another_day_and_then_cancels_it(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Sanne")
        assert phone.screen == "Sanne · Groep 4 · juf Noor\n\nWelke dag past u?"
        assert phone.buttons == ["di 24 nov", "do 26 nov", "Overzicht"]
        await phone.tap("di 24 nov")
        await phone.tap("18:00")
        await phone.tap("Sanne · di 24 nov 18:00")
        await phone.tap("Andere tijd")
        assert "Nu afgesproken: dinsdag 24 november, 18:00." in phone.screen
        await phone.tap("do 26 nov")
        await phone.tap("18:10")
        assert phone.screen.endswith("✓ Verzet voor Sanne: nu donderdag 26 november, 18:10")
        assert held(cast) == [(cast.de_vries, cast.sanne, cast.noor_slots[13])]
        await phone.tap("Sanne · do 26 nov 18:10")
        await phone.tap("Afzeggen")
        assert held(cast) == [(cast.de_vries, cast.sanne, cast.noor_slots[13])], "it only asks"
        await phone.tap("Ja, zeg de afspraak af")
        assert phone.screen.endswith("✓ Afgezegd voor Sanne: donderdag 26 november, 18:10")
        assert held(cast) == []


@every_front
@story
async def test_one_login_books_for_both_children_and_offers_no_times_that_overlap(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Daan", "3511 ab")
        await phone.tap("Kies tijd voor Daan")
        await phone.tap("18:00")
        assert "Daan · di 24 nov 18:00 ✓" in phone.buttons
        await phone.tap("Kies tijd voor Sanne")
        await phone.tap("di 24 nov")
        assert phone.buttons[0] == "18:10", "at 18:00 the family is with meester Bram"
        await phone.tap("18:10")
        assert held(cast) == [
            (cast.de_vries, cast.daan, cast.bram_slots[0]),
            (cast.de_vries, cast.sanne, cast.noor_slots[1]),
        ]


@every_front
@story
async def test_twins_each_get_a_talk(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "ELIF", "3512-cd")
        for child, time in (("Elif", "18:00"), ("Emir", "18:10")):
            await phone.tap(f"Kies tijd voor {child}")
            await phone.tap("di 24 nov")
            await phone.tap(time)
        calendar = [] if front == "web" else ["In mijn agenda"]
        assert phone.buttons == ["Elif · di 24 nov 18:00 ✓", "Emir · di 24 nov 18:10 ✓", *calendar, "Instellingen"]


@every_front
@story
async def test_a_time_that_was_just_taken_gives_fresh_times_and_no_error(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        slow, quick = await signed_in(lived, "Sanne", "3511AB"), await signed_in(lived, "Emir", "3512CD")
        for phone, child in ((slow, "Sanne"), (quick, "Emir")):
            await phone.tap(f"Kies tijd voor {child}")
            await phone.tap("di 24 nov")
        await quick.tap("18:00")
        await slow.tap("18:00")
        assert slow.alert == "Dat moment is net bezet. Kies een ander moment."
        assert slow.buttons[0] == "18:10"
        await slow.tap("18:10")
        assert [slot for _, _, slot in held(cast)] == [cast.noor_slots[0], cast.noor_slots[1]]


@every_front
@story
async def test_a_double_tap_books_once_and_shows_the_same(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Sanne")
        await phone.tap("di 24 nov")
        packed = phone.packed("18:30")
        await phone.tap_packed(packed)
        booked = phone.screen
        await phone.tap_packed(packed)
        assert (phone.screen, phone.alert) == (booked, "")
        assert held(cast) == [(cast.de_vries, cast.sanne, cast.noor_slots[3])]


@every_front
@story
async def test_an_old_button_for_another_time_changes_nothing(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Sanne")
        await phone.tap("di 24 nov")
        old = phone.packed("18:30")
        await phone.tap("18:00")
        await phone.tap_packed(old)
        assert phone.alert == "Voor dit kind is al een gesprek afgesproken."
        assert "✓ dinsdag 24 november, 18:00" in phone.screen
        assert held(cast) == [(cast.de_vries, cast.sanne, cast.noor_slots[0])]


@every_front
@story
async def test_sign_up_that_closes_while_choosing_says_so_and_whom_to_ask(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Sanne")
        await phone.tap("di 24 nov")
        lived.clock.at = CLOSES
        await phone.tap("18:00")
        assert phone.alert == (
            "De inschrijving is gesloten sinds zondag 22 november, 12:00. "
            "Vragen? Neem contact op met de school: 030 123 45 67."
        )
        assert "De inschrijving is gesloten." in phone.screen
        assert phone.buttons == ["Instellingen"]
        assert held(cast) == []


@every_front
@story
async def test_before_it_opens_the_overview_says_when_and_a_large_family_comes_earlier(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        later = lived.clock.now().replace(day=12, hour=18)
        for planning in (cast.noor_planning, cast.bram_planning):
            change(cast, Planning, planning, opens=later, opens_early=lived.clock.now())
        change(cast, Conference, cast.autumn, large_family=2)
        small = await signed_in(lived, "stephanie", "3514GH")
        assert "U kunt een tijd kiezen vanaf donderdag 12 november, 19:00." in small.screen
        assert small.buttons == ["Instellingen"]
        large = await signed_in(lived, "Sanne", "3511AB")
        await large.tap("Kies tijd voor Daan")
        await large.tap("18:00")
        assert held(cast) == [(cast.de_vries, cast.daan, cast.bram_slots[0])]


@every_front
@story
async def test_a_family_blocked_while_choosing_is_out_at_once(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Sanne")
        await phone.tap("di 24 nov")
        change(cast, Family, cast.de_vries, blocked=True)
        await phone.tap("18:00")
        assert phone.alert == "U bent niet meer ingelogd."
        assert phone.screen.startswith("Welkom bij De Regenboog.")
        assert held(cast) == []
        await phone.send("Sanne")
        await phone.send("3511AB")
        assert phone.screen.startswith("Dat klopte niet.")


@every_front
@story
async def test_together_the_other_parent_is_invited_and_books_nothing(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        one, other = await signed_in(lived, "Lotte", "3513EF"), await signed_in(lived, "Lotte", "blauwe olifant")
        for phone in (one, other):
            await phone.tap("Kies tijd voor Lotte")
            await phone.tap("di 24 nov")
        await one.tap("18:00")
        await other.tap("18:10")
        assert other.alert == "Voor dit kind is al een gesprek afgesproken."
        assert other.screen == (
            "De Regenboog · Bakker\n\nLotte\nHerfstgesprekken · Groep 4 · juf Noor\n"
            "Afgesproken op dinsdag 24 november, 18:00 door de andere ouder. U bent ook uitgenodigd."
        )
        assert held(cast) == [(cast.jansen, cast.lotte, cast.noor_slots[0])]


@every_front
@story
async def test_each_parent_books_a_talk_of_their_own_where_the_school_wants_it(cast: Cast, front: str) -> None:
    change(cast, Conference, cast.autumn, policy=Policy.EACH)
    async with street(cast.database, front) as lived:
        one, other = await signed_in(lived, "Lotte", "3513EF"), await signed_in(lived, "Lotte", "blauwe olifant")
        for phone, time in ((one, "18:00"), (other, "18:10")):
            await phone.tap("Kies tijd voor Lotte")
            await phone.tap("di 24 nov")
            await phone.tap(time)
        assert held(cast) == [
            (cast.jansen, cast.lotte, cast.noor_slots[0]),
            (cast.bakker, cast.lotte, cast.noor_slots[1]),
        ]


@every_front
@story
async def test_a_break_looks_the_same_as_a_taken_time(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        taker, phone = await signed_in(lived, "Emir", "3512CD"), await signed_in(lived, "Sanne", "3511AB")
        await taker.tap("Kies tijd voor Emir")
        await taker.tap("di 24 nov")
        taken, at_break = taker.packed("18:00"), phone
        await taker.tap_packed(taken)
        change(cast, Slot, cast.noor_slots[1], state=SlotState.BREAK)
        await at_break.tap("Kies tijd voor Sanne")
        await at_break.tap("di 24 nov")
        assert at_break.buttons[:2] == ["18:20", "18:30"]


@story
async def test_by_webhook_it_is_the_same_conversation(cast: Cast) -> None:
    async with street(cast.database, "webhook") as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        await phone.tap("18:00")
        assert phone.screen.endswith("✓ Afgesproken voor Daan: dinsdag 24 november, 18:00")
        assert held(cast) == [(cast.de_vries, cast.daan, cast.bram_slots[0])]
