"""What a form sends: any bytes at all, brought to plain checked values.

A page that finds a form wrong raises Refused(Invalid(…)), caught by the page to show the form again, or centrally.
"""

import unicodedata
from typing import Annotated

from fastapi import Form
from pydantic import AfterValidator

from storage.refusals import Invalid, Refused


def line(value: str) -> str:
    """One line of text: spaces and line ends made single spaces, control characters taken out."""
    kept = "".join(" " if letter.isspace() else letter for letter in value)
    return " ".join("".join(letter for letter in kept if unicodedata.category(letter) != "Cc").split())


# `name: Line = ""` in a route: a text field of a form, cleaned, at most 500 characters.
Line = Annotated[str, Form(max_length=500), AfterValidator(line)]
# A password: as it was typed.
Password = Annotated[str, Form(max_length=1000)]


def chosen(value: str, among: tuple[str, ...]) -> str:
    """One of a list's values. Raises Refused(Invalid) for anything else, which no form of ours sends."""
    if value not in among:
        raise Refused(Invalid("Please choose from the list."))
    return value
