"""Settings from the environment and `.env`, read once; the only place that looks there."""

from __future__ import annotations

import difflib
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

Network = IPv4Network | IPv6Network

DEFAULT_DATABASE: Final = "sqlite:///data/paperboy.db"
PLAYGROUND_DATABASE: Final = "sqlite:///data/playground.db"


class Settings(BaseSettings):
    """Everything an operator may set; `docs/settings.md` explains each for people."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="forbid", frozen=True
    )

    telegram_bot_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    database_url: str | None = None
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    newsroom_name: str = Field("Newsroom", min_length=1, max_length=64)
    feeds_file: Path | None = None
    poll_interval_min: int = Field(300, ge=1)
    poll_interval_max: int = Field(14_400, ge=1)
    fetch_allow_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    http_host: str = "127.0.0.1"
    http_port: int = Field(8080, ge=0, le=65_535)
    default_language: str = Field("en", pattern=r"^[a-z]{2,3}$")
    default_timezone: str = "UTC"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    retention_days: int = Field(90, ge=7)

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the environment or a test gives
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @field_validator("fetch_allow_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:  # noqa: ANN401 - as above
        if not isinstance(value, str):
            return value
        return [ip_network(part.strip()) for part in value.split(",") if part.strip()]

    @field_validator("telegram_bot_token")
    @classmethod
    def _has_two_halves(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            number, colon, rest = value.get_secret_value().partition(":")
            if not (
                number.isdecimal() and colon and rest.isascii() and rest.isprintable() and " " not in rest
            ):
                raise ValueError("is not a bot token; BotFather gives one like 123456:ABC-DEF")
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must begin with http:// or https:// and name a host")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_sqlite(cls, value: str | None) -> str | None:
        if value is not None and not (value.startswith("sqlite:///") and len(value) > len("sqlite:///")):
            raise ValueError("must be sqlite:///PATH; other databases are not supported yet")
        return value

    @field_validator("default_timezone")
    @classmethod
    def _is_a_place(cls, value: str) -> str:
        if value not in available_timezones():
            near = difflib.get_close_matches(value, available_timezones(), 1)
            hint = f", perhaps {near[0]}" if near else ""
            raise ValueError(f"must be a place of the tz database such as Europe/Kyiv{hint}")
        return value

    @field_validator("feeds_file")
    @classmethod
    def _is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("there is no such file")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Settings:
        if self.poll_interval_min > self.poll_interval_max:
            raise ValueError("POLL_INTERVAL_MIN is larger than POLL_INTERVAL_MAX")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone of readers who have not chosen a place."""
        return ZoneInfo(self.default_timezone)

    @property
    def has_token(self) -> bool:
        """Whether this is set up for the real Telegram (or any other Bot API server)."""
        return self.telegram_bot_token is not None

    def database_path(self, *, playground: bool) -> Path:
        """Where the SQLite file is; the playground keeps its own unless one is named."""
        url = self.database_url or (PLAYGROUND_DATABASE if playground else DEFAULT_DATABASE)
        return Path(url.removeprefix("sqlite:///"))


def load(env_file: Path | None = Path(".env"), **overrides: Any) -> Settings:  # noqa: ANN401 - any field
    """Read the settings.

    Args:
        env_file: a file of NAME=value lines that the environment overrules; None for the environment alone.
        overrides: settings by field name, which overrule both.

    Raises:
        SettingsError: one sentence a problem, all problems at once.
    """
    try:
        return Settings(_env_file=env_file, **overrides)
    except ValidationError as error:
        problems = [_sentence(problem) for problem in error.errors()]
        raise SettingsError("\n".join(("These settings need a change:", *problems))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file {env_file} cannot be read: {error}") from None


def _sentence(problem: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    name = str(problem["loc"][0]).upper() if problem["loc"] else ""
    if problem["type"] == "extra_forbidden":
        known = [field.upper() for field in Settings.model_fields]
        near = difflib.get_close_matches(name, known, 1)
        return f"  {name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else "")
    text = problem["msg"].removeprefix("Value error, ")
    given = "" if "TOKEN" in name or not name else f" (it is {problem['input']!r})"
    return f"  {name + ': ' if name else ''}{text}{given}"
