"""Log lines: text or JSON, with the id of what is being worked on, and never with a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

work_id: ContextVar[str] = ContextVar("work_id", default="")
"""What the current task works on, such as `update 17` or `feed 3`; stands in each of its lines."""

_TOKEN: Final = re.compile(r"\b\d{3,}:[A-Za-z0-9_-]{20,}")
_CREDENTIALS: Final = re.compile(r"(\w://)[^/\s@]+@")
_QUIET: Final = (
    "aiohttp.access",
    "apscheduler",
    "httpx",
    "httpcore",
    "trafilatura",
    "htmldate",
    "courlan",
    "alembic",
)
"""Libraries whose chatter is no news; the first four also print addresses that may hold the token."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without bot tokens, without credentials inside addresses, without any of `secrets`."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return _CREDENTIALS.sub(r"\1[secret]@", _TOKEN.sub("[token]", text))


class TextFormat(logging.Formatter):
    """One line a record, `time level room: message [work id]`; line ends inside a message are escaped."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The record as one safe line, and the traceback, if any, on lines of its own."""
        at = _at(record).strftime("%Y-%m-%d %H:%M:%S")
        working = work_id.get()
        place = f" [{working}]" if working else ""
        line = f"{at} {record.levelname} {record.name}: {record.getMessage()}{place}".replace("\n", "\\n")
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return redact(line, self._secrets)


class JsonFormat(TextFormat):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a JSON line with at, level, logger, message, and work and error where there are any."""
        line = {
            "at": _at(record).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if working := work_id.get():
            line["work"] = working
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, ensure_ascii=False), self._secrets)


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def set_up(
    level: str, form: Literal["text", "json"], secrets: Iterable[str] = (), stream: IO[str] | None = None
) -> None:
    """Send all logs to `stream` (standard error by default) in one format; replaces what was set up before."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter((JsonFormat if form == "json" else TextFormat)(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
