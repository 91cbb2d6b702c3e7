"""Filters of what is followed: tried on the last articles before they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.domain.cleaning import plain
from bot.domain.filters import FIELDS, LONGEST, MOST, Article, Filter, needles, passes
from bot.domain.searching import terms
from bot.errors import UserError
from bot.storage import follows, fresh, inbox, questions, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.following import Follow
    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.storage.database import Connection, Database
    from bot.storage.questions import Question

TRIED_ON: Final = 60
"""Articles that a filter is tried on."""
ANSWERED_IN: Final = timedelta(minutes=10)
"""How long the next message counts as the answer to a question."""
_ASKED: Final = frozenset({"rename", "filter"})
"""What is asked here in words."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of an item, or of all where there is none."""

    follow: Follow | None
    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a filter would have done.

    Attributes:
        question_id: means the filter for its button.
        tried_on: how many articles it was tried on, which are shown without it.
        hidden: those of them that it would have hidden, the newest first.
    """

    question_id: int
    new: Filter
    tried_on: int
    hidden: tuple[Article, ...]


class Filtering:
    """Making and removing filters.

    Args:
        db: the database.
        clock: the time.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def of(self, reader: Reader, follow_id: int) -> Filters:
        """The filters of an item; of all items for a number of 0.

        Raises:
            UserError: the reader does not follow the item (any more).
        """

        def read(connection: Connection) -> Filters:
            follow = _follow(connection, reader.chat_id, follow_id)
            return Filters(follow, _own(connection, reader.chat_id, follow_id))

        return await self._db.read(read)

    async def ask(self, update_id: int, reader: Reader, kind: str, **about: Any) -> Question:  # noqa: ANN401 - JSON
        """Ask something that the next message answers: `rename` or `filter`.

        Raises:
            UserError: the reader does not follow the item (any more), or it has 20 filters, which is the most.
        """
        if kind not in _ASKED or about.get("field", FIELDS[0]) not in FIELDS:
            raise UserError("error.old_button")

        def write(connection: Connection) -> Question:
            _follow(connection, reader.chat_id, about["follow_id"])
            if kind == "filter" and len(_own(connection, reader.chat_id, about["follow_id"])) >= MOST:
                raise UserError("follow.filters_full", n=MOST)
            return questions.ask(connection, reader.chat_id, update_id, kind, about, self._clock())

        return await self._db.write(write)

    async def answered(self, update_id: int, reader: Reader) -> Question | None:
        """The question that this message answers, whoever asked it; None where it is no answer."""
        since = self._clock() - ANSWERED_IN
        question = await self._db.read(questions.open_for, reader.chat_id, update_id, since)
        return question if question is not None and question.kind in questions.BY_TEXT else None

    async def try_out(self, update_id: int, reader: Reader, question: Question, words: str) -> Trial:
        """What a filter with these words would have hidden; it is kept only when the reader says so.

        Raises:
            UserError: there are no words, or the reader does not follow the item (any more).
        """
        if not needles(words):
            raise UserError("follow.what")
        about = question.about
        follow_id = about["follow_id"]
        new = Filter(0, follow_id or None, about["field"], plain(words, LONGEST), bool(about["keep"]))

        def read(connection: Connection) -> tuple[int, tuple[Article, ...]]:
            follow = _follow(connection, reader.chat_id, follow_id)
            own = [*_own(connection, reader.chat_id, 0), *_own(connection, reader.chat_id, follow_id)]
            shown = [one for one in _last(connection, reader.chat_id, follow) if passes(own, one)]
            return len(shown), tuple(one for one in shown if not passes([*own, new], one))

        tried_on, hidden = await self._db.read(read)
        kept = {"follow_id": follow_id, "field": new.field, "words": new.words, "keep": new.keep}
        asked = await self._db.write(questions.ask, reader.chat_id, update_id, "trial", kept, self._clock())
        return Trial(asked.id, new, tried_on, hidden)

    async def keep(self, update_id: int, reader: Reader, question_id: int) -> Filters:
        """Keep a filter that was tried out.

        Raises:
            UserError: it is too late for that, or the reader does not follow the item (any more).
        """

        def write(connection: Connection) -> Filters:
            question = questions.get(connection, reader.chat_id, question_id)
            if question is None or question.kind != "trial":
                raise UserError("error.old_button")
            about = question.about
            follow = _follow(connection, reader.chat_id, about["follow_id"])
            own = _own(connection, reader.chat_id, about["follow_id"])
            new = Filter(0, about["follow_id"] or None, about["field"], about["words"], about["keep"])
            is_new = all((one.field, one.words, one.keep) != (new.field, new.words, new.keep) for one in own)
            if inbox.apply(connection, update_id, self._clock()) and is_new and len(own) < MOST:
                follows.add_filter(connection, reader.chat_id, new)
            return Filters(follow, _own(connection, reader.chat_id, about["follow_id"]))

        return await self._db.write(write)

    async def remove(self, update_id: int, reader: Reader, follow_id: int, filter_id: int) -> Filters:
        """Forget a filter.

        Raises:
            UserError: the reader does not follow the item (any more).
        """

        def write(connection: Connection) -> Filters:
            if inbox.apply(connection, update_id, self._clock()):
                follows.remove_filter(connection, reader.chat_id, filter_id)
            follow = _follow(connection, reader.chat_id, follow_id)
            return Filters(follow, _own(connection, reader.chat_id, follow_id))

        return await self._db.write(write)


def _follow(connection: Connection, chat_id: int, follow_id: int) -> Follow | None:
    """The item; None for all of them."""
    if not follow_id:
        return None
    follow = follows.get(connection, chat_id, follow_id)
    if follow is None:
        raise UserError("follow.gone")
    return follow


def _own(connection: Connection, chat_id: int, follow_id: int) -> tuple[Filter, ...]:
    own = follows.filters_of(connection, [chat_id]).get(chat_id, ())
    return tuple(one for one in own if (one.follow_id or 0) == follow_id)


def _last(connection: Connection, chat_id: int, follow: Follow | None) -> list[Article]:
    """The last articles of an item, or of all that the reader follows, the newest first."""
    items = [follow] if follow else follows.of_chat(connection, chat_id)
    found = {
        article.id: article
        for item in items
        for article in articles_of(connection, item, TRIED_ON, follows.private_feeds(connection, chat_id))
    }
    return [found[number] for number in sorted(found, reverse=True)][:TRIED_ON]


def stories_followed(
    connection: Connection, chat_id: int, follow_id: int, most: int
) -> tuple[Follow, list[int]]:
    """An item of this reader's, and the stories that it has brought and its filters let through, the newest first.

    Raises:
        UserError: the reader does not follow it (any more).
    """
    follow = _follow(connection, chat_id, follow_id)
    if follow is None:
        raise UserError("follow.gone")
    own = [*_own(connection, chat_id, 0), *_own(connection, chat_id, follow_id)]
    followed = follows.private_feeds(connection, chat_id)
    shown = [one for one in articles_of(connection, follow, most, followed) if passes(own, one)]
    return follow, list(dict.fromkeys(one.story_id for one in shown))


def articles_of(connection: Connection, follow: Follow, most: int, followed: Sequence[int]) -> list[Article]:
    """The last articles that an item has brought or would have, whatever its filters say.

    Args:
        connection: a transaction.
        follow: the item.
        most: at most so many.
        followed: the private feeds that its reader follows.
    """
    if follow.feed_id is not None:
        return fresh.of_feed(connection, follow.feed_id, most)
    ids = follows.stories_of(connection, follow.id, most)
    if follow.kind == "words":
        ids += search.stories_with(connection, terms(follow.words), (), most, followed)
    found = fresh.of_stories(connection, ids, most)
    return [one for one in found if one.private_feed_id is None or one.private_feed_id in followed]
