"""A parent who is invited in the chat taps the one button, and chooses a time (D2, P1, rule 23)."""

from dataclasses import replace

from storage.notices import invitations
from tests.support.cast import DESK, Cast
from tests.support.phone import Street, TelegramPhone, story, street


async def signed_in(lived: Street, child: str, secret: str) -> TelegramPhone:
    phone = lived.telegram(child)
    await phone.start("regenboog")
    await phone.send(child)
    await phone.send(secret)
    return phone


async def invited(lived: Street, cast: Cast) -> None:
    """The desk invites everybody, and the sender sends."""
    assert lived.api is not None
    now = lived.clock.now()
    await cast.database.work_async(invitations.invite, cast.school, replace(DESK, now=now), cast.autumn, ())
    await lived.tell()


@story
async def test_one_tap_leads_from_the_invitation_to_the_times(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await invited(lived, cast)
        assert phone.screen.startswith("📅 Herfstgesprekken op De Regenboog")
        assert [message.text for message in phone.user.chat if message.from_bot] == [phone.screen]
        await phone.tap("Kies tijd voor Sanne")
        assert "Welke" in phone.screen
        await phone.tap("Overzicht")
        assert phone.screen.startswith("De Regenboog · de Vries"), "it has been read"


@story
async def test_a_chat_of_two_families_is_told_of_both_and_looks_at_the_last(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Instellingen")
        await phone.tap("Mijn families en scholen")
        await phone.tap("Familie toevoegen")
        await phone.send("Emir")
        await phone.send("3512 CD")
        await invited(lived, cast)
        first, second = phone.screen.split("📅")[1:]
        assert ("Emir" in first, "Sanne" in second.partition("De Regenboog ·")[0]) == (True, True)
        assert "De Regenboog · Yılmaz" in phone.screen
        await phone.tap("Kies tijd voor Emir")
        assert phone.screen.startswith("Emir · Groep 4")
