"""The SQLite that all engines speak, and column types that its STRICT tables take and other databases understand."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""An integer of 64 bits: ids of chats need 52 (Bot API, Chat)."""


DRIVER: Final = "sqlite+alike"
"""What an engine's address begins with to speak `Alike`."""


class Alike(SQLiteDialect_pysqlite):
    """SQLite, the same for every engine: a statement that was compiled for one is compiled for all.

    SQLAlchemy keeps compiled statements by their dialect, and makes one for each engine.
    """

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alike)

    def __hash__(self) -> int:
        return hash(Alike)


sa.dialects.registry.register("sqlite.alike", __name__, Alike.__name__)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time, kept as microseconds since 1970 so that it sorts and compares as a number."""

    impl = Whole
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse what has no zone: it would silently mean the machine's own."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be kept")
        return (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back to an aware time in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Flag(TypeDecorator[bool]):
    """Yes or no, kept as 1 or 0 (STRICT tables know no BOOLEAN)."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:  # noqa: FBT001 - a column's value
        """True as 1."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        """1 as True."""
        return None if value is None else bool(value)


class Json(TypeDecorator[Any]):
    """A JSON value kept as text (STRICT tables know no JSON)."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Compact, and with its letters as they are, unless half a surrogate pair is among them, which is no UTF-8."""
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return json.dumps(value, separators=(",", ":")) if _HALF_A_PAIR.search(text) else text

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value again; tuples come back as lists."""
        return None if value is None else json.loads(value)


class Minutes(TypeDecorator[tuple[int, ...]]):
    """A few minutes of the day, kept as a JSON text in their order."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Dialect) -> str | None:
        """The minutes as a JSON list."""
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[int, ...] | None:
        """The minutes as a tuple."""
        return None if value is None else tuple(json.loads(value))


class Names(TypeDecorator[tuple[str, ...]]):
    """A short list of names, kept as a JSON text in its order."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """The names as a JSON list."""
        return None if value is None else json.dumps(list(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """The names as a tuple."""
        return None if value is None else tuple(json.loads(value))
