#!/usr/bin/env bash
# A workbook that Excel saved as "Strict Open XML Spreadsheet (.xlsx)".
# One expects: a reader of .xlsx reads it, or says that it cannot.
# What happens: openpyxl opens it without an error, as a workbook that has no sheet at all; python-calamine reads it.
# Whom it hurts: a school's secretary whose list of students is "empty", though it opens in Excel.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5 python-calamine==0.9.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
import warnings
import zipfile
from importlib.metadata import version
from pathlib import Path

import openpyxl
from python_calamine import CalamineWorkbook

folder = Path(sys.argv[1])
usual, strict = folder / "usual.xlsx", folder / "strict.xlsx"
book = openpyxl.Workbook()
book.active.title = "leerlingen"
for row in (["voornaam", "groep"], ["Bo", "5a"]):
    book.active.append(row)
book.save(usual)
# Strict is the same parts under the namespaces of ISO/IEC 29500-1.
names = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships":
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
}
with zipfile.ZipFile(usual) as old, zipfile.ZipFile(strict, "w", zipfile.ZIP_DEFLATED) as new:
    for member in old.namelist():
        content = old.read(member)
        for transitional, iso in names.items():
            content = content.replace(transitional, iso)
        new.writestr(member, content)

with warnings.catch_warnings(record=True):
    warnings.simplefilter("always")
    seen = openpyxl.load_workbook(strict, read_only=True).sheetnames
rows = CalamineWorkbook.from_path(str(strict)).get_sheet_by_name("leerlingen").to_python()
print(f"openpyxl {version('openpyxl')}: sheets {seen}")
print(f"python-calamine {version('python-calamine')}: rows {rows}")
assert seen == [], "openpyxl sees the sheets now"
assert rows == [["voornaam", "groep"], ["Bo", "5a"]], "calamine reads something else now"
PYTHON
