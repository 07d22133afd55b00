"""Files that are being imported in steps, kept here and not in the page: an upload is read, looked at, then applied.

An upload belongs to the session that sent it and is forgotten after an hour, or when it has been applied. It holds
children's data: its folder and files are readable by nobody but this process, and no name in it is ever a path.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from admin.web.desk import Desk
from storage.privacy import retention_table
from storage.privacy.leftover_files import UPLOADS
from storage.refusals import Invalid, Refused

LIFE = retention_table.UPLOADS.longest
_LONGEST_NAME = 100
_ENDINGS = (".data", ".work", ".json")  # the last is what a sweep goes by


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, its name only for showing; `choices` are what was chosen for it so far (JSON)."""

    id: str
    name: str
    data: bytes
    choices: dict[str, Any]


def keep(desk: Desk, name: str, data: bytes, **choices: Any) -> str:
    """Keep a file for the next step; returns its id, which is of use to this session alone."""
    folder = _folder(desk)
    _sweep(folder, desk.now)
    id_ = secrets.token_urlsafe(18)
    shown = "".join(letter for letter in name if letter.isprintable())[:_LONGEST_NAME] or "?"
    _write(folder / f"{_key(desk, id_)}.data", data)
    put(desk, Upload(id_, shown, b"", choices))
    return id_


def put(desk: Desk, upload: Upload) -> None:
    """Keep the choices of an upload that is there."""
    kept = {"name": upload.name, "choices": upload.choices, "until": (desk.now + LIFE).timestamp()}
    _write(_folder(desk) / f"{_key(desk, upload.id)}.json", json.dumps(kept).encode())


def find(desk: Desk, id_: str) -> Upload:
    """Raises Refused(Invalid) for an upload that is over, or that another session sent: the two look the same."""
    path = _folder(desk) / f"{_key(desk, id_)}.json"
    try:
        kept = json.loads(path.read_bytes())
        data = path.with_suffix(".data").read_bytes()
    except (FileNotFoundError, ValueError):
        kept, data = None, b""
    if kept is None or kept["until"] < desk.now.timestamp():
        raise Refused(Invalid("This file is no longer here. Nothing has been changed; please send it again."))
    return Upload(id_, kept["name"], data, kept["choices"])


def choose(desk: Desk, upload: Upload, **choices: Any) -> Upload:
    """The upload with these choices, kept."""
    chosen = replace(upload, choices={**upload.choices, **choices})
    put(desk, chosen)
    return chosen


def forget(desk: Desk, id_: str) -> None:
    """Throw an upload away; one that is gone already is fine."""
    for ending in _ENDINGS:
        (_folder(desk) / f"{_key(desk, id_)}{ending}").unlink(missing_ok=True)


def work(desk: Desk, id_: str) -> Path:
    """Where it is written down how far the work on an upload is, see jobs.py; it goes when the upload goes."""
    return _folder(desk) / f"{_key(desk, id_)}.work"


def empty(desk: Desk, upload: Upload) -> None:
    """Throw the file away and keep what was chosen, and how the work on it went: the file has had its use."""
    _write(_folder(desk) / f"{_key(desk, upload.id)}.data", b"")


def _folder(desk: Desk) -> Path:
    folder = desk.settings.data_dir / UPLOADS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _key(desk: Desk, id_: str) -> str:
    """The file's name: of this session and this id, so another session's id leads nowhere."""
    digest = hashlib.sha256(f"{desk.school.id}\0{desk.csrf}\0{id_}".encode()).hexdigest()
    return f"{desk.school.id}-{digest}"


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _sweep(folder: Path, now: datetime) -> None:
    for path in folder.glob("*.json"):
        try:
            over = json.loads(path.read_bytes())["until"] < now.timestamp()
        except (FileNotFoundError, ValueError, KeyError):
            continue  # another request is writing or removing it
        if over:
            for ending in _ENDINGS:
                path.with_suffix(ending).unlink(missing_ok=True)
