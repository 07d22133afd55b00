"""The audit trail in plain sentences: every act has one, in every language (D27)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from messages import audit_trail
from messages.text import languages, words
from storage.audit.trail import Deed
from storage.words import Act, Actor

AT = datetime(2026, 11, 10, 18, 0, tzinfo=UTC)
NAMES = {"student": "Sanne de Vries", "family": "de Vries", "planning": "Groep 4"}


def deed(
    act: Act, names: dict[str, str] | None = None, actor: Actor = Actor.STAFF, who: str = "Anna", **detail: Any
) -> Deed:
    return Deed(1, AT, actor, who, act, 1, detail, NAMES if names is None else names)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("act", Act)
def test_every_act_has_a_label_and_a_sentence(act: Act, language: str) -> None:
    said = audit_trail.sentence(deed(act), words(language), "Europe/Amsterdam")
    assert said.strip() != ""
    assert "%(" not in said
    assert audit_trail.label(act, words(language)).strip() != ""


@pytest.mark.parametrize("act", Act)
def test_every_act_is_said_in_words_of_each_language(act: Act) -> None:
    english, dutch = (audit_trail.sentence(deed(act), words(one), "Europe/Amsterdam") for one in ("en", "nl"))
    assert english != dutch


@pytest.mark.parametrize("act", [act for act, (key, closer) in audit_trail._CLOSER.items() for _ in closer])
def test_every_closer_sentence_can_be_said(act: Act) -> None:
    key, closer = audit_trail._CLOSER[act]
    for value in closer:
        assert "%(" not in audit_trail.sentence(
            Deed(1, AT, Actor.STAFF, "", act, 1, {key: value}, {}), words("nl"), "Europe/Amsterdam"
        )


def test_a_booking_tells_who_what_and_when() -> None:
    booked = deed(Act.BOOKED, start="2026-11-24T17:00:00+00:00")
    assert audit_trail.sentence(booked, words("en"), "Europe/Amsterdam") == (
        "booked a talk for Sanne de Vries (family de Vries), Groep 4: Tue 24 Nov 2026, 18:00"
    )
    assert audit_trail.sentence(booked, words("nl"), "Europe/Amsterdam") == (
        "boekte een gesprek voor Sanne de Vries (familie de Vries), Groep 4: di 24 nov 2026, 18:00"
    )


def test_whoever_was_erased_is_said_to_be() -> None:
    said = audit_trail.sentence(deed(Act.STUDENTS_LEFT, {"student": ""}), words("en"), "Europe/Amsterdam")
    assert said == "noted that (erased) has left the school"


@pytest.mark.parametrize(
    ("actor", "name", "expected"),
    [
        (Actor.STAFF, "Anna", "Anna"),
        (Actor.STAFF, "", "iemand van de school"),
        (Actor.FAMILY, "de Vries", "Familie de Vries"),
        (Actor.FAMILY, "", "een familie"),
        (Actor.OPERATOR, "", "de beheerder van de installatie"),
        (Actor.CLOCK, "", "de klok"),
    ],
)
def test_who_did_it(actor: Actor, name: str, expected: str) -> None:
    assert audit_trail.who(deed(Act.BOOKED, actor=actor, who=name), words("nl")) == expected


def test_a_detail_that_makes_no_sense_breaks_nothing() -> None:
    broken = deed(Act.BOOKED, start="yesterday", kind=["x"], role=7)
    assert audit_trail.sentence(broken, words("en"), "Europe/Amsterdam").endswith("Groep 4: –")
