"""What an import did or would do, in numbers: the same five for every kind of list, at the desk and by command."""

from dataclasses import dataclass

from storage.importing.files.limits import RowError

COUNTS = ("read", "new", "changed", "unchanged", "refused")


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """With any error nothing is applied."""

    read: int
    new: int
    changed: int
    unchanged: int
    refused: int
    errors: tuple[RowError, ...]

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTS}

    @property
    def empty(self) -> bool:
        """Whether applying it would change nothing."""
        return not (self.new or self.changed)
