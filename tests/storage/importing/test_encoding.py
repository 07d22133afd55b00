"""G12: the letters of a file, however an old or a new program wrote them."""

import random

import pytest

from storage.importing.files.encoding import decode
from storage.importing.files.limits import Unreadable
from tests.storage.importing.files import many

NAMES = (
    "Stéphanie", "Zoë", "Daniël", "Anaïs", "Chloë", "Noémie", "Özlem", "Ümit", "Gülşah", "Çağla",
    "Şükrü", "Yıldız", "Işık", "Ömer", "Müller", "Groß", "Łukasz", "Paweł", "Józef", "Małgorzata",
    "Ángel", "José", "Núñez", "Søren", "Åsa", "Bjørn", "Jérôme", "Hélène", "François", "Loïs",
    "Mariëlle", "Renée", "René", "Cécile", "Ümran", "Çelik", "Öztürk", "Yılmaz", "Kılıç", "Günay",
    "Böhm", "Strauß", "Joël", "Raphaël", "Noël", "Sánchez", "López", "García", "Jan", "Piet", "Klaas",
    "Sanne", "Fleur", "Emma", "Lotte", "Bram", "Daan", "Šárka", "Žaneta", "Kröger", "Élise", "Éva",
    "Étienne", "Óscar", "Oğuz", "Agnieszka", "Wójcik", "Góra", "Wróbel", "Król", "Çiğdem", "Gökçe",
    "Übeydullah", "Ibáñez", "Gonçalves",
)  # fmt: skip


def _has(encoding: str, name: str) -> bool:
    try:
        return name.encode(encoding).decode(encoding) == name
    except UnicodeEncodeError:
        return False


def _file(encoding: str, seed: int) -> tuple[str, bytes]:
    chance = random.Random(seed)
    names = [name for name in NAMES if _has(encoding, name)]
    accented = [name for name in names if not name.isascii()]
    rows = [f"{chance.choice(names)};{chance.choice(names)};3{chance.choice('abc')}" for _ in range(30)]
    rows.insert(chance.randrange(30), f"{chance.choice(accented)};{chance.choice(accented)};4a")
    text = "\r\n".join(["Voornaam;Achternaam;Groep", *rows])
    return text, text.encode(encoding)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "cp850", "utf-32"]
)
def test_files_of_every_encoding_keep_their_letters(encoding: str) -> None:
    wrong = []
    for seed in range(many(20, 200)):
        text, data = _file(encoding, seed)
        if decode(data)[0] != text:
            wrong.append(seed)
    assert wrong == []


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Zoë"),
        ("cp1252", "Renée"),
        ("cp1252", "Özlem"),
        ("cp1252", "JOSÉ"),
        ("cp1252", "Van ’t Hof"),
        ("cp850", "Zoë"),
        ("cp850", "ZOË"),
        ("cp850", "Renée"),
        ("cp850", "Yıldız"),
        ("cp850", "Strauß"),
        ("cp850", "JOSÉ"),
    ],
)
def test_one_accent_in_a_whole_file_is_enough(encoding: str, name: str) -> None:
    text = f"Voornaam;Groep\r\n{name};3a\r\n"
    assert decode(text.encode(encoding)) == (text, encoding)


def test_a_choice_by_hand_overrules_the_guess() -> None:
    assert decode("Şükrü".encode("cp1254"), "cp1254") == ("Şükrü", "cp1254")
    assert decode("Zoë".encode("cp850"), "CP1252") == ("Zo‰", "cp1252")
    assert decode("Zoë".encode("utf-16"), "utf-16") == ("Zoë", "utf-16")
    assert decode("Zoë".encode("utf-16-be"), "utf-16") == ("Zoë", "utf-16-be")


@pytest.mark.parametrize("encoding", ["hex", "rot13", "no such thing", ""])
def test_an_encoding_that_is_not_in_the_list_is_refused(encoding: str) -> None:
    with pytest.raises(Unreadable, match=r"The encoding .* is not known here"):
        decode(b"a;b", encoding)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xef\xbb\xbfZo\xeb", None),
        (b"\xff\xfeZ\x00o", None),
        (b"Zo\xeb", "utf-8"),
        (b"Zo\x81", "cp1252"),
    ],
)
def test_letters_that_are_wrong_for_the_encoding_are_refused_and_never_replaced(
    data: bytes, encoding: str | None
) -> None:
    with pytest.raises(Unreadable, match="The letters of this file are not"):
        decode(data, encoding)
