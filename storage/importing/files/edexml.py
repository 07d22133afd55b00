"""The program that reads one EDEXML file, in a process of its own under a memory and a time limit (rule 27).

EDEXML is what Dutch school administrations (ParnasSys, ESIS …) send to other systems. This reads version 2.1, and what
it has in common with 1.03, 2.0 and with UWLR: `<EDEX>` holds `<groepen>` (`<groep key>` and `<samengestelde_groep key>`
with a `<naam>`), `<leerlingen>` and `<leerkrachten>`; a `<leerling key>` has `<achternaam>`, `<voorvoegsel>`,
`<voornamen>`, `<roepnaam>`, `<geboortedatum>`, `<groep key="…"/>`, `<samengestelde_groepen>`, `<postcodenl>` (or
`<postnummerbe>`, `<postcodeoverig>`), `<emailadres>`. Sources: Edustandaard, "EDEXML 2.1" (2017) and the UWLR 2.2.1
viewer (viewer.edustandaard.nl), which lists the tags of its profiles; that UWLR puts them in a namespace is why only
local names count here.

What may not be stored (rule 29: BSN, onderwijsnummer, geslacht, land, etniciteit, foto) never leaves this process: its
column is named, so that the desk can say so, and empty. The `key` of a pupil is no number that parents know by heart:
it stands under a header that nobody recognises, to be chosen by hand. Teachers are not read. No DTD, no entity.
"""

import io
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import parse

from storage.importing.columns.recognition import forbidden
from storage.importing.files.limits import Limits, Unreadable
from storage.importing.files.sandbox import answer_in_sandbox, refused
from storage.importing.files.spreadsheets import TOO_HEAVY_XML
from storage.msgids import N_, pairs

NOT_EDEXML = N_("This XML holds no students that can be read. Export the list as EDEXML, as CSV or as .xlsx.")
BROKEN = N_("This XML file is broken: line %(line)s cannot be read.")
DECLARES = N_("This XML file declares a document type of its own; that is not allowed.")
_GROUP, _COMPOSED, _KEY = "groep", "samengestelde groepen", "sleutel in de administratie"
# Tag → header, in the order in which the desk shows them.
_WANTED = {
    "roepnaam": "roepnaam",
    "voornamen": "voornamen",
    "voorvoegsel": "voorvoegsel",
    "achternaam": "achternaam",
    "groep": _GROUP,
    "samengestelde_groep": _COMPOSED,
    "geboortedatum": "geboortedatum",
    "postcodenl": "postcode",
    "postnummerbe": "postcode",
    "postcodeoverig": "postcode",
    "emailadres": "emailadres",
    "key": _KEY,
}
_LONGEST_CELL = 500
_DEEPEST = 50


def rows_of(data: bytes, limits: Limits) -> list[tuple[int, list[str]]]:
    """(line, cells) of a header and of every pupil; columns that no pupil fills are left out. Raises Unreadable."""
    pupils = _Pupils(limits)
    try:
        parse(io.BytesIO(data), pupils, forbid_dtd=True)
    except DefusedXmlException:
        raise Unreadable(DECLARES) from None
    except SAXException as error:
        line = getattr(error, "getLineNumber", lambda: 0)() or pupils.line
        raise Unreadable(BROKEN, pairs(line=line)) from None
    if not pupils.found:
        raise Unreadable(NOT_EDEXML)
    filled = {header for _, cells in pupils.found for header in cells}
    headers = [header for header in dict.fromkeys(_WANTED.values()) if header in filled]
    headers += [header for header in pupils.not_stored if header not in headers]
    rows = [(line, [pupils.cell(cells, header) for header in headers]) for line, cells in pupils.found]
    return [(1, headers), *rows]


class _Pupils(ContentHandler):
    """What is read so far; groups are named at the end, for a file may list them after its pupils."""

    _locator: Locator  # the parser gives it before it reads

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.groups: dict[tuple[str, str], str] = {}
        self.found: list[tuple[int, dict[str, list[str]]]] = []
        self.not_stored: dict[str, None] = {}
        self._path: list[str] = []
        self._pupil: dict[str, list[str]] | None = None
        self._began = 0
        self._group: tuple[str, str] | None = None
        self._text: list[str] = []

    @property
    def line(self) -> int:
        return self._locator.getLineNumber() or 0

    def cell(self, cells: dict[str, list[str]], header: str) -> str:
        """Of groups, which are many in one cell, the names: a comma in a name would make two of it."""
        values = cells.get(header, [])
        if header in (_GROUP, _COMPOSED):
            kind = "groep" if header == _GROUP else "samengestelde_groep"
            names = (self.groups.get((kind, key), "") for key in values)
            return ",".join(dict.fromkeys(" ".join(name.replace(",", " ").split()) for name in names if name))
        return values[0] if values else ""

    def startElement(self, name: str, attrs: Any) -> None:
        tag = name.rpartition(":")[2]
        self._path.append(tag)
        self._text = []
        if len(self._path) > _DEEPEST:
            raise Unreadable(NOT_EDEXML)
        key = attrs.get("key", "")[:_LONGEST_CELL].strip()
        inside = self._path[-2] if len(self._path) > 1 else ""
        if tag == "leerling" and inside == "leerlingen":
            self._pupil, self._began = {_KEY: [key]} if key else {}, self.line
        elif self._pupil is not None and tag in ("groep", "samengestelde_groep") and key:
            self._pupil.setdefault(_WANTED[tag], []).append(key)
        elif self._pupil is None and tag in ("groep", "samengestelde_groep") and "leerkracht" not in self._path:
            self._group = (tag, key)

    def characters(self, content: str) -> None:
        self._text.append(content)

    def endElement(self, _name: str) -> None:
        tag = self._path.pop()
        text = " ".join("".join(self._text).split())
        self._text = []
        if self._pupil is not None and tag == "leerling":
            self.found.append((self._began, self._pupil))
            self._pupil = None
            if len(self.found) > self.limits.rows:
                raise Unreadable(N_("There are more than %(most)s rows."), pairs(most=self.limits.rows))
        elif self._pupil is not None and self._path[-1:] == ["leerling"] and text:
            if forbidden(tag):
                self.not_stored[tag] = None
            elif _WANTED.get(tag, _GROUP) not in (_GROUP, _COMPOSED):
                self._pupil.setdefault(_WANTED[tag], []).append(text[:_LONGEST_CELL])
        elif self._group is not None and tag == "naam":
            self.groups[self._group] = text
        elif self._group is not None and tag == self._group[0]:
            self._group = None


def _answer(data: bytes, limits: Limits) -> dict[str, Any]:
    try:
        return {"rows": rows_of(data, limits)}
    except Unreadable as refusal:
        return refused(refusal)
    except MemoryError:
        return refused(Unreadable(TOO_HEAVY_XML))
    except (RecursionError, UnicodeError, LookupError, ValueError):  # an encoding that nobody knows, or none at all
        return refused(Unreadable(NOT_EDEXML))


if __name__ == "__main__":
    answer_in_sandbox(_answer)
