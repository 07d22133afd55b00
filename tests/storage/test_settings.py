"""Settings: every one explained in .env.example, and what is wrong told without its value."""

from pathlib import Path

import pytest

from storage.settings import Settings, WrongSettings, read_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_every_setting_stands_in_the_example_and_no_other() -> None:
    named = [line.split("=")[0] for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_every_setting_of_the_example_is_explained() -> None:
    before = ""
    for line in EXAMPLE.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            assert before.startswith("#"), line
        before = line


def test_the_example_says_what_holds_without_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / ".env").write_text(EXAMPLE.read_text())
    assert read_settings() == Settings(_env_file=None)


def test_a_wrong_setting_is_named_and_its_value_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_URL", "hemlock.example")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(WrongSettings) as told:
        read_settings()
    assert str(told.value).splitlines() == [
        "BASE_URL must begin with http:// or https://.",
        "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("MAIL_FROM", "hemlock", "must be an e-mail address, such as Tienminuten <noreply@example.org>."),
        (
            "MAIL_FROM",
            "a@b.nl\nBcc: hemlock@c.nl",
            "must be an e-mail address, such as Tienminuten <noreply@example.org>.",
        ),
        ("TELEGRAM_WEBHOOK_SECRET", "hem lock", "must be letters, digits, _ and -, at most 256."),
    ],
)
def test_what_would_fail_only_while_running_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettings) as told:
        read_settings()
    assert str(told.value) == f"{name} {sentence}"


def test_a_short_secret_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", "too short")
    with pytest.raises(WrongSettings):
        _ = read_settings().pepper
