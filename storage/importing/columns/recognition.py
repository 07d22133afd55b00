"""What a column holds, by its header: the fields of the product and the headers that schools' systems give.

Columns that may not be stored (rule 29) are named FORBIDDEN and are never read, not even by hand.

Where the headers come from. EDEXML's tags: Edustandaard (see edexml.py); ParnasSys and ESIS both export it. Informat:
the fields that its helpdesk lists for the exchange with Smartschool and for imports (helpdesk.informat.be, articles
203458152 and 209189129: Naam, Voornaam, Stamnummer, Leerlingnr, Klascode, Klasnaam, Straat, Nummer, Bus, LPV1 …).
ParnasSys and ESIS publish no list of what their CSV and Excel overviews are headed with; taken are the headers that
others ask schools to export from these: OCLC Wise's list for imports by schools (LEERLINGNUMMER, EXTERN_NR, KLAS_NAAM,
NAAMTUS, HUISNUMMERTOE …), Social Schools' (Roepnaam, Tussenvoegsel, Klasnaam, E-mailadres ouder/verzorger 1), and
Rovict's and ParnasSys' own words in their help (basisgroep, stamgroep, leerlingnummer, PGN).
"""

import re
from collections.abc import Collection, Mapping, Sequence

from storage.importing.files.limits import Unreadable
from storage.msgids import N_, pairs
from storage.values.normalise import name as plain_name

FORBIDDEN = "forbidden"
TWO_COLUMNS = N_("Two columns are called “%(header)s”: give one of them another name in the file, or import neither.")
_NUMBERED = re.compile(r" \(\d+\)\Z")  # what reading.py puts behind headers that a file has twice

STUDENT_FIELDS = (
    "first_name", "prefix", "last_name", "postcode", "house_number", "birth_date",
    "student_number", "group", "email", "phone", "call_name", "leaves",
)  # fmt: skip
PLANNING_FIELDS = (
    "conference", "title", "teachers", "email", "groups", "room", "remarks", "opens", "opens_early",
    "closes", "date", "from", "until", "minutes", "break_after", "break_minutes",
)  # fmt: skip
# Fields that several columns may hold together, in the order of the file: number and addition, two groups, two parents.
JOINED = frozenset({"house_number", "group", "email"})

# In each list the likeliest first: where two headers fit one field, the earlier one is taken.
_STUDENT = {
    "call_name": """roepnaam; leerling roepnaam; roepnaam leerling; roepnaam kind; naam roepnaam; call name; nickname;
        preferred name; known as; rufname""",
    "first_name": """voornaam; voornamen; first name; first names; given name; forename; firstname; vnaam;
        leerling voornaam; voornaam leerling; voornaam kind; officiele voornaam; alle voornamen;
        volledige voornamen; doopnamen; voornaam/roepnaam; eerste voornaam; vorname; prenom; naam kind voornaam""",
    "prefix": """tussenvoegsel; voorvoegsel; tussenvoegsels; voorvoegsels; tussenv; voorv; tv; tvgsl; vv;
        tussenvoegsel achternaam; voorvoegsel achternaam; voorvoegsel geslachtsnaam; leerling tussenvoegsel;
        leerling voorvoegsel; voorvoegsel leerling; tussenvoegsel leerling; voorvoegsels achternaam; naamtus;
        tussenvgsl; prefix; infix; name prefix;
        surname prefix""",
    "last_name": """achternaam; last name; surname; family name; familienaam; geslachtsnaam; lastname;
        leerling achternaam; achternaam leerling; achternaam kind; achternaam zonder voorvoegsel;
        familienaam leerling; anaam; nachname; nom; naam leerling; naam""",
    "postcode": """postcode; postal code; zip; zip code; zipcode; post code; pc; postnummer;
        postcode leerling; leerling postcode; postcode woonadres; woonadres postcode; postcode kind;
        adres postcode; postcode ouder; postcode domicilie; domicilie postcode; postcodenl; plz; code postal""",
    "house_number": """huisnummer; huisnr; house number; housenumber; house no; huisnummer leerling;
        leerling huisnummer; woonadres huisnummer; huisnummer woonadres; hnr; hausnummer;
        huisnummer en toevoeging; huisnummer zonder toevoeging; huisnummer domicilie;
        domicilie huisnummer; nummer; nr""",
    "birth_date": """geboortedatum; birth date; date of birth; birthdate; birthday; dob; geb datum; gebdatum;
        gebdat; geboortedatum leerling; leerling geboortedatum; geb; geboren; geboren op; geburtsdatum;
        date de naissance""",
    "student_number": """leerlingnummer; student number; stamnummer; leerlingnr; stamnr; studentnumber;
        leerling nummer; leerling nr; student no; student id; studentnummer; pupil number; llnr; lln nr; llnummer;
        leerlingid; leerling id; externnr; extern nummer; administratienummer; stamboeknummer; schulernummer""",
    "group": """groepsnaam; klasnaam; stamgroep naam; naam groep; naam stamgroep; basisgroep naam; naam basisgroep;
        class name; klas naam; groepsnamen; groep; stamgroep; klas; group; basisgroep; groepen; groups; class; klassen;
        stamklas; huidige groep; leerling groep; groep leerling; klascode; groepscode; klas code;
        lesgroep; samengestelde groep; samengestelde groepen; jaargroep; leerjaar; klasse; tabblad""",
    "email": """email; e-mailadres; mail; mailadres; email address; email ouder; email ouders;
        email ouder 1; email verzorger; email verzorger 1; verzorger 1 email; emailadres ouder;
        emailadres ouders; emailadres verzorger; emailadres verzorger 1; verzorger 1 emailadres;
        emailadres ouder/verzorger; emailadres ouder/verzorger 1;
        email ouder/verzorger 1; ouder/verzorger 1 email; email lpv1; lpv1 email; email thuis; email prive;
        contact email; parent email; emailadres ouder 1; e-mail moeder; moeder email; emailadres moeder;
        e-mail vader; vader email; emailadres vader""",
    "phone": """telefoon; telefoonnummer; phone; mobiel; mobiele telefoon; mobiel nummer; mobielnummer; gsm;
        phone number; mobile; mobile phone; mobile number; tel; telnr; telefoonnr; telefoon thuis;
        telefoon mobiel; telefoon ouder; telefoon ouder 1; mobiel ouder; mobiel ouder 1; telefoon verzorger 1;
        mobiel verzorger 1; verzorger 1 mobiel; verzorger 1 telefoon; telefoon ouder/verzorger 1;
        mobiel ouder/verzorger 1; gsm lpv1; lpv1 gsm; telefoon domicilie; gsm ouder; telephone; parent phone;
        telefoon 1; mobiel 1; handy""",
    "leaves": """uitstroomdatum; datum uitstroom; uitschrijfdatum; datum uitschrijving; uitgeschreven op; vertrekdatum;
        leaving date; date of leaving; left on""",
}
# Columns that hold more of a field of which another column was recognised.
_MORE_GROUPS = "samengestelde groep; samengestelde groepen"
_MORE_EMAILS = """email 2; email ouder 2; emailadres ouder 2; email verzorger 2; emailadres verzorger 2;
    verzorger 2 email; verzorger 2 emailadres; emailadres ouder/verzorger 2; email ouder/verzorger 2;
    ouder/verzorger 2 email; email lpv2; lpv2 email; emailadres 2; parent email 2; parent 2 email; e-mail vader;
    vader email; emailadres vader; e-mail moeder; moeder email; emailadres moeder; email partner"""
_ADDITIONS = """huisnummer toevoeging; huisnr toevoeging; huisnummertoev; huisnummertoe; huisnrtoev;
    toevoeging huisnummer; toevoeging; toev; huisletter; house number addition; addition; bus; busnummer"""
_STREETS = "straat; straatnaam; adres; street; address; woonadres straat; straat leerling; leerling straat"
_PLANNING = {
    "conference": "ronde; conference; gespreksronde; gespreksrondes; gesprekken; round",
    "title": "titel; title; planning; naam planning; naam",
    "teachers": "leerkrachten; teachers; leerkracht; teacher; leraar; leraren; docent; docenten",
    "email": """email; e-mailadres; mail; email leerkracht; e-mail leerkracht; mailadres; teacher email;
        emailadres leerkracht""",
    "groups": "groepen; groups; groep; group; klas; klassen; class; classes",
    "room": "lokaal; room; ruimte; plaats; locatie; location",
    "remarks": "opmerkingen; remarks; opmerking; remark; toelichting; notes",
    "opens": "opent; opens; inschrijving opent; open vanaf; opens at; opening",
    "opens_early": """opent vroeg; opens early; opent eerder; vroeg open; opent vroeg grote gezinnen;
        opent eerder grote gezinnen""",
    "closes": "sluit; closes; inschrijving sluit; sluiting; closes at",
    "date": "datum; date; dag; day",
    "from": "van; from; begin; start; vanaf; begintijd; starttijd; start time",
    "until": "tot; until; eind; einde; end; eindtijd; end time; to",
    "minutes": "minuten; minutes; duur; lengte; gespreksduur; length; duration",
    "break_after": "pauze na; break after; aantal zonder pauze",
    "break_minutes": "pauze minuten; break minutes; pauzeduur; lengte pauze; break length; pauze",
}
_NOT_STORED = """bsn; pgn; asn; a nummer; sofi; sofinummer; sofi nummer; onderwijsnummer; onderwijs nr;
    owr nummer; insz; rijksregister; rijksregisternummer; bis nummer; national number; burgerservicenummer;
    geslacht; gender; sex; sekse; m/v; mv; man/vrouw; jongen/meisje; j/m; jm; geschlecht; sexe;
    nationaliteit; nationality; land; land vader; land moeder; country; landcode; geboorteland;
    land van herkomst; country of birth; birth country; herkomst; afkomst; origin; etniciteit; ethnicity; ethnic; ras;
    race; culturele achtergrond; cumi; staatsangehorigkeit; foto; photo; pasfoto; picture; image; portret;
    religie; religion; godsdienst; geloof; geloofsovertuiging; levensbeschouwing; denominatie; kerk;
    kerkgenootschap; church; faith"""
_FORBIDDEN_PARTS = (
    "burgerservice", "onderwijsnummer", "onderwijsnr", "persoonsgebonden", "sofinummer", "sofinr", "rijksregister",
    "geslacht", "gender", "nationalit", "geboorteland", "landvan", "herkomst", "etnici", "ethnic", "pasfoto",
    "foto", "photo", "religi", "godsdienst", "geloof", "denominatie", "levensbesch", "bsnnummer", "bsnnr",
    "countryof", "socialsecurity", "citizenservice",
)  # fmt: skip
_FORBIDDEN_ENDS = ("bsn", "pgn")


def _ranked(synonyms: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    ranked: dict[str, tuple[int, str]] = {}
    for field, headers in synonyms.items():
        for rank, header in enumerate([field, *headers.split(";")]):
            ranked.setdefault(plain_name(header), (rank, field))
    return ranked


def _keys(headers: str) -> frozenset[str]:
    return frozenset(plain_name(header) for header in headers.split(";"))


_COUNTING = frozenset({"nr", "nummer"})
_ADDITION_KEYS, _STREET_KEYS = _keys(_ADDITIONS), _keys(_STREETS)
_MORE = {"house_number": _ADDITION_KEYS, "group": _keys(_MORE_GROUPS), "email": _keys(_MORE_EMAILS)}
_FORBIDDEN_WHOLE = _keys(_NOT_STORED)
_STUDENT_RANKED = _ranked(_STUDENT)
_PLANNING_RANKED = _ranked(_PLANNING)


def forbidden(header: str) -> bool:
    """Whether a column of this header may not be stored (rule 29): BSN, gender, country, religion, photo …"""
    key = plain_name(title(header))
    if key in _STUDENT_RANKED:  # "geslachtsnaam" is a surname
        return False
    return (
        key in _FORBIDDEN_WHOLE
        or key.startswith(_FORBIDDEN_ENDS)
        or key.endswith(_FORBIDDEN_ENDS)
        or any(part in key for part in _FORBIDDEN_PARTS)
    )


def recognise(headers: Sequence[str], doubled: Collection[str] = ()) -> dict[str, str]:
    """Header → student field, or FORBIDDEN; headers that are not known are left out (*do not import*).

    With both a call name and a first name in the file each has its own field; a call name alone is the first
    name. A house number's addition is the house number's second column, and so are the second parent's address and a
    child's other groups. Headers that are `doubled` mean nothing.
    """
    found = _recognise([header for header in headers if header not in doubled], _STUDENT_RANKED)
    previous = ""
    for header in headers:
        key = plain_name(header)
        if forbidden(header):
            found[header] = FORBIDDEN
        elif key in _COUNTING and previous not in _STREET_KEYS:
            found.pop(header, None)  # a list's own counting, not a house
        elif found.get(header) == "call_name" and "first_name" not in found.values():
            found[header] = "first_name"
        previous = key
    for field, keys in _MORE.items():
        if field in found.values():
            found |= {header: field for header in headers if header not in doubled and plain_name(header) in keys}
    return {header: found[header] for header in headers if header in found}


def known_cells(cells: Sequence[str]) -> int:
    """How many cells of a row are headers that we know: two or more make it the row that names the columns."""
    keys = {plain_name(cell) for cell in cells if cell and len(cell) <= 60} - {""}
    return sum(key in _STUDENT_RANKED or key in _PLANNING_RANKED or key in _FORBIDDEN_WHOLE for key in keys)


def recognise_planning(headers: Sequence[str]) -> dict[str, str]:
    """Header → planning field, by the Dutch or the English header."""
    return _recognise(headers, _PLANNING_RANKED)


def refuse_doubled(doubled: Collection[str]) -> None:
    """For a list whose columns nobody chooses: one of plannings that has a column twice that would be read."""
    for header in sorted(doubled):
        if plain_name(title(header)) in _PLANNING_RANKED:
            raise Unreadable(TWO_COLUMNS, pairs(header=title(header)))


def title(header: str) -> str:
    """A header as the file has it, without the number that keeps two of one name apart."""
    return _NUMBERED.sub("", header)


def _recognise(headers: Sequence[str], ranked: Mapping[str, tuple[int, str]]) -> dict[str, str]:
    """One header for each field: the likeliest of those that fit it."""
    best: dict[str, tuple[int, str]] = {}
    for header in headers:
        rank, field = ranked.get(plain_name(header), (0, ""))
        if field and (field not in best or rank < best[field][0]):
            best[field] = (rank, header)
    return {header: field for field, (_, header) in best.items()}


def choose(headers: Sequence[str], recognised: Mapping[str, str], by_hand: Mapping[str, str]) -> dict[str, str]:
    """What was recognised, overruled by what a person chose; a header is found whatever its case and accents.

    A field chosen by hand is taken from the column that was recognised for it, but for what several columns may hold.
    "" is *do not import*.
    """
    exact = {plain_name(header): header for header in headers}
    chosen = {
        header if header in headers else exact.get(plain_name(header), header): field
        for header, field in by_hand.items()
    }
    fields = set(chosen.values()) - {"", *JOINED}
    kept = {header: field for header, field in recognised.items() if field not in fields}
    return kept | chosen


def settled(mapping: Mapping[str, str]) -> dict[str, str]:
    """A mapping in which no two columns hold one thing: of earlier choices that now clash, the first stands."""
    kept: dict[str, str] = {}
    for header, field in mapping.items():
        taken = field in kept.values() and field not in JOINED and field != FORBIDDEN
        kept[header] = "" if taken else field
    return kept


def checked(
    headers: Sequence[str], mapping: Mapping[str, str], fields: Sequence[str], doubled: Collection[str] = ()
) -> dict[str, str]:
    """A mapping made by hand, without the columns that are not imported. Raises Unreadable.

    Refused: a header that the file does not have, or has twice (`doubled`), a field that does not exist, a forbidden
    column, two columns for a field that is not JOINED.
    """
    taken: dict[str, str] = {}
    for header, field in mapping.items():
        if not field or field == FORBIDDEN:
            continue
        if header in doubled or f"{header} (1)" in doubled:
            raise Unreadable(TWO_COLUMNS, pairs(header=title(header)))
        if header not in headers:
            raise Unreadable(N_("The file has no column “%(header)s”."), pairs(header=header))
        if field not in fields:
            raise Unreadable(
                N_("There is no field “%(field)s”. The fields are: %(fields)s."),
                (*pairs(field=field), ("fields", ", ".join(fields))),
            )
        if forbidden(header):
            raise Unreadable(
                N_("The column “%(header)s” may not be stored; choose “do not import” for it."),
                pairs(header=header),
            )
        if field in taken.values() and field not in JOINED:
            raise Unreadable(
                N_("Two columns are chosen for one thing: “%(header)s” and another."), pairs(header=header)
            )
        taken[header] = field
    return taken
