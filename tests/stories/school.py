"""A school as its own files tell it: a student list as an old Excel saved it, and the plannings of one evening."""

import json
import re

from tests.support.harness import Operator

ADMINISTRATOR, PASSWORD = "directie@wilg.example", "vier gele laarzen"
NOOR, BRAM = "noor@wilg.example", "bram@wilg.example"
STUDENTS = """\
Leerlingnummer;Roepnaam;Voorvoegsel;Achternaam;Geboortedatum;Postcode;Huisnummer;Groep;E-mail ouder
04001;Zoë;van den;Berg;3-5-2017;3511 ab;12;groep 4;anouk@ouders.example
04002;Daniël;van den;Berg;11-02-2014;3511AB;12;groep 7;anouk@ouders.example
04003;Elif;;Çelik;30-8-2017;3512 CD;3;groep 4;celik@ouders.example
04004;Jérôme;;Müller;19-1-2017;3513 EF;7 b;groep 4;
04005;Björn;;Smit;1-11-2014;3514 GH;21;groep 7;smit@ouders.example
"""
PLANNINGS = """\
ronde;titel;leerkrachten;email;groepen;lokaal;opmerkingen;opent;opent_vroeg;sluit;datum;van;tot;minuten;pauze_na;pauze_minuten
Herfstgesprekken;Groep 4;juf Noor;noor@wilg.example;groep 4;lokaal 3;Neem het rapport mee;03-11-2026 19:00;;22-11-2026 12:00;24-11-2026;18:00;19:00;10;;
Herfstgesprekken;Groep 7;meester Bram;bram@wilg.example;groep 7;lokaal 8;;03-11-2026 19:00;;22-11-2026 12:00;24-11-2026;18:00;19:00;10;;
"""  # noqa: E501
_PERSONAL = re.compile(
    "Zoë|Dani|Berg|Elif|elik|Müller|Jérôme|Björn|Smit|Noor|Bram|Anouk|Pieter|laarzen|@|351[1-4] ?[a-z]{2}"
    "|3-5-2017|2017-05-03|11-02-2014|2014-02-11|0400[1-5]",
    re.IGNORECASE,
)


def told_of_anybody(log: str, *tokens: str) -> list[str]:
    """The lines of a log that hold anything of these people, or one of the tokens (G16)."""
    lines = [json.loads(line) for line in log.splitlines()]
    assert "stopping" in [line["event"] for line in lines], "this is not the log of a whole run"
    plain = [str({name: value for name, value in line.items() if name != "timestamp"}) for line in lines]
    return [line for line in plain if _PERSONAL.search(line) or any(token in line for token in tokens)]


def found(operator: Operator, students: str = STUDENTS) -> None:
    """From an empty database to published plannings, by the operator's commands alone."""
    (operator.folder / "leerlingen.csv").write_bytes(students.replace("\n", "\r\n").encode("cp1252"))
    (operator.folder / "gesprekken.csv").write_bytes(PLANNINGS.encode())
    operator.does("upgrade")
    operator.does("school", "add", "wilg", "--name", "De Wilg")
    operator.does("staff", "add", "wilg", ADMINISTRATOR, "--role", "administrator", typed=f"{PASSWORD}\n")
    operator.does("import", "students", "wilg", "leerlingen.csv")
    operator.does("families", "make", "wilg")
    operator.does("families", "secret", "wilg", "postcode_house_number")
    operator.does("import", "plannings", "wilg", "gesprekken.csv")
    operator.does("publish", "wilg")
