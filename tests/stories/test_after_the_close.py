"""After the close, in another group, next to a sibling: only what can still be done has a button (P6)."""

from datetime import timedelta

from sqlmodel import Session, select

from storage.tables import School, StudentGroup
from tests.stories.test_parent import every_front, held, signed_in
from tests.support.cast import CLOSES, NOW, Cast
from tests.support.phone import Phone, Street, story, street


async def books_daan(lived: Street) -> Phone:
    phone = await signed_in(lived, "Daan", "3511AB")
    await phone.tap("Kies tijd voor Daan")
    await phone.tap("18:00")
    return phone


@every_front
@story
async def test_until_the_close_a_talk_says_until_when_and_after_it_whom_to_call(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await books_daan(lived)
        await phone.tap("Daan · di 24 nov 18:00 ✓")
        assert phone.screen.endswith("Wijzigen kan tot zondag 22 november, 12:00.")
        assert phone.buttons[:2] == ["Andere tijd", "Afzeggen"]
        old = {label: phone.packed(label) for label in ("Andere tijd", "Afzeggen")}
        lived.clock.at = CLOSES + timedelta(minutes=1)
        for packed in old.values():
            await phone.tap_packed(packed)
            assert phone.alert.startswith("De inschrijving is gesloten sinds zondag 22 november, 12:00.")
            assert "Wijzigen kan niet meer. Is er iets? Bel de school: 030 123 45 67." in phone.screen
            assert not {"Andere tijd", "Afzeggen"} & set(phone.buttons)
        assert len(held(cast)) == 1


@every_front
@story
async def test_a_school_without_a_contact_is_named_itself(cast: Cast, front: str) -> None:
    cast.database.work(_no_contact)
    async with street(cast.database, front) as lived:
        phone = await books_daan(lived)
        lived.clock.at = CLOSES + timedelta(minutes=1)
        await phone.tap("Daan · di 24 nov 18:00 ✓")
        assert "Bel de school: De Regenboog." in phone.screen


@every_front
@story
async def test_during_the_talk_and_after_it_the_screen_says_so(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await books_daan(lived)
        packed = phone.packed("Daan · di 24 nov 18:00 ✓")
        for later, words in ((timedelta(minutes=5), "Dit gesprek is begonnen."), (timedelta(hours=1), "geweest.")):
            lived.clock.at = NOW.replace(day=24, hour=17, minute=0) + later
            await phone.tap_packed(packed)
            assert phone.screen.endswith(words), phone.screen
            assert phone.buttons == ["Overzicht"]


@every_front
@story
async def test_a_child_in_another_group_is_told_why_its_talk_cannot_be_moved(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await books_daan(lived)
        await phone.tap("Daan · di 24 nov 18:00 ✓")
        old = phone.packed("Andere tijd")
        cast.database.work(_to_group_4, cast)
        await phone.tap_packed(old)
        assert phone.alert.startswith("Uw kind zit nu in een andere groep: afzeggen kan, verzetten niet.")
        assert "Daan zit nu in een andere groep, dus verzetten kan hier niet." in phone.screen
        assert "Andere tijd" not in phone.buttons
        await phone.tap("Afzeggen")
        await phone.tap("Ja, zeg de afspraak af")
        assert held(cast) == []


@every_front
@story
async def test_the_times_next_to_a_siblings_talk_come_first_and_an_evening_stands_on_one_page(
    cast: Cast, front: str
) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Daan", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        await phone.tap("18:20")
        await phone.tap("Kies tijd voor Sanne")
        await phone.tap("di 24 nov")
        assert "Eerst de tijden naast het gesprek van Daan." in phone.screen
        times = [label for label in phone.buttons if ":" in label]
        assert times == [
            "18:00",
            "18:10",
            "18:30",
            "18:40",
            "18:50",
            "19:00",
            "19:10",
            "19:20",
            "19:30",
            "19:40",
            "19:50",
        ]
        assert "Later ›" not in phone.buttons


def _no_contact(session: Session) -> None:
    for school in session.exec(select(School)):
        school.contact = ""


def _to_group_4(session: Session, cast: Cast) -> None:
    row = session.exec(select(StudentGroup).where(StudentGroup.student_id == cast.daan)).one()
    session.delete(row)
    session.flush()
    session.add(StudentGroup(school_id=cast.school, student_id=cast.daan, group_id=cast.groep4))
