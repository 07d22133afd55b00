"""Every refusal is a sentence, in every language."""

import importlib
import pkgutil
import sys
from datetime import UTC, datetime

import pytest

import messages
import storage
from messages.refusals import sentence, told
from messages.text import words
from storage.refusals import (
    AlreadyBooked,
    Blocked,
    Booked,
    Closed,
    Invalid,
    LetterTooOld,
    LetterUnknown,
    LetterUsed,
    NotFound,
    NotYetOpen,
    OtherGroup,
    Overlaps,
    Past,
    Refusal,
    Taken,
    TeacherBusy,
)

AT = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
ZONE = "Europe/Amsterdam"
EVERY: list[tuple[Refusal, str]] = [
    (NotFound("booking"), "Dat is er niet meer."),
    (Taken(), "Dat moment is net bezet. Kies een ander moment."),
    (
        Blocked(),
        "Deze familie kan op dit moment niet inschrijven. Vragen? Neem contact op met de school: 030 123 45 67.",
    ),
    (NotYetOpen(AT), "De inschrijving opent op dinsdag 24 november, 18:00."),
    (
        Closed(AT),
        "De inschrijving is gesloten sinds dinsdag 24 november, 18:00. "
        "Vragen? Neem contact op met de school: 030 123 45 67.",
    ),
    (Past(), "Dat gesprek is al begonnen."),
    (
        OtherGroup(),
        "Uw kind zit nu in een andere groep: afzeggen kan, verzetten niet. "
        "Vragen? Neem contact op met de school: 030 123 45 67.",
    ),
    (
        Overlaps(AT, AT.replace(minute=10)),
        "Dat valt samen met een ander gesprek van deze familie, of er vlak naast: dinsdag 24 november, 18:00–18:10.",
    ),
    (TeacherBusy(), "De leerkracht heeft dan een ander gesprek. Kies een ander moment."),
    (AlreadyBooked(), "Voor dit kind is al een gesprek afgesproken."),
    (Booked(), "Er staat 1 afspraak op: verzet die eerst of zeg die af."),
    (Booked(3), "Er staan 3 afspraken op: verzet die eerst of zeg die af."),
    (
        LetterUsed(),
        "Deze brief is al gebruikt. U kunt nog altijd inloggen met de voornaam van uw kind en uw wachtwoord.",
    ),
    (
        LetterTooOld(AT),
        "De code in deze brief werkte tot en met dinsdag 24 november. "
        "U kunt inloggen met de voornaam van uw kind en uw wachtwoord.",
    ),
    (LetterUnknown(), "Deze brief werkt hier niet. Vragen? Neem contact op met de school: 030 123 45 67."),
    (
        Invalid("%(moment)s happens twice: the clock is put back then.", (("moment", "25-10-2026 02:30"),)),
        "25-10-2026 02:30 komt twee keer voor: dan wordt de klok teruggezet.",
    ),
]


@pytest.mark.parametrize(("refusal", "said"), EVERY, ids=lambda value: type(value).__name__)
def test_a_refusal_is_said_in_the_readers_language(refusal: Refusal, said: str) -> None:
    assert sentence(refusal, words("nl"), ZONE, "030 123 45 67") == said


def test_no_contact_is_no_question() -> None:
    assert sentence(Closed(AT), words("en"), ZONE) == "Sign-up closed on Tuesday 24 November, 18:00."


def test_every_refusal_of_the_storage_has_a_sentence() -> None:
    for package in (storage, messages):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    kinds = {
        kind
        for kind in Refusal.__subclasses__()
        if getattr(sys.modules[kind.__module__], kind.__name__, None) is kind  # slots leave a second class behind
    }
    assert {kind for kind in kinds if kind.__module__ == "storage.refusals"} == {type(refusal) for refusal, _ in EVERY}
    assert [kind for kind in kinds if told.dispatch(kind) is told.dispatch(object)] == []


def test_a_refusal_without_a_sentence_is_noticed() -> None:
    with pytest.raises(TypeError, match="no sentence for Refusal"):
        sentence(Refusal(), words("en"), ZONE)
