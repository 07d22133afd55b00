"""A list that somebody made in LibreOffice. In the long run alone: an office is too much to ask of every machine."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

from storage.importing.files.reading import read
from tests.storage.importing.test_odd_files import MADE_BY_HAND, rows
from tests.support.tools import missing


def test_a_workbook_that_libreoffice_saved_is_read_as_the_list_it_was_made_of(tmp_path: Path) -> None:
    office = shutil.which("soffice") or missing("LibreOffice (soffice)")
    (tmp_path / "lijst.csv").write_text(MADE_BY_HAND, encoding="utf-8")
    # As somebody does who knows that a number may begin with a zero: text is 2, a date of day, month and year 4.
    told = "CSV:59,34,76,1,1/2/2/2/3/2/4/2/5/4/6/2/7/2"
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", f"--infilter={told}",
         "--convert-to", "xlsx", "--outdir", str(tmp_path), str(tmp_path / "lijst.csv")],
        check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    found = rows(read((tmp_path / "lijst.xlsx").read_bytes(), "lijst.xlsx"))
    assert found == rows(read(MADE_BY_HAND.encode(), "lijst.csv"))
    assert [(row.student_number, row.prefix, row.last_name, row.birth_date, row.house_number) for row in found] == [
        ("0042", "van der", "Meer", date(2018, 2, 1), "9a"),
        ("0043", "", "d'Hont", date(2018, 2, 28), "12-2"),
    ]
