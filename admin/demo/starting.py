"""`tienminuten demo`: makes the school where there is none yet, says how to get in, and serves until Ctrl-C."""

import asyncio
import json
import os
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import SecretStr

from admin.commands.output import Stop
from admin.commands.parts import PARTS
from admin.commands.process import Process, address, listen, live
from admin.demo import making
from admin.observability import logs
from storage import timezone
from storage.database.engine import Database
from storage.migrations import upgrading
from storage.settings import Settings, read_settings

_VERSION = 1  # of the demo's school; another one is made anew
_DATABASE, _NOTES, _MAILS = "demo.db", "demo.json", "mails"
_WORDS = (
    "appel", "boom", "citroen", "duif", "egel", "fiets", "gans", "haven", "ijsje", "jas", "kaas", "lamp", "maan",
    "noot", "olifant", "peer", "roos", "ster",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notes:
    """What the demo keeps in its directory beside the database; readable for its owner alone."""

    version: int
    revision: str
    last_evening: str
    secret_key: str
    password: str
    first_name: str
    postcode: str

    def current(self, today: date) -> bool:
        made_by_us = (self.version, self.revision) == (_VERSION, upgrading.revisions()[-1])
        return made_by_us and date.fromisoformat(self.last_evening) > today


def start(directory: Path, port: int) -> int:
    """Serve the demo. Raises Stop where the port is taken or the directory cannot be used."""
    settings = read_settings()
    logs.configure("ERROR" if settings.log_level == "INFO" else settings.log_level)
    bound = listen(settings.host, port)
    notes = prepare(directory, timezone.now())
    settings = settings.model_copy(
        update={
            "data_dir": directory,
            "database_url": f"sqlite:///{directory / _DATABASE}",
            "secret_key": SecretStr(notes.secret_key),
            "base_url": settings.base_url if "base_url" in settings.model_fields_set else address(bound),
        }
    )
    database = Database(settings.database)
    try:
        print(_welcome(settings, notes), flush=True)
        asyncio.run(live(Process(database, settings, PARTS, directory / _MAILS), bound))
    finally:
        database.close()
    return 0


def prepare(directory: Path, now: datetime) -> Notes:
    """The demo's school in `directory`: as it is, or made anew where it is absent or outdated."""
    kept = _read(directory / _NOTES)
    today = timezone.local_day(now, making.ZONE)
    if kept is not None and kept.current(today) and (directory / _DATABASE).exists():
        return kept
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"The directory {directory} cannot be used: {error.strerror}.") from None
    _clear(directory)
    key, password = secrets.token_urlsafe(48), "-".join(secrets.choice(_WORDS) for _ in range(4))
    database = Database(f"sqlite:///{directory / _DATABASE}")
    try:
        upgrading.upgrade(database)
        example = making.make(database, directory, password, key.encode(), now)
    finally:
        database.close()
    notes = Notes(
        _VERSION,
        upgrading.revisions()[-1],
        example.last_evening.isoformat(),
        key,
        password,
        example.first_name,
        example.postcode,
    )
    _write(directory / _NOTES, notes)
    return notes


def _read(file: Path) -> Notes | None:
    try:
        return Notes(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(file: Path, notes: Notes) -> None:
    """Last of all: without it the rest is made anew."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump({name: getattr(notes, name) for name in Notes.__slots__}, out, indent=1)


def _clear(directory: Path) -> None:
    """Take away what an earlier demo made; nothing else that may lie in the directory."""
    for name in (_NOTES, _DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm", f"{_DATABASE}.leader"):
        (directory / name).unlink(missing_ok=True)
    for mail in (directory / _MAILS).glob("*.eml"):
        mail.unlink()


def _welcome(settings: Settings, notes: Notes) -> str:
    lines = [
        f"{making.NAME}, a school to try. Stop it with Ctrl-C.",
        "",
        f"  Parents   {settings.base_url}/{making.SLUG}",
        f"            child's first name: {notes.first_name}   postcode: {notes.postcode}",
        "",
        f"  Desk      {settings.base_url}/desk",
        f"            e-mail: {making.ADMINISTRATOR}   password: {notes.password}",
        f"            a teacher: {making.TEACHER}, the same password",
        f"            the mails that were sent: {settings.base_url}/desk/mailbox",
        "",
    ]
    if settings.telegram_bot_token.get_secret_value():
        lines += [f"  Telegram  send this to your bot: /start {making.SLUG}", ""]
    return "\n".join(lines)
