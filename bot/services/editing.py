"""The editors' work on stories: taking down, naming, putting on another desk, making one of two and two of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain.cleaning import plain
from bot.domain.editing import LONGEST, Concerns, Sheet
from bot.domain.people import Deed, Right
from bot.errors import UserError
from bot.services.showing import to_show
from bot.storage import editing, inbox, people, questions, stories

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.services.people import People
    from bot.storage.database import Connection, Database

ASKED: Final = frozenset({"headline", "merge"})
"""What editors are asked for in words."""


class Editing:
    """What editors do with stories.

    Args:
        db: the database.
        clock: the time.
        people: who may.
    """

    def __init__(self, db: Database, clock: Clock, people: People) -> None:
        self._db = db
        self._clock = clock
        self._people = people

    async def concerns(self) -> Concerns:
        """The stories that editors may have to look at."""

        def read(connection: Connection) -> Concerns:
            return Concerns(tuple(editing.withdrawn(connection)), tuple(editing.doubted(connection)))

        return await self._db.read(read)

    async def sheet(self, editor: Reader, story_id: int) -> Sheet:
        """A story as editors see it.

        Raises:
            UserError: the editor may not (any more), or there is no such story that is everybody's.
        """
        await self._people.check(editor.chat_id, Right.STORIES)
        return await self._db.read(_sheet, story_id)

    async def withdraw(self, update_id: int, editor: Reader, story_id: int, *, on: bool) -> Sheet:
        """Take a story down, so that nobody is shown it, or put it back.

        Raises:
            UserError: as `sheet`.
        """
        what = "withdrew" if on else "restored"
        return await self._changed(
            update_id,
            editor,
            story_id,
            what,
            lambda connection, one: editing.withdraw(connection, one, on=on),
        )

    async def move(self, update_id: int, editor: Reader, story_id: int, desk: str) -> Sheet:
        """Put a story on another desk.

        Raises:
            UserError: as `sheet`.
        """
        return await self._changed(
            update_id,
            editor,
            story_id,
            "relocated",
            lambda connection, one: editing.change(connection, one, desk=desk),
            desk=desk,
        )

    async def name(self, update_id: int, editor: Reader, story_id: int, headline: str) -> Sheet:
        """Give a story the editors' own headline; an empty one gives it back the paper's.

        Raises:
            UserError: as `sheet`, or the headline has nothing to read.
        """
        words = plain(headline, LONGEST)
        if headline and not words:
            raise UserError("edit.no_words")
        return await self._changed(
            update_id,
            editor,
            story_id,
            "headlined" if words else "unheadlined",
            lambda connection, one: editing.change(connection, one, headline=words),
        )

    async def ask(self, update_id: int, editor: Reader, kind: str, story_id: int) -> Sheet:
        """Ask for words, which the next message brings: a `headline`, or the story to `merge` with.

        Raises:
            UserError: as `sheet`.
        """
        if kind not in ASKED:
            raise UserError("error.old_button")
        found = await self.sheet(editor, story_id)
        about = {"story_id": found.id}
        await self._db.write(questions.ask, editor.chat_id, update_id, kind, about, self._clock())
        return found

    async def pair(self, editor: Reader, story_id: int, other_id: int) -> tuple[Sheet, Sheet]:
        """Two stories that shall become one: the older one stays, and comes first.

        Raises:
            UserError: as `sheet`, or both are one already.
        """
        first, second = await self.sheet(editor, story_id), await self.sheet(editor, other_id)
        if first.id == second.id:
            raise UserError("edit.one_already")
        return (first, second) if first.id < second.id else (second, first)

    async def merge(self, update_id: int, editor: Reader, story_id: int, other_id: int) -> Sheet:
        """Make a story part of another, with its articles, comments, readers and links.

        Raises:
            UserError: as `pair`; a press that comes again is no error.
        """

        def both(connection: Connection, one: int) -> None:
            other = _sheet(connection, other_id).id
            if other == one:
                raise UserError("edit.one_already")
            editing.merge(connection, other, one)

        return await self._changed(update_id, editor, story_id, "merged", both)

    async def split(self, update_id: int, editor: Reader, story_id: int, article_id: int) -> Sheet:
        """Make one paper's report a story of its own.

        Raises:
            UserError: as `sheet`, or it is no report of this story, or its only one.
        """

        def part(connection: Connection, one: int) -> None:
            if article_id not in {report.id for report in _sheet(connection, one).reports}:
                raise UserError("error.old_button")
            editing.settle(connection, one)
            if editing.split(connection, article_id) is None:
                raise UserError("edit.only_one")

        return await self._changed(update_id, editor, story_id, "parted", part)

    async def settle(self, update_id: int, editor: Reader, story_id: int) -> Sheet:
        """Leave a story as it is, whatever readers doubted.

        Raises:
            UserError: as `sheet`.
        """
        return await self._changed(update_id, editor, story_id, "settled", editing.settle)

    async def doubt(self, update_id: int, reader: Reader, story_id: int, article_id: int) -> None:
        """Note that a reader takes one paper's report for another story.

        Raises:
            UserError: the reader may not see that story, or the report is no longer part of it.
        """

        def write(connection: Connection) -> None:
            one = to_show(connection, reader.chat_id, story_id)
            if article_id not in {telling.article_id for telling in stories.tellings(connection, one)}:
                raise UserError("error.old_button")
            now = self._clock()
            if inbox.apply(connection, update_id, now):
                editing.doubt(connection, article_id, reader.chat_id, now)

        await self._db.write(write)

    async def _changed(
        self,
        update_id: int,
        editor: Reader,
        story_id: int,
        what: str,
        change: Callable[[Connection, int], object],
        **about: str,
    ) -> Sheet:
        """Change a story and write down who did it.

        Raises:
            UserError: as `sheet`.
        """
        await self._people.check(editor.chat_id, Right.STORIES)

        def write(connection: Connection) -> Sheet:
            found = _sheet(connection, story_id)
            now = self._clock()
            if inbox.apply(connection, update_id, now):
                change(connection, found.id)
                told = {"story": found.title, **about}
                people.note(connection, Deed(now, editor.chat_id, editor.first_name, what, told))
            return _sheet(connection, found.id)

        return await self._db.write(write)


def _sheet(connection: Connection, story_id: int) -> Sheet:
    """A story by its number, or the one that it became part of.

    Raises:
        UserError: there is none that is everybody's.
    """
    found = editing.sheet(connection, editing.now_in(connection, story_id))
    if found is None or not found.reports:
        raise UserError("error.story_gone")
    return found
