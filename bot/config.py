"""Settings from the environment and `.env`, read once; the only place that looks there."""

from __future__ import annotations

import difflib
import logging
import re
from functools import cache
from io import StringIO
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError
from bot.logs import redact

Network = IPv4Network | IPv6Network

DEFAULT_DATABASE: Final = "sqlite:///data/paperboy.db"
PLAYGROUND_FILE: Final = "playground.db"
"""The playground's database, in the folder of the real one and never the same file: it is deleted by `--fresh`."""
WEEK: Final = 7 * 86_400
"""Seconds; a feed that is looked at less often is no news."""

_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_ADDRESS: Final = re.compile(r"[^?#\s]+", re.ASCII)
_WORDS: Final = {
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must be a language's code such as en or uk",
}
"""Plain words for the checks of pydantic's own; those of ours are in plain words already."""


class Settings(BaseSettings):
    """Everything an operator may set; `docs/settings.md` explains each for people."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
    )

    telegram_bot_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    database_url: str | None = None
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    newsroom_name: str = Field("Newsroom", min_length=1, max_length=64)
    feeds_file: Path | None = None
    poll_interval_min: int = Field(300, ge=1, le=WEEK)
    poll_interval_max: int = Field(14_400, ge=1, le=WEEK)
    fetch_allow_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    http_host: str = "127.0.0.1"
    http_port: int = Field(8080, ge=0, le=65_535)
    default_language: str = Field("en", pattern=r"^[a-z]{2,3}$")
    default_timezone: str = "UTC"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    retention_days: int = Field(90, ge=7, le=36_500)
    comments: Literal["on", "off"] = "on"
    comment_words: Annotated[tuple[str, ...], NoDecode] = ()
    broadcast_daily_cap: int = Field(3, ge=0, le=100)
    broadcast_confirm_over: int = Field(10_000, ge=0, le=100_000_000)
    backup_keep: int = Field(7, ge=0, le=365)
    disk_min_free: int = Field(500, ge=0, le=1_000_000)
    paid_broadcast_rate: int = Field(0, ge=0, le=1000)

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the environment or a test gives
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("comment_words", mode="before")
    @classmethod
    def _split_words(cls, value: Any) -> Any:  # noqa: ANN401 - as above
        if not isinstance(value, str):
            return value
        return [part.strip() for part in value.split(",") if part.strip()]

    @field_validator("comment_words")
    @classmethod
    def _have_letters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(any(letter.isalnum() for letter in word) for word in value):
            raise ValueError("must be words, with commas between")
        return value

    @field_validator("fetch_allow_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:  # noqa: ANN401 - as above
        if not isinstance(value, str):
            return value
        return [ip_network(part.strip()) for part in value.split(",") if part.strip()]

    @field_validator("telegram_bot_token")
    @classmethod
    def _has_two_halves(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is not a bot token; BotFather gives one like 123456:ABC-DEF")
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            good = False
        if not good or not _ADDRESS.fullmatch(value):
            raise ValueError("must be an address such as http://127.0.0.1:8081, without ? and #")
        return value.rstrip("/")

    @field_validator("newsroom_name")
    @classmethod
    def _is_one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("must be one line of visible characters")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_sqlite(cls, value: str | None) -> str | None:
        if value is None:
            return None
        path = value.removeprefix("sqlite:///")
        if path == value or not path.strip("/. ") or path.endswith("/") or not path.isprintable():
            raise ValueError("must be sqlite:///PATH of a file; other databases are not supported yet")
        if path.startswith(":") or "?" in path:
            raise ValueError("must name a file, without SQLite's own :memory: and without options after ?")
        if Path(path).name.lower() == PLAYGROUND_FILE:
            raise ValueError(f"{PLAYGROUND_FILE} is the playground's own file; choose another name")
        return value

    @field_validator("default_timezone")
    @classmethod
    def _is_a_place(cls, value: str) -> str:
        if value not in _places():
            places = {place.lower(): place for place in _places()}
            near = difflib.get_close_matches(value.lower(), places, 1)
            hint = f", perhaps {places[near[0]]}" if near else ""
            raise ValueError(f"must be a place of the tz database such as Europe/Kyiv{hint}")
        return value

    @field_validator("feeds_file")
    @classmethod
    def _is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("must be a file" if value.exists() else "there is no such file")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Settings:
        if self.poll_interval_min > self.poll_interval_max:
            raise ValueError("POLL_INTERVAL_MIN is larger than POLL_INTERVAL_MAX")
        return self

    @property
    def has_token(self) -> bool:
        """Whether this is set up for the real Telegram (or any other Bot API server)."""
        return self.telegram_bot_token is not None

    def database_path(self, *, playground: bool) -> Path:
        """Where the SQLite file is; the playground keeps its own beside it."""
        path = Path((self.database_url or DEFAULT_DATABASE).removeprefix("sqlite:///")).expanduser()
        return path.with_name(PLAYGROUND_FILE) if playground else path


_places = cache(available_timezones)
"""The names of the tz database; it looks for them in some six hundred files."""


def load(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:  # noqa: ANN401 - any field
    """Read the settings.

    Args:
        env_file: a file of NAME=value lines that the environment overrules; None for the environment alone.
        overrides: settings by field name, which overrule both.

    Raises:
        SettingsError: one sentence a problem, all problems at once.
    """
    # Its warning about a broken line names no file; `_broken_lines` does.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    problems: list[str] = []
    settings = None
    try:
        problems += _broken_lines(env_file)
        settings = Settings(_env_file=env_file, **overrides)
    except ValidationError as error:
        problems += [_sentence(problem) for problem in error.errors()]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file {env_file} cannot be read: {error}.") from None
    if settings is None or problems:
        raise SettingsError("\n  ".join(("These settings need a change:", *problems)))
    return settings


def _broken_lines(env_file: Path | None) -> list[str]:
    """A sentence for each line of the file that sets nothing; it is not quoted, since it may hold the token."""
    if env_file is None or not env_file.exists():
        return []
    lines = parse_stream(StringIO(env_file.read_text("utf-8")))
    return [
        f"{env_file}, line {line.original.line}: must be NAME=value"
        for line in lines
        if line.error or (line.key is not None and line.value is None)
    ]


def _sentence(problem: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    if not problem["loc"]:
        return str(problem["msg"]).removeprefix("Value error, ")
    name = str(problem["loc"][0]).upper()
    if problem["type"] == "extra_forbidden":
        known = [field.upper() for field in Settings.model_fields]
        near = difflib.get_close_matches(name, known, 1)
        return redact(f"{name}: there is no such setting") + (f"; did you mean {near[0]}?" if near else "")
    words = _WORDS.get(problem["type"], "{error}").format(
        **{"error": problem["msg"], **problem.get("ctx", {})}
    )
    given = "" if "TOKEN" in name else f" (it is {str(problem['input'])!r})"
    return redact(f"{name}: {words}{given}")
