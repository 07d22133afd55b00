"""Which column holds what: headers of the usual systems, and what may not be stored (rule 29)."""

import pytest

from storage.importing.columns.recognition import (
    FORBIDDEN,
    PLANNING_FIELDS,
    STUDENT_FIELDS,
    checked,
    choose,
    forbidden,
    recognise,
    recognise_planning,
    settled,
)
from storage.importing.files.limits import Unreadable
from storage.importing.files.reading import read
from storage.importing.plannings.rows import planning_rows


def test_a_list_of_parnassys_maps_by_itself() -> None:
    headers = (
        "Leerlingnummer;Roepnaam;Voornamen;Voorvoegsel;Achternaam;Geslacht;Geb. datum;Groep;Jaargroep;Straat;"
        "Huisnummer;Huisnummer-toevoeging;Postcode;Plaats;BSN;E-mail verzorger 1;Mobiel 1"
    )
    assert recognise(headers.split(";")) == {
        "Leerlingnummer": "student_number",
        "Roepnaam": "call_name",
        "Voornamen": "first_name",
        "Voorvoegsel": "prefix",
        "Achternaam": "last_name",
        "Geslacht": FORBIDDEN,
        "Geb. datum": "birth_date",
        "Groep": "group",
        "Huisnummer": "house_number",
        "Huisnummer-toevoeging": "house_number",
        "Postcode": "postcode",
        "BSN": FORBIDDEN,
        "E-mail verzorger 1": "email",
        "Mobiel 1": "phone",
    }


def test_a_list_of_informat_maps_by_itself() -> None:
    headers = "Stamnummer;Naam;Voornaam;Klas;Geboortedatum;Straat;Nr;Bus;Postcode;Gemeente;GSM;Rijksregisternummer"
    assert recognise(headers.split(";")) == {
        "Stamnummer": "student_number",
        "Naam": "last_name",
        "Voornaam": "first_name",
        "Klas": "group",
        "Geboortedatum": "birth_date",
        "Nr": "house_number",
        "Bus": "house_number",
        "Postcode": "postcode",
        "GSM": "phone",
        "Rijksregisternummer": FORBIDDEN,
    }


def test_a_list_of_esis_maps_by_itself() -> None:
    headers = "Leerling roepnaam;Tussenv.;ACHTERNAAM;Stamgroep;Post code;HUIS_NUMMER;Geboortedatum leerling;E-mailadres"
    assert recognise(headers.split(";")) == {
        "Leerling roepnaam": "first_name",
        "Tussenv.": "prefix",
        "ACHTERNAAM": "last_name",
        "Stamgroep": "group",
        "Post code": "postcode",
        "HUIS_NUMMER": "house_number",
        "Geboortedatum leerling": "birth_date",
        "E-mailadres": "email",
    }


def test_what_informat_hands_to_smartschool_maps_by_itself() -> None:
    """The line of an export that a school's own program reads; and the fields that Informat's helpdesk names."""
    headers = "Instellingsnummer;Naam;Voornaam;Klas;Klascode;Klasnummer;Gebruikersnaam;Pointer;Stamnummer"
    assert recognise(headers.split(";")) == {
        "Naam": "last_name",
        "Voornaam": "first_name",
        "Klas": "group",
        "Stamnummer": "student_number",
    }
    more = "Naam;Voornaam;Extra voornamen;Geslacht;Geboorteland;Levensbeschouwing;Klascode;Straat;Nummer;Bus;Insz"
    assert recognise(more.split(";")) == {
        "Naam": "last_name",
        "Voornaam": "first_name",
        "Geslacht": FORBIDDEN,
        "Geboorteland": FORBIDDEN,
        "Levensbeschouwing": FORBIDDEN,
        "Klascode": "group",
        "Nummer": "house_number",
        "Bus": "house_number",
        "Insz": FORBIDDEN,
    }


def test_lists_that_schools_make_for_libraries_and_portals_map_by_themselves() -> None:
    wise = "LEERLINGNUMMER;KLAS_CODE;KLAS_NAAM;JAARGROEP;VOORLETTERS;ROEPNAAM;NAAMTUS;NAAM;ADRES;HUISNR;HUISNUMMERTOE"
    assert recognise(wise.split(";")) == {
        "LEERLINGNUMMER": "student_number",
        "KLAS_NAAM": "group",
        "ROEPNAAM": "first_name",
        "NAAMTUS": "prefix",
        "NAAM": "last_name",
        "HUISNR": "house_number",
        "HUISNUMMERTOE": "house_number",
    }
    portal = "Roepnaam;Tussenvoegsel;Achternaam;Geboortedatum;Klasnaam;Leerjaar;E-mailadres ouder/verzorger 1"
    assert recognise(portal.split(";")) == {
        "Roepnaam": "first_name",
        "Tussenvoegsel": "prefix",
        "Achternaam": "last_name",
        "Geboortedatum": "birth_date",
        "Klasnaam": "group",
        "E-mailadres ouder/verzorger 1": "email",
    }


def test_a_number_that_only_counts_the_rows_is_no_house_number() -> None:
    assert recognise(["Nummer", "Voornaam", "Postcode"]) == {"Voornaam": "first_name", "Postcode": "postcode"}


def test_a_header_that_stands_twice_means_nothing_and_is_refused_where_it_is_wanted() -> None:
    sheet = read(b"Voornaam;Achternaam;Groep;E-mail ouder;E-mail ouder;Land;land\nZo;Bos;4;a@b.nl;;NL;BE", "x")
    mapping = recognise(sheet.headers, sheet.doubled)
    assert mapping == {
        "Voornaam": "first_name",
        "Achternaam": "last_name",
        "Groep": "group",
        "Land (1)": FORBIDDEN,
        "land (2)": FORBIDDEN,
    }
    assert set(checked(sheet.headers, mapping, STUDENT_FIELDS, sheet.doubled)) == {"Voornaam", "Achternaam", "Groep"}
    for header in ("E-mail ouder (2)", "E-mail ouder"):
        with pytest.raises(Unreadable) as refused:
            checked(sheet.headers, {**mapping, header: "email"}, STUDENT_FIELDS, sheet.doubled)
        assert str(refused.value) == (
            "Two columns are called “E-mail ouder”: give one of them another name in the file, or import neither."
        )


def test_a_list_of_plannings_is_refused_where_a_column_that_it_reads_stands_twice() -> None:
    sheet = read(b"titel;leerkracht;Leerkracht;notitie;notitie\na;b;c;d;e", "x")
    with pytest.raises(Unreadable, match="Two columns are called “Leerkracht”"):
        planning_rows(sheet, recognise_planning(sheet.headers))


def test_of_earlier_choices_that_clash_the_first_stands() -> None:
    assert settled({"a": "first_name", "b": "first_name", "c": "group", "d": "group", "e": ""}) == {
        "a": "first_name",
        "b": "",
        "c": "group",
        "d": "group",
        "e": "",
    }


def test_the_fields_own_names_are_headers_too() -> None:
    assert recognise(STUDENT_FIELDS) == {field: field for field in STUDENT_FIELDS}
    assert recognise_planning(PLANNING_FIELDS) == {field: field for field in PLANNING_FIELDS}


def test_a_plannings_file_in_dutch_maps_by_itself() -> None:
    headers = (
        "Ronde;Titel;Leerkrachten;E-mail;Groepen;Lokaal;Opmerkingen;Opent;Opent_vroeg;Sluit;Datum;Van;Tot;"
        "Minuten;Pauze na;pauze_minuten"
    )
    assert recognise_planning(headers.split(";")) == dict(zip(headers.split(";"), PLANNING_FIELDS, strict=True))


def test_of_two_headers_for_one_field_the_likeliest_is_taken() -> None:
    assert recognise(["Jaargroep", "Naam", "Stamgroep", "Achternaam"]) == {
        "Stamgroep": "group",
        "Achternaam": "last_name",
    }


def test_a_lists_own_counting_is_no_house_number() -> None:
    assert recognise(["Nr", "Toevoeging", "Voornaam"]) == {"Voornaam": "first_name"}


@pytest.mark.parametrize(
    "header",
    [
        "BSN",
        "bsn leerling",
        "Leerling-BSN",
        "Onderwijsnummer",
        "PGN",
        "Burgerservicenummer",
        "Geslacht",
        "Gender",
        "M/V",
        "Nationaliteit 2",
        "Land",
        "Land van herkomst",
        "Geboorteland moeder",
        "Country of birth",
        "Etniciteit",
        "Foto",
        "Pasfoto",
        "Religie",
        "Geloof",
        "Rijksregisternr.",
    ],
)
def test_what_may_not_be_stored_is_named_and_refused_when_chosen_by_hand(header: str) -> None:
    assert recognise([header]) == {header: FORBIDDEN}
    with pytest.raises(Unreadable, match="may not be stored"):
        checked([header], {header: "student_number"}, STUDENT_FIELDS)
    assert checked([header], {header: FORBIDDEN}, STUDENT_FIELDS) == {}


def test_a_surname_is_no_gender() -> None:
    assert not forbidden("Geslachtsnaam")
    assert recognise(["Geslachtsnaam"]) == {"Geslachtsnaam": "last_name"}


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"c": "group"}, "The file has no column “c”."),
        ({"a": "shoe_size"}, "There is no field “shoe_size”. The fields are: first_name, group."),
        (
            {"a": "first_name", "b": "first_name"},
            "Two columns are chosen for one thing: “b” and another.",
        ),
    ],
)
def test_a_wrong_choice_is_refused(mapping: dict[str, str], sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        checked(["a", "b"], mapping, ("first_name", "group"))
    assert str(refused.value) == sentence


def test_a_choice_by_hand_takes_the_field_from_the_recognised_column() -> None:
    headers = ["Telefoon", "Mobiel thuis", "Plaats"]
    chosen = choose(headers, recognise(headers), {"mobiel-thuis": "phone", "Plaats": ""})
    assert chosen == {"Mobiel thuis": "phone", "Plaats": ""}
    assert checked(headers, chosen, STUDENT_FIELDS) == {"Mobiel thuis": "phone"}


def test_a_choice_by_hand_adds_to_what_several_columns_may_hold() -> None:
    headers = ["Groep", "Les groep"]
    assert choose(headers, recognise(headers), {"les groep": "group"}) == {"Groep": "group", "Les groep": "group"}


@pytest.mark.parametrize(
    ("headers", "field", "columns"),
    [
        (("E-mailadres ouder/verzorger 1", "E-mailadres ouder/verzorger 2"), "email", (0, 1)),
        (("E-mail moeder", "E-mail vader"), "email", (0, 1)),
        (("Stamgroep", "Samengestelde groepen"), "group", (0, 1)),
        (("GROEP", "GROEPSNAAM", "JAARGROEP"), "group", (1,)),  # the name before the code and the year
        (("Klascode", "Klasnaam"), "group", (1,)),
        (("E-mail leerling",), "email", ()),  # the pupil's own is not proposed
        (("E-mailadres leerling", "E-mail ouder"), "email", (1,)),
        (("Achternaam", "Uitschrijfdatum"), "leaves", (1,)),
    ],
)
def test_of_several_columns_the_right_ones_are_proposed(
    headers: tuple[str, ...], field: str, columns: tuple[int, ...]
) -> None:
    found = recognise(headers)
    assert [header for header in headers if found.get(header) == field] == [headers[place] for place in columns]
