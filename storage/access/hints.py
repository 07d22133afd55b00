"""The school's text under the secret question: a first wording, and whether a wording speaks of the kind (D9).

The hint is the school's own text, kept in its row in its own language; so these sentences are data, not messages.
"""

from storage.values.alphabet import plain
from storage.words import SecretKind

_FIRST: dict[str, dict[SecretKind, str]] = {
    "nl": {
        SecretKind.POSTCODE: "Uw postcode (1234AB)",
        SecretKind.POSTCODE_HOUSE_NUMBER: "Uw postcode en huisnummer (1234AB 12)",
        SecretKind.BIRTH_DATE: "De geboortedatum van uw kind (31-12-2015)",
        SecretKind.STUDENT_NUMBER: "Het leerlingnummer van uw kind",
        SecretKind.CODE: "De code van uw familie",
    },
    "en": {
        SecretKind.POSTCODE: "Your postcode (1234AB)",
        SecretKind.POSTCODE_HOUSE_NUMBER: "Your postcode and house number (1234AB 12)",
        SecretKind.BIRTH_DATE: "Your child's date of birth (31-12-2015)",
        SecretKind.STUDENT_NUMBER: "Your child's student number",
        SecretKind.CODE: "Your family's code",
    },
}
_POSTCODE = ("postcode", "post code", "postal", "zip")
_HOUSE_NUMBER = ("huisnummer", "huis nummer", "huisnr", "house number", "house no")
_SPEAKS: dict[SecretKind, tuple[str, ...]] = {
    SecretKind.POSTCODE: _POSTCODE,
    SecretKind.POSTCODE_HOUSE_NUMBER: _HOUSE_NUMBER,
    SecretKind.BIRTH_DATE: ("geboorte", "geboren", "birth", "born", "verjaardag"),
    SecretKind.STUDENT_NUMBER: ("leerlingnummer", "leerling nummer", "leerlingnr", "stamnummer", "student number",
                                "pupil number", "leerlingcode"),
    SecretKind.CODE: ("code",),
}  # fmt: skip


def default(kind: SecretKind, language: str) -> str:
    """A first wording in the school's language; in English where we have none."""
    return _FIRST.get(language, _FIRST["en"])[kind]


def fits(kind: SecretKind, hint: str) -> bool:
    """Whether a hint speaks of this kind, and of no other: parents type what it asks for."""
    words = " ".join(plain(hint).casefold().split())
    if kind is SecretKind.CODE:
        words = words.replace("postcode", "")
    if not any(part in words for part in _SPEAKS[kind]):
        return False
    if kind is SecretKind.POSTCODE_HOUSE_NUMBER:
        return any(part in words for part in _POSTCODE)
    if kind is SecretKind.POSTCODE:
        return not any(part in words for part in _HOUSE_NUMBER)
    return True
