"""The settings, from the environment or a `.env` file. Every one stands in `.env.example`; a test holds that.

A wrong setting is told in a sentence that names it; its value is never shown, for it may be a secret.
"""

import re
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class WrongSettings(Exception):
    """One sentence per wrong setting, for the operator."""


def _no_slash(address: str) -> str:
    if not address.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return address.rstrip("/")


def _sender(text: str) -> str:
    if not text.isprintable() or not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", parseaddr(text)[1]):
        raise ValueError("must be an e-mail address, such as Tienminuten <noreply@example.org>")
    return text


def _webhook_word(word: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", word.get_secret_value()):
        raise ValueError("must be letters, digits, _ and -, at most 256")
    return word


def _bot_name(text: str) -> str:
    name = text.strip().removeprefix("@")
    if name and not re.fullmatch(r"[A-Za-z0-9_]{4,32}", name):
        raise ValueError("must be the bot's name as @BotFather gave it, such as tienminuten_bot")
    return name


def _level(text: str) -> str:
    if text not in LEVELS:
        raise ValueError(f"must be one of {', '.join(LEVELS)}")
    return text


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
Address = Annotated[str, AfterValidator(_no_slash)]

TELEGRAM_PER_SECOND = 28.0  # a bot may send about thirty messages a second over all chats, edits counted


class Settings(BaseSettings):
    """See `.env.example` for what each one means."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Path(".data")
    database_url: str = ""
    base_url: Address = "http://127.0.0.1:8000"
    secret_key: SecretStr = SecretStr("")
    telegram_bot_token: SecretStr = SecretStr("")
    telegram_bot_name: Annotated[str, AfterValidator(_bot_name)] = ""
    telegram_api_base: Address = "https://api.telegram.org"
    telegram_per_second: Annotated[float, Field(gt=0, le=1000)] = TELEGRAM_PER_SECOND
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_word)] = SecretStr("")
    smtp_url: SecretStr = SecretStr("")
    mail_from: Annotated[str, AfterValidator(_sender)] = "Tienminuten <noreply@localhost>"
    host: str = "127.0.0.1"
    log_level: Annotated[str, AfterValidator(_level)] = "INFO"

    @property
    def database(self) -> str:
        """The database's URL: as set, else a SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'tienminuten.db'}"

    @property
    def pepper(self) -> bytes:
        """What stored secrets are keyed with (rule 5). Raises WrongSettings when SECRET_KEY is missing or short."""
        key = self.secret_key.get_secret_value()
        if len(key) < 32:
            raise WrongSettings("SECRET_KEY is missing or shorter than 32 characters: put a long random text there.")
        return key.encode()


def read_settings() -> Settings:
    """Raises WrongSettings with a sentence per setting that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        sentences = [f"{str(fault['loc'][0]).upper()} {_fault(fault['msg'])}." for fault in error.errors()]
        raise WrongSettings("\n".join(sentences)) from None


def _fault(said: str) -> str:
    """What pydantic says: in our own words where they are ours."""
    ours = said.removeprefix("Value error, ")
    return ours if ours != said else f"is wrong: {said}"
