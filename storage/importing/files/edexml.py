"""The program that reads one EDEXML file, in a process of its own under a memory and a time limit (rule 27).

EDEXML is what Dutch school administrations (ParnasSys, ESIS …) send to other systems. This reads version 2.1, and what
it has in common with 1.03, 2.0 and with UWLR: `<EDEX>` holds `<groepen>` (`<groep key>` and `<samengestelde_groep key>`
with a `<naam>`), `<leerlingen>` and `<leerkrachten>`; a `<leerling key>` has `<achternaam>`, `<voorvoegsel>`,
`<voornamen>`, `<roepnaam>`, `<geboortedatum>`, `<jaargroep>`, `<groep key="…"/>`, `<samengestelde_groepen>`,
`<postcodenl>` (or `<postnummerbe>`, `<postcodeoverig>`), `<uitstroomdatum>`, `<emailadres>`. Hardly any of it must be
there: a last name or a call name, and not even a group. A pupil of no group is of its jaargroep; two groups of one name
(of two sites) are told apart by what else is said of them. The address is the pupil's own, never the parents'. Sources:
Edustandaard, "EDEXML 2.1" (2017) and the UWLR 2.2.1 viewer (viewer.edustandaard.nl), which lists the tags of its
profiles; that UWLR puts them in a namespace is why only local names count here.

What may not be stored (rule 29: BSN, onderwijsnummer, geslacht, land, etniciteit, foto) never leaves this process: its
column is named, so that the desk can say so, and empty. The `key` of a pupil is no number that parents know by heart:
it stands under a header that nobody recognises, to be chosen by hand. Teachers are not read. No DTD, no entity.
"""

import io
from functools import cached_property
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
_YEAR = "jaargroep"
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
    "uitstroomdatum": "uitstroomdatum",
    "emailadres": "e-mailadres leerling",
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
    filled = {_GROUP if header == _YEAR else header for _, cells in pupils.found for header in cells}
    headers = [header for header in dict.fromkeys(_WANTED.values()) if header in filled]
    headers += [header for header in pupils.not_stored if header not in headers]
    rows = [(line, [pupils.cell(cells, header) for header in headers]) for line, cells in pupils.found]
    return [(1, headers), *rows]


def _one_name(name: str) -> str:
    """A group's name in a cell of several: a comma or a semicolon in it would make two of it."""
    return " ".join(name.replace(",", " ").replace(";", " ").split())


class _Pupils(ContentHandler):
    """What is read so far; groups are named at the end, for a file may list them after its pupils."""

    _locator: Locator  # the parser gives it before it reads

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.groups: dict[tuple[str, str], dict[str, str]] = {}
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
            names = [self.names.get((kind, key), "") for key in values]
            if kind == "groep" and not any(names):
                names = cells.get(_YEAR, [])
            return ",".join(dict.fromkeys(_one_name(name) for name in names if name))
        return values[0] if values else ""

    @cached_property
    def names(self) -> dict[tuple[str, str], str]:
        """What each group is called: by its name, and where another has the same name, by what else is said of it."""
        called: dict[str, list[tuple[str, str]]] = {}
        for key, about in self.groups.items():
            called.setdefault(_one_name(about.get("naam", "")).casefold(), []).append(key)
        found = {}
        for name, keys in called.items():
            for key in keys:
                about = self.groups[key]
                found[key] = about.get("naam", "")
                if name and len(keys) > 1:
                    others = [self.groups[other] for other in keys if other != key]
                    told = [about.get(tag, "") for tag in ("vestiging", "omschrijving", "jaargroep")]
                    theirs = [
                        [one.get(tag, "") for tag in ("vestiging", "omschrijving", "jaargroep")] for one in others
                    ]
                    own = [one for place, one in enumerate(told) if one and all(one != its[place] for its in theirs)]
                    found[key] = f"{found[key]} ({own[0] if own else key[1]})"
        return found

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
            self.groups[self._group] = {}
        elif self._group is not None and tag == "vestiging" and key:
            self.groups[self._group]["vestiging"] = key

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
            if tag == _YEAR:
                self._pupil.setdefault(_YEAR, []).append(text[:_LONGEST_CELL])
            elif forbidden(tag):
                self.not_stored[tag] = None
            elif _WANTED.get(tag, _GROUP) not in (_GROUP, _COMPOSED):
                self._pupil.setdefault(_WANTED[tag], []).append(text[:_LONGEST_CELL])
        elif self._group is not None and self._path[-1:] == [self._group[0]] and text:
            self.groups[self._group].setdefault(tag, text)
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
