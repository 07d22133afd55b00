"""A text on its way into a cell: what a file can hold of it, and whether a spreadsheet would calculate with it."""

import re

# The wide forms are signs to a spreadsheet in Japanese or Chinese; tab and line ends let what follows them be one.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOT_IN_FILES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet may take the text for a formula (rule 28, G9)."""
    return text.startswith(_FORMULA_BEGINS)


def storable(text: str) -> str:
    """The text with a mark for each character that neither XML nor UTF-8 can hold."""
    return _NOT_IN_FILES.sub("\N{REPLACEMENT CHARACTER}", text)
