"""Running the operator's commands in this process, with settings of their own."""

import io
import logging
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin.commands import main
from storage.database.engine import Database
from storage.settings import Settings
from tests.support.cast import PEPPER


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    out: str
    err: str


class Operator:
    """Somebody at a terminal, in an empty directory."""

    def __init__(
        self, database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder, self._patch, self._capsys = folder, monkeypatch, capsys
        monkeypatch.chdir(folder)
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        self.set(DATABASE_URL=database.url, DATA_DIR=str(folder / "data"), SECRET_KEY=PEPPER.decode())

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._patch.setenv(name, value)

    def file(self, name: str, *lines: str) -> str:
        (self.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return name

    def run(self, *words: str, typed: str = "") -> Done:
        """One command; `typed` is what comes in on standard input."""
        self._capsys.readouterr()
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        with self._patch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(typed))
            status = main(list(words))
        root.handlers[:] = handlers
        root.setLevel(level)
        told = self._capsys.readouterr()
        return Done(status, told.out, told.err)
