"""The licence: there, named in the package, and allowed by everything that we run on (decision 18)."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def licence_of(package: str) -> str:
    """What a package says of its own licence, in its expression, its field and its classifiers."""
    told = importlib.metadata.metadata(package).json
    return " ".join(str(told.get(field, "")) for field in ("license_expression", "license", "classifier"))


def takes_over(licence: str) -> bool:
    """Whether it would bind what stands beside it: GPL and AGPL do, LGPL and MPL do not."""
    return bool(re.search(r"\bA?GPL|Affero|(?<!Lesser )General Public License", licence))


def test_the_licence_is_there_and_named_in_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["license"], project["license-files"]) == ("MIT", ["LICENSE"])
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n")


def test_nothing_that_we_run_on_forbids_it() -> None:
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    packages = re.findall(r"^([\w.-]+)==(?![^\\\n]*;)", locked, re.MULTILINE)
    assert "aiogram" in packages
    assert [package for package in packages if takes_over(licence_of(package))] == []


def test_a_licence_that_takes_over_is_told_from_one_that_does_not() -> None:
    lesser = "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)"
    assert not any(map(takes_over, (lesser, "LGPL-3.0-only", "MPL-2.0", "MIT")))
    whole = "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"
    assert all(map(takes_over, (whole, "GPL-3.0-or-later", "AGPL-3.0-only", "GNU Affero General Public License")))
