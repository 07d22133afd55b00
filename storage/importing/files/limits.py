"""Why a file or a row of it was refused, and how large a file may be (rule 27).

A reason is an English msgid with %(name)s places and the values for them; the edge turns it into the
reader's language. Nothing here knows what a file holds.
"""

from dataclasses import dataclass

from storage.msgids import Values


class Unreadable(Exception):
    """The whole file is refused. `reason` is an English msgid, `values` fill its %(name)s places."""

    def __init__(self, reason: str, values: Values = ()) -> None:
        super().__init__(reason, values)
        self.reason = reason
        self.values = values

    def __str__(self) -> str:
        return self.reason % dict(self.values)


@dataclass(frozen=True, slots=True)
class RowError:
    """One cell or one row is refused, or left out: its line in the file, its column's header (None: the whole row).

    `tab`: the sheet of a workbook of which several were read.
    """

    line: int
    column: str | None
    reason: str
    values: Values = ()
    tab: str = ""

    def __str__(self) -> str:
        return self.reason % dict(self.values)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be; sizes in bytes, `seconds` of processor time for a workbook."""

    upload: int
    unzipped: int
    members: int
    ratio: int
    rows: int
    columns: int
    memory: int
    seconds: int


MEGABYTE = 1024 * 1024
DESK = Limits(
    upload=5 * MEGABYTE,
    unzipped=50 * MEGABYTE,
    members=100,
    ratio=100,
    rows=5_000,
    columns=300,
    memory=400 * MEGABYTE,
    seconds=20,
)
COMMAND_LINE = Limits(
    upload=50 * MEGABYTE,
    unzipped=500 * MEGABYTE,
    members=1_000,
    ratio=100,
    rows=50_000,
    columns=300,
    memory=1_500 * MEGABYTE,
    seconds=180,
)
