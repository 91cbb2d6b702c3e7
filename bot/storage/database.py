"""Two doors to one SQLite file: many short readers, and a single writer in its own thread.

`read` runs a function on a query-only connection of a small thread pool. `write` hands a function to the
writer, which runs what has gathered in one BEGIN IMMEDIATE, each of several functions in its own savepoint, and commits
once for all (group commit); the caller goes on when the commit is on the disk. A caller that is cancelled never
reaches into the transaction: its function runs to the end.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import LRUCache

from bot import failpoints
from bot.errors import DatabaseError, DatabaseFull, DatabaseTaken
from bot.storage import prepared
from bot.storage.dialect import DRIVER
from bot.storage.failures import translate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Connection: TypeAlias = sa.Connection
"""A transaction under way, as the functions of this room take it."""
P = ParamSpec("P")
T = TypeVar("T")

READERS: Final = 4
"""Reading threads, each with a connection of its own."""
GROUP: Final = 128
"""The most functions that share one commit."""
BUSY: Final = 10.0
"""Seconds to wait for another program's lock."""
_GAVE_UP: Final = "The disk gave up in the middle; nothing of this may be relied on."
_COMPILED: Final = LRUCache[Any, Any](1000)
"""Statements as they were compiled, for all engines of this process: readers and the writer ask much the same."""


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    work: Callable[[sa.Connection], Any]
    result: Future[Any]


class Database:
    """An open database.

    Args:
        path: the SQLite file; its folder must exist and it must have been migrated.
        owner: True for the newsroom itself, which keeps the file to itself as its only owner and checkpoints the
            log; False for the command line beside it.
        busy: seconds to wait for another program's lock.

    Raises:
        DatabaseError: the file cannot be used, or another newsroom owns it.
    """

    def __init__(self, path: Path, *, owner: bool = True, busy: float = BUSY) -> None:
        self.path = path
        self._lock = own(path) if owner else None
        self._write_engine = engine(path, busy=busy, checkpoint=owner)
        self._read_engine = engine(path, busy=busy, read_only=True)
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._door = Lock()
        self._closed = False
        try:
            self._writer = self._write_engine.connect()
        except DBAPIError as error:
            self._release()
            raise translate(error) or error from error
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._thread = Thread(target=self._serve, name="db-write", daemon=True)
        self._thread.start()

    async def read(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(connection, ...)` on a query-only connection, all its statements on one snapshot.

        Raises:
            DatabaseError: what SQLite says, in plain words.
        """

        def run() -> T:
            try:
                with self._read_engine.begin() as connection:
                    return work(connection, *args, **kwargs)
            except DBAPIError as error:
                raise translate(error) or error from error

        with self._door:
            self._refuse_if_closed()
            answer = asyncio.get_running_loop().run_in_executor(self._readers, run)
        return await answer

    async def write(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(connection, ...)` in a transaction that is committed when this returns.

        Raises:
            DatabaseError: what SQLite says, in plain words; nothing of `work` was kept then.
        """
        name = getattr(work, "__qualname__", "")
        job = _Job(name, lambda connection: work(connection, *args, **kwargs), Future())
        with self._door:
            self._refuse_if_closed()
            self._queue.put(job)
        answer = asyncio.wrap_future(job.result)
        # A caller that was cancelled asks for no answer; asyncio would complain that nobody looked at a failure.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(answer)

    async def close(self) -> None:
        """Let queued writes finish, then close all connections, the writer's last."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """The same, for callers without an event loop; a second time it changes nothing."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._readers.shutdown()
        self._read_engine.dispose()
        self._thread.join()
        self._release()

    def _refuse_if_closed(self) -> None:
        """Nobody would serve what comes now, and its caller would wait for ever."""
        if self._closed:
            raise DatabaseError("The database is closed.")

    def _release(self) -> None:
        self._read_engine.dispose()
        self._write_engine.dispose()
        if self._lock is not None:
            os.close(self._lock)

    def _serve(self) -> None:
        """The writer's thread: take what has gathered, commit it together, answer all."""
        while (job := self._queue.get()) is not None:
            group = [job]
            while len(group) < GROUP and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._queue.put(None)
                    break
                group.append(following)
            self._commit(group)
        self._writer.close()

    def _commit(self, group: list[_Job]) -> None:
        answers: list[tuple[_Job, Any, BaseException | None]] = []
        try:
            with self._writer.begin():
                run = self._run_alone if len(group) == 1 else self._run
                answers += [run(job) for job in group]
                for job in group:
                    failpoints.hit(f"{job.name}, before the commit")
        except BaseException as error:  # noqa: BLE001 - whatever it is, every caller must hear of it
            known = translate(error) if isinstance(error, DBAPIError) else None
            for job in group:
                job.result.set_exception(known or error)
            self._end_what_is_open()
            return
        for job, value, failure in answers:
            failpoints.hit(f"{job.name}, after the commit")
            if failure is None:
                job.result.set_result(value)
            else:
                job.result.set_exception(failure)

    def _end_what_is_open(self) -> None:
        """A commit that was refused leaves its transaction open, and the next one could not begin.

        Where a disk fails even then, that next one is refused and told so.
        """
        raw = self._writer.connection.driver_connection
        if raw is not None and raw.in_transaction:
            with suppress(sqlite3.Error):
                raw.rollback()

    def _run_alone(self, job: _Job) -> tuple[_Job, Any, None]:
        """The only function of a transaction, which needs no savepoint: what undoes it undoes nothing else."""
        value = job.work(self._writer)
        raw = self._writer.connection.driver_connection
        if raw is None or not raw.in_transaction:
            # The function went on although SQLite had given up the transaction under it.
            raise DatabaseFull(_GAVE_UP)
        return job, value, None

    def _run(self, job: _Job) -> tuple[_Job, Any, BaseException | None]:
        """One function in its savepoint; a failure undoes that function alone.

        A full disk or a failing one makes SQLite give up the whole transaction, and then the savepoint's own
        rollback fails: that goes up to `_commit`, which answers everybody.
        """
        savepoint = self._writer.begin_nested()
        try:
            value = job.work(self._writer)
        except Exception as error:  # noqa: BLE001 - it belongs to the caller
            try:
                savepoint.rollback()
            except DBAPIError:
                raise error from None
            known = translate(error) if isinstance(error, DBAPIError) else None
            return job, None, known or error
        try:
            savepoint.commit()
        except DBAPIError as error:
            raise DatabaseFull(_GAVE_UP) from error
        return job, value, None


def engine(path: Path, *, busy: float = BUSY, read_only: bool = False, checkpoint: bool = False) -> sa.Engine:
    """A SQLAlchemy engine whose transactions begin when we say so.

    Args:
        path: the SQLite file.
        busy: seconds to wait for a lock.
        read_only: query-only connections in deferred transactions; else BEGIN IMMEDIATE, since a deferred
            transaction that reads and then writes fails at once when somebody else wrote (measured: 87 of 120).
        checkpoint: whether this connection may checkpoint the log; only one program may (a rare bug of SQLite
            3.7.0 to 3.51.2 damages the file when two do).
    """
    made = sa.create_engine(
        sa.URL.create(DRIVER, database=str(path)),
        execution_options={"compiled_cache": _COMPILED},
        connect_args={"isolation_level": None, "timeout": busy, "check_same_thread": False},
        # What readers search for and how they are called is nothing for the log, where errors end up.
        hide_parameters=True,
    )

    @sa.event.listens_for(made, "connect")
    def set_up(raw: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        pragmas = ["foreign_keys = ON"]
        if read_only:
            pragmas.append("query_only = ON")
        else:
            pragmas += ["journal_mode = WAL", "synchronous = FULL"]
            pragmas.append(f"wal_autocheckpoint = {1000 if checkpoint else 0}")
        try:
            for pragma in pragmas:
                raw.execute(f"PRAGMA {pragma}").close()
        except sqlite3.Error:
            raw.close()
            raise

    @sa.event.listens_for(made, "begin")
    def begin(connection: sa.Connection) -> None:
        prepared.begin(connection, at_once=not read_only)

    return made


def own(path: Path) -> int:
    """Take the database as its only owner: a lock that ends with this process, however it ends.

    Returns:
        A file handle; closing it gives the database back.

    Raises:
        DatabaseTaken: another newsroom owns it.
        DatabaseError: its folder cannot be written to.
    """
    try:
        handle = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseError(f"The folder of {path} cannot be written to: {error.strerror}.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.pread(handle, 20, 0).decode(errors="replace").strip()
        with suppress(OSError):
            os.close(handle)
        raise DatabaseTaken(
            f"Another newsroom is running on {path}{f' (process {owner})' if owner else ''}. "
            "Stop it first, or give this one a DATABASE_URL of its own."
        ) from None
    # Whoever waits for it says whom it waits for; on a full disk it waits for somebody without a number.
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def is_free(path: Path) -> bool:
    """Whether no newsroom owns the database just now."""
    try:
        os.close(own(path))
    except DatabaseTaken:
        return False
    return True
