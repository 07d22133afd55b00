"""The settings, from the environment or a `.env` file. Every one stands in `.env.example`; a test holds that.

A wrong setting is told in a sentence that names it; its value is never shown, for it may be a secret.
"""

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


Address = Annotated[str, AfterValidator(_no_slash)]


class Settings(BaseSettings):
    """See `.env.example` for what each one means."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Path(".data")
    database_url: str = ""
    base_url: Address = "http://127.0.0.1:8000"
    secret_key: SecretStr = SecretStr("")
    telegram_bot_token: SecretStr = SecretStr("")
    telegram_api_base: Address = "https://api.telegram.org"
    telegram_webhook_secret: SecretStr = SecretStr("")
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = "Tienminuten <noreply@localhost>"
    host: str = "127.0.0.1"
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

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
        sentences = [f"{str(fault['loc'][0]).upper()} is wrong: {fault['msg']}." for fault in error.errors()]
        raise WrongSettings("\n".join(sentences)) from None
