"""Files as schools send them, read up to checked rows: what the tests of importing begin with."""

from datetime import date

from storage.importing.columns.recognition import recognise, recognise_planning
from storage.importing.columns.table import Read
from storage.importing.files.reading import read
from storage.importing.plannings.rows import PlanningRow, planning_rows
from storage.importing.students.rows import student_rows
from storage.importing.students.student_row import StudentRow

TODAY, ZONE = date(2026, 11, 10), "Europe/Amsterdam"
HEADER = "voornaam;tussenvoegsel;achternaam;postcode;huisnummer;geboortedatum;leerlingnummer;groep"
REGENBOOG = f"""{HEADER}
Sanne;de;Vries;3511AB;12;3-5-2017;1001;groep 4
Daan;de;Vries;3511AB;12;11-2-2014;1002;groep 7
Emir;;Yılmaz;3512CD;3;30-8-2017;1003;groep 4
Elif;;Yılmaz;3512CD;3;30-8-2017;1004;groep 4
Lotte;;Jansen;3513EF;7;19-1-2017;1005;groep 4
Stéphanie;;Smit;3514GH;21;1-11-2014;1006;groep 7
"""


def students(text: str) -> Read[StudentRow]:
    sheet = read(text.encode(), "leerlingen.csv")
    return student_rows(sheet, recognise(sheet.headers), TODAY, ZONE)


def plannings(text: str) -> Read[PlanningRow]:
    sheet = read(text.encode(), "planningen.csv")
    return planning_rows(sheet, recognise_planning(sheet.headers))
