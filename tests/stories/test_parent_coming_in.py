"""How parents come in and go: signing in, guessing, languages, several families and schools in one chat."""

from tests.stories.test_parent import every_front, held, signed_in
from tests.support.cast import Cast
from tests.support.phone import story, street


@every_front
@story
async def test_a_parent_logs_out_and_the_booking_stays(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        await phone.tap("18:00")
        await phone.tap("Daan · di 24 nov 18:00 ✓")
        old = phone.packed("Afzeggen")
        await phone.tap("Overzicht")
        await phone.tap("Instellingen")
        await phone.tap("Uitloggen")
        assert phone.screen.startswith("Uitloggen van de Vries bij De Regenboog?")
        await phone.tap("Ja, log uit")
        assert phone.screen.startswith("U bent uitgelogd bij De Regenboog.")
        await phone.tap_packed(old)
        assert phone.alert == "U bent niet meer ingelogd."
        assert held(cast) == [(cast.de_vries, cast.daan, cast.bram_slots[0])]
        await phone.send("Daan")
        await phone.send("3511AB")
        assert "✓ dinsdag 24 november, 18:00" in phone.screen


@every_front
@story
async def test_another_language_is_a_tap_away(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Instellingen")
        await phone.tap("English")
        assert phone.screen == "Settings\n\nDe Regenboog · de Vries\nLanguage: English"
        await phone.tap("Overview")
        assert "You can book until Sunday 22 November, 12:00." in phone.screen


@every_front
@story
async def test_the_phones_own_language_is_picked_up(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = lived.phone("Anna", "en-GB")
        await phone.start("regenboog")
        assert phone.screen.startswith("Welcome to De Regenboog.")
        french = lived.phone("Aline", "fr")
        await french.start("regenboog")
        assert french.screen.startswith("Welkom bij De Regenboog."), "we speak no French yet: the school's language"


@every_front
@story
async def test_one_chat_speaks_for_two_families_at_two_schools(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Instellingen")
        await phone.tap("Mijn families en scholen")
        await phone.tap("Familie toevoegen")
        await phone.send("Elif")
        await phone.send("3512CD")
        assert "De Regenboog · Yılmaz" in phone.screen
        await phone.start("horizon")
        await phone.send("Sanne")
        await phone.send("3511AB")
        assert "De Horizon · Mulder" in phone.screen
        await phone.tap("Instellingen")
        await phone.tap("Mijn families en scholen")
        assert phone.buttons[:3] == ["Mulder · De Horizon", "Yılmaz · De Regenboog", "de Vries · De Regenboog"]
        await phone.tap("de Vries · De Regenboog")
        assert phone.screen.startswith("De Regenboog · de Vries\n\nDaan\n")
        assert "Mulder" not in phone.screen


@every_front
@story
async def test_a_button_of_another_family_of_the_chat_is_outdated(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        old = phone.packed("18:00")
        await phone.tap("Overzicht")
        await phone.tap("Instellingen")
        await phone.tap("Mijn families en scholen")
        await phone.tap("Familie toevoegen")
        await phone.send("Elif")
        await phone.send("3512CD")
        await phone.tap_packed(old)
        assert phone.alert == "Deze knop hoort bij een eerder bericht. Zo staat het er nu voor."
        assert "De Regenboog · Yılmaz" in phone.screen
        assert held(cast) == []


@every_front
@story
async def test_a_wrong_name_and_a_wrong_secret_get_the_same_answer(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        answers = []
        for name, secret in (("Sanne", "9999ZZ"), ("Zebedeus", "3511AB"), ("Sanne", "weet ik niet")):
            phone = lived.phone("Gok")
            await phone.start("regenboog")
            await phone.send(name)
            asked = (phone.screen, phone.buttons)
            await phone.send(secret)
            answers.append((asked, phone.screen, phone.buttons, phone.alert))
        assert answers[1:] == [answers[0], answers[0]]
        assert answers[0][1] == (
            "Dat klopte niet. Een typefout?\n\n"
            "Uw postcode (1234AB)\n\n"
            "Blijft het misgaan? Vraag het de school: 030 123 45 67."
        )


@every_front
@story
async def test_guessing_has_to_wait_and_then_may_go_on(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = lived.phone("Gok")
        await phone.start("regenboog")
        await phone.send("Daan")
        for guess in range(5):
            await phone.send(f"12{guess}4AB")
        assert phone.screen == (
            "Te veel pogingen. Vanaf 19:15 kunt u het weer proberen.\n\nVragen? De school: 030 123 45 67."
        )
        await phone.tap("Andere voornaam")
        await phone.send("Elif")
        await phone.send("3512CD")
        assert phone.screen.startswith("Te veel pogingen.")
        lived.clock.put_on(minutes=15)
        await phone.tap("Andere voornaam")
        await phone.send("Elif")
        await phone.send("3512CD")
        assert phone.screen.startswith("Welkom! U bent ingelogd voor Elif en Emir.")


@every_front
@story
async def test_strange_texts_get_a_friendly_answer(cast: Cast, front: str) -> None:
    async with street(cast.database, front) as lived:
        phone = lived.phone("Grapjas")
        await phone.start("regenboog")
        for text in ("🎉🎉", "a" * 3000, "\u202e<b>&'\"", "%(name)s {{ 7*7 }}"):
            await phone.send(text)
            assert phone.screen, text
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.send("Dank je wel! 😀")
        seen = f"{phone.alert}\n{phone.screen}"
        assert "Tik op een van de knoppen." in seen
        assert "De Regenboog · de Vries" in seen
