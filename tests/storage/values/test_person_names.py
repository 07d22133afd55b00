"""A child's name in its forms: by the call name wherever there is one."""

import re
from pathlib import Path

from storage.values.person_names import called, full, initialled, sorted_form, surname

ROOT = Path(__file__).parents[3]
SUSANNA = "Susanna Maria Elisabeth"


def test_who_has_a_call_name_is_called_by_it_in_every_form() -> None:
    assert called(SUSANNA, "Sanne") == "Sanne"
    assert full(SUSANNA, "de", "Vries", "Sanne") == "Sanne de Vries"
    assert sorted_form(SUSANNA, "de", "Vries", "Sanne") == "Vries, Sanne de"
    assert initialled(SUSANNA, "Vries", "Sanne") == "Sanne V."


def test_who_has_none_is_called_by_the_given_names() -> None:
    assert called("Stéphanie", "") == "Stéphanie"
    assert full("Stéphanie", "", "Smit", "") == "Stéphanie Smit"
    assert sorted_form("Stéphanie", "", "Smit", "") == "Smit, Stéphanie"
    assert initialled("Stéphanie", "smit", "") == "Stéphanie S."
    assert surname("van den", "Berg") == "van den Berg"


def test_nothing_else_chooses_between_a_childs_names() -> None:
    """Four functions did, and two of them knew no call name."""
    choosing = re.compile(r"call_name or |nullif\(col\(Student\.call_name\)|def \w*full_?name\(first")
    files = [path for folder in ("storage", "messages", "admin", "bot") for path in (ROOT / folder).rglob("*.py")]
    found = [path.name for path in files if choosing.search(path.read_text(encoding="utf-8"))]
    assert sorted(found) == ["person_names.py"]
