"""The form of the database: strict tables, indexed keys, and a history that ends at `tables.py`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st

from bot.storage import meta
from bot.storage.database import engine
from bot.storage.dialect import Flag, Json, Moment, Names
from bot.storage.migrate import write_revision
from bot.storage.tables import metadata

if TYPE_CHECKING:
    from pathlib import Path

    from tests.storage.archive import Archive

THEIRS = re.compile(r"sqlite_|alembic_version|article_search")
"""Tables of SQLite, of Alembic and of the full-text index."""


def test_every_table_of_ours_is_strict(archive: Archive) -> None:
    rows = archive.connection.exec_driver_sql(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"
    )
    strict = {row.name: row.strict for row in rows if not THEIRS.match(row.name)}
    assert set(strict) == set(metadata.tables)
    assert set(strict.values()) == {1}


def test_the_history_leaves_out_row_ids_where_the_tables_do(archive: Archive) -> None:
    rows = archive.connection.exec_driver_sql("SELECT name, wr FROM pragma_table_list WHERE schema = 'main'")
    without = {row.name for row in rows if row.wr and not THEIRS.match(row.name)}
    ours = metadata.tables.items()
    assert without == {name for name, table in ours if not table.dialect_options["sqlite"]["with_rowid"]}
    assert without == {"told", "list_items", "owed_again"}


def test_every_foreign_key_is_the_beginning_of_an_index(archive: Archive) -> None:
    for name, table in metadata.tables.items():
        indexes = archive.connection.exec_driver_sql(f"PRAGMA index_list({name})").all()
        first = {
            archive.connection.exec_driver_sql(f"PRAGMA index_info({index.name})").first().name  # type: ignore[union-attr]
            for index in indexes
            if not index.partial
        } | {column.name for column in table.primary_key.columns if len(table.primary_key.columns) == 1}
        keys = {column.name for column in table.columns if column.foreign_keys}
        assert keys <= first, f"deleting a row that {name} points to would read all of {name}"


def difference(path: Path) -> list[object]:
    made = engine(path)
    with made.connect() as connection:
        options = {"include_object": lambda _o, name, kind, *_: not (kind == "table" and THEIRS.match(name))}
        found = list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))
    made.dispose()
    return found


def test_the_history_ends_at_the_tables(path: Path) -> None:
    assert difference(path) == []


def test_a_difference_would_be_seen(path: Path) -> None:
    made = engine(path)
    with made.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_feeds_due")
    made.dispose()
    assert difference(path) != []


def test_a_new_step_is_written_from_the_difference(path: Path, history: Path) -> None:
    made = engine(path)
    with made.begin() as connection:
        connection.exec_driver_sql("DROP TABLE plans")
    made.dispose()
    write_revision(path, "again", scripts=history)
    (step,) = (history / "versions").glob("*_again.py")
    text = step.read_text("utf-8")
    assert "op.create_table('plans'" in text
    assert "sqlite_strict=True" in text
    assert "article_search" not in text
    assert "Moment" not in text, "old steps need no code of ours"


def test_the_first_step_makes_a_key_and_an_epoch(archive: Archive) -> None:
    assert len(meta.button_key(archive.connection)) == 32
    assert [meta.next_epoch(archive.connection) for _ in range(3)] == [1, 2, 3]


kept = sa.Table(
    "kept",
    sa.MetaData(),
    sa.Column("at", Moment),
    sa.Column("flag", Flag),
    sa.Column("json", Json),
    sa.Column("names", Names),
    sqlite_strict=True,
)
memory = sa.create_engine("sqlite://", poolclass=sa.StaticPool)


def there_and_back(**values: object) -> sa.Row[tuple[object, ...]]:
    with memory.connect() as connection:
        kept.create(connection, checkfirst=True)
        connection.execute(sa.delete(kept))
        connection.execute(sa.insert(kept).values(values))
        return connection.execute(sa.select(kept)).one()


zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=zones)  # noqa: DTZ001 - bounds


@given(moments)
def test_a_moment_comes_back_to_the_microsecond_and_in_utc(moment: datetime) -> None:
    at = there_and_back(at=moment).at
    assert at == moment
    assert at.tzinfo is UTC


@given(moments, moments)
def test_moments_sort_as_numbers(one: datetime, other: datetime) -> None:
    dialect = memory.dialect
    numbers = [Moment().process_bind_param(each, dialect) for each in (one, other)]
    assert None not in numbers
    assert (one < other) == (numbers[0] < numbers[1])  # type: ignore[operator]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        there_and_back(at=datetime(2026, 11, 24, 6, 0))  # noqa: DTZ001 - the point


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(documents, st.lists(st.text(st.characters(codec="utf-8"))))
def test_documents_and_names_come_back(document: object, names: list[str]) -> None:
    row = there_and_back(json=document, names=tuple(names))
    assert row.json == document
    assert row.names == tuple(names)


def test_half_a_surrogate_pair_in_a_document_comes_back() -> None:
    assert there_and_back(json={"text": "half \ud83d of a pair"}).json == {"text": "half \ud83d of a pair"}


@pytest.mark.parametrize("flag", [True, False, None])
def test_a_flag_comes_back_as_what_it_was(flag: object) -> None:
    assert there_and_back(flag=flag).flag is flag


def test_nothing_stays_nothing() -> None:
    assert set(there_and_back(at=None, flag=None, json=None, names=None)) == {None}
