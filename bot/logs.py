"""Log lines: text or JSON, with the id of what is being worked on, and never with a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final, Literal
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

work_id: ContextVar[str] = ContextVar("work_id", default="")
"""What the current task works on, such as `update 17` or `feed 3`; stands in each of its lines."""

_TOKEN: Final = re.compile(r"(?<!\d)\d{3,}(?::|%3[Aa])[A-Za-z0-9_-]{20,}")
_CREDENTIALS: Final = re.compile(r"(\w://)[^/\s@]+@")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_QUIET: Final = "aiohttp.access apscheduler httpx httpcore trafilatura htmldate courlan alembic".split()
"""Libraries whose chatter is no news; the first four also print addresses that may hold the token."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without bot tokens, without credentials inside addresses, without any of `secrets`."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "[secret]").replace(quote(secret, safe=""), "[secret]")
    return _CREDENTIALS.sub(r"\1[secret]@", _TOKEN.sub("[token]", text))


class TextFormat(logging.Formatter):
    """One line a record, `time level room: message [work id]`; line ends and control codes inside are escaped."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """The record as one safe line, and the traceback, if any, on lines of its own."""
        at = _at(record).strftime("%Y-%m-%d %H:%M:%S")
        working = work_id.get()
        place = f" [{working}]" if working else ""
        line = _escaped(f"{at} {record.levelname} {record.name}: {self._message(record)}{place}")
        if record.exc_info:
            told = redact(self.formatException(record.exc_info), self._secrets)
            # Set in, so that no text of an exception looks like a record.
            line += "".join(f"\n    {_escaped(part)}" for part in told.split("\n"))
        return line

    def _message(self, record: logging.LogRecord) -> str:
        """The message without secrets; also that of a call whose arguments do not fit, which logging would print raw."""
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 - whatever the arguments do when they are written out
            text = f"{record.msg} {record.args!r}"
        return redact(text, self._secrets)


class JsonFormat(TextFormat):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a JSON line with at, level, logger, message, and work and error where there are any."""
        line = {
            "at": _at(record).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": self._message(record),
        }
        if working := work_id.get():
            line["work"] = working
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info), self._secrets)
        return json.dumps(line)


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: repr(found.group())[1:-1], text)


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
