"""What readers say of a story: reading it, writing, answering, deleting, and finding something well said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.comments import (
    EXPLAINED,
    LONGEST,
    PATIENCE,
    WAITING,
    Comment,
    Posted,
    Prompt,
    State,
    Talk,
    TooLate,
    hold,
    length,
)
from bot.domain.pen_names import folded, free, trouble
from bot.domain.people import Right
from bot.errors import UserError
from bot.services.showing import to_show
from bot.storage import commenters, comments, inbox, stories
from bot.storage.commenters import Draft
from bot.views.voice import Voice

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.news import Reader
    from bot.domain.schedule import Clock
    from bot.services.people import People
    from bot.storage.database import Connection, Database

REPEATED: Final = timedelta(days=2)
"""How long an update may come again (Telegram: 24 hours); after that its number may mean another one."""


class Comments:
    """Comments, as their readers and authors use them.

    Args:
        db: the database.
        clock: the time.
        people: who runs the newsroom; without anybody who reads comments, newcomers do not wait for nobody.
        newsroom: what the newsroom is called, which no author may be.
        listed: words and phrases with which a comment waits for the editors.
    """

    def __init__(
        self, db: Database, clock: Clock, people: People, newsroom: str, listed: tuple[str, ...]
    ) -> None:
        self._db = db
        self._clock = clock
        self._newsroom = newsroom
        self._listed = listed
        self._people = people

    async def talk(self, reader: Reader, story_id: int, page: int = 0, comment_id: int = 0) -> Talk:
        """A page of a story's comments, or the one with a certain comment; a page too many is the last.

        Raises:
            UserError: the story has left the archive.
        """
        return await self._db.read(page_of_talk, reader.chat_id, story_id, page, comment_id)

    async def comment(self, reader: Reader, comment_id: int) -> Comment:
        """A comment that a reader sees.

        Raises:
            UserError: it is gone.
        """
        return await self._db.read(_comment, reader.chat_id, comment_id)

    async def begin(self, update_id: int, reader: Reader, story_id: int, answered: int = 0) -> Prompt:
        """Somebody wants to write about a story, or to answer a comment: ask for it, or for a name first.

        Raises:
            UserError: the story or the comment is gone, or the editors want to read nothing of this reader.
        """

        def write(connection: Connection) -> Prompt:
            now = self._clock()
            self._refuse_if_barred(connection, reader)
            prompt = self._asked(connection, reader, story_id, answered)
            inbox.apply(connection, update_id, now)
            # Also when this is worked on again: the press has cancelled what it had asked for itself.
            commenters.begin(connection, reader.chat_id, _draft(prompt, update_id, now))
            return prompt

        return await self._db.write(write)

    async def choose_name(
        self, update_id: int, reader: Reader, way: str, story_id: int, answered: int = 0
    ) -> Prompt:
        """Take the first name to write under (`way` is `first`), or ask for another (`other`).

        Raises:
            UserError: as for `begin`.
        """

        def write(connection: Connection) -> Prompt:
            now = self._clock()
            self._refuse_if_barred(connection, reader)
            kept = self._begun(connection, reader, story_id)
            asked = self._asked(connection, reader, story_id, answered)
            prompt = replace(asked, words=kept.words if kept else "")
            inbox.apply(connection, update_id, now)
            if prompt.kind == "choose" and way == "first" and prompt.name:
                commenters.add(connection, reader.chat_id, prompt.name, now)
                prompt = replace(prompt, kind="comment")
            elif prompt.kind == "choose":
                prompt = replace(prompt, kind="name", name="")
            commenters.begin(connection, reader.chat_id, _draft(prompt, update_id, now))
            return prompt

        return await self._db.write(write)

    async def awaited(self, chat_id: int) -> int | None:
        """The story on which the next words of a reader are taken for a comment, or for the name above it."""
        draft = await self._db.read(commenters.draft, chat_id)
        return draft.story_id if draft is not None and self._clock() < draft.expires_at else None

    async def give_up(self, chat_id: int) -> bool:
        """Take the next words of a reader for what they are; returns whether a comment was waited for."""
        waited = await self.awaited(chat_id) is not None
        if waited:
            await self._db.write(commenters.give_up, chat_id)
        return waited

    async def answer(self, update_id: int, reader: Reader, text: str) -> Posted | Prompt | TooLate | None:
        """Take a reader's words for what was asked; None where nothing was.

        Raises:
            UserError: they cannot be taken as they are; the next ones can.
        """

        def look(connection: Connection) -> bool:
            since = self._clock() - REPEATED
            made = comments.made_by(connection, reader.chat_id, update_id, since)
            return made is not None or commenters.draft(connection, reader.chat_id) is not None

        if not await self._db.read(look):
            return None
        watched = await self._watched(reader)
        return await self._db.write(self._answer, update_id, reader, _storable(text), watched=watched)

    async def post_kept(self, update_id: int, reader: Reader, story_id: int) -> Posted | None:
        """Post what was written before there was a name; None where nothing waits for that any more.

        Raises:
            UserError: it cannot be posted as it is.
        """
        watched = await self._watched(reader)

        def write(connection: Connection) -> Posted | None:
            now = self._clock()
            made = comments.made_by(connection, reader.chat_id, update_id, now - REPEATED)
            if made is not None:
                return _posted(connection, made, reader.chat_id)
            draft = self._begun(connection, reader, story_id)
            if draft is None or draft.kind not in {"answer", "comment"} or not draft.words:
                return None
            inbox.apply(connection, update_id, now)
            return self._post(connection, update_id, reader, draft, draft.words, watched=watched)

        return await self._db.write(write)

    def _begun(self, connection: Connection, reader: Reader, story_id: int) -> Draft | None:
        """What a reader is about to write of a story, if there is still time for it."""
        draft = commenters.draft(connection, reader.chat_id)
        if draft is None or self._clock() >= draft.expires_at:
            return None
        written, asked = (to_show(connection, reader.chat_id, one) for one in (draft.story_id, story_id))
        return draft if written == asked else None

    async def _watched(self, reader: Reader) -> bool:
        """Whether somebody else reads what this reader writes, so that a first comment can wait for it."""
        editors = await self._people.with_right(Right.COMMENTS)
        return bool(editors) and reader.chat_id not in editors

    def _answer(
        self, connection: Connection, update_id: int, reader: Reader, text: str, *, watched: bool
    ) -> Posted | Prompt | TooLate | None:
        now = self._clock()
        made = comments.made_by(connection, reader.chat_id, update_id, now - REPEATED)
        if made is not None:
            return _posted(connection, made, reader.chat_id)
        draft = commenters.draft(connection, reader.chat_id)
        if draft is None or now >= draft.expires_at + EXPLAINED:
            return None
        if draft.update_id == update_id:
            asked = self._asked(connection, reader, draft.story_id, draft.parent_id or 0)
            return replace(asked, words=draft.words)
        inbox.apply(connection, update_id, now)
        if now >= draft.expires_at:
            commenters.give_up(connection, reader.chat_id)
            return TooLate(draft.story_id)
        if draft.kind == "name":
            return self._name(connection, update_id, reader, draft, text)
        if draft.kind == "choose":
            return self._keep(connection, update_id, reader, draft, text)
        return self._post(connection, update_id, reader, draft, text, watched=watched)

    def _keep(
        self, connection: Connection, update_id: int, reader: Reader, draft: Draft, text: str
    ) -> Prompt:
        """Keep a comment that came before its name, and ask for the name again."""
        _refuse_if_unfit(text)
        prompt = self._asked(connection, reader, draft.story_id, draft.parent_id or 0)
        prompt = replace(prompt, words=text)
        commenters.begin(connection, reader.chat_id, _draft(prompt, update_id, self._clock()))
        return prompt

    def _name(
        self, connection: Connection, update_id: int, reader: Reader, draft: Draft, name: str
    ) -> Prompt:
        wrong = trouble(name, self._newsroom)
        if not wrong and folded(name) in commenters.taken(connection, name):
            wrong = "talk.name_taken"
        if wrong:
            raise UserError(wrong)
        now = self._clock()
        commenters.add(connection, reader.chat_id, free(name, ()), now)
        asked = self._asked(connection, reader, draft.story_id, draft.parent_id or 0)
        prompt = replace(asked, words=draft.words)
        commenters.begin(connection, reader.chat_id, _draft(prompt, update_id, now))
        return prompt

    def _post(
        self,
        connection: Connection,
        update_id: int,
        reader: Reader,
        draft: Draft,
        text: str,
        *,
        watched: bool,
    ) -> Posted:
        now = self._clock()
        chat_id = reader.chat_id
        self._refuse_if_barred(connection, reader)
        _refuse_if_unfit(text)
        if draft.kind == "answer":
            _shown(connection, chat_id, draft.parent_id or 0)
        why = hold(text, comments.past(connection, chat_id, now), self._listed, now, watched=watched)
        if why is not None and comments.waiting(connection, chat_id) >= WAITING:
            raise UserError("talk.too_many_wait")
        state = State.SHOWN if why is None else State.HELD
        new = comments.New(draft.story_id, chat_id, text, state, why or "", draft.parent_id)
        made = comments.add(connection, new, update_id, now)
        if state is State.SHOWN:
            comments.announce(connection, made)
        commenters.give_up(connection, chat_id)
        return _posted(connection, _comment(connection, chat_id, made), chat_id)

    async def remove(self, update_id: int, reader: Reader, comment_id: int) -> None:
        """Delete a comment of the reader's own; one that is gone already stays gone."""

        def write(connection: Connection) -> None:
            if inbox.apply(connection, update_id, self._clock()):
                comments.remove(connection, comment_id, reader.chat_id)

        await self._db.write(write)

    async def vote(self, update_id: int, reader: Reader, comment_id: int, *, wanted: bool) -> None:
        """Find a comment well said, or no longer."""

        def write(connection: Connection) -> None:
            if inbox.apply(connection, update_id, self._clock()):
                comments.vote(connection, comment_id, reader.chat_id, wanted=wanted)

        await self._db.write(write)

    async def hear(self, update_id: int, reader: Reader, *, wanted: bool) -> None:
        """Hear of answers, or no longer."""

        def write(connection: Connection) -> None:
            if inbox.apply(connection, update_id, self._clock()):
                commenters.hear(connection, reader.chat_id, wanted=wanted)

        await self._db.write(write)

    def _asked(self, connection: Connection, reader: Reader, story_id: int, answered: int) -> Prompt:
        """What has to be asked for next.

        Raises:
            UserError: the story or the comment is gone.
        """
        story_id = to_show(connection, reader.chat_id, story_id)
        comment = _shown(connection, reader.chat_id, answered) if answered else None
        known = commenters.get(connection, reader.chat_id)
        if known is not None:
            return Prompt("comment", story_id, comment, known.name)
        return Prompt("choose", story_id, comment, self._first_name(connection, reader))

    def _first_name(self, connection: Connection, reader: Reader) -> str:
        """The first name as it can be used, with a number where others have it; empty where it cannot be."""
        if trouble(reader.first_name, self._newsroom):
            return ""
        return free(reader.first_name, commenters.taken(connection, reader.first_name))

    def _refuse_if_barred(self, connection: Connection, reader: Reader) -> None:
        """Refuse who may write nothing.

        Raises:
            UserError: the editors have muted or banned this reader.
        """
        now = self._clock()
        known = commenters.get(connection, reader.chat_id)
        if known is not None and known.banned_at is not None:
            raise UserError("talk.banned")
        if known is not None and known.muted_until is not None and known.muted_until > now:
            raise UserError("talk.muted", time=_written(reader, known.muted_until, now))


def _written(reader: Reader, moment: datetime, now: datetime) -> str:
    return Voice.of(reader, now).time(moment).plain


def _storable(text: str) -> str:
    """The text as it was written; half a surrogate pair, which is no character and cannot be kept, becomes a sign."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _refuse_if_unfit(text: str) -> None:
    """Refuse what is no comment by its length.

    Raises:
        UserError: it is too long, or there is nothing in it.
    """
    size = length(text)
    if not size:
        raise UserError("talk.empty")
    if size > LONGEST:
        raise UserError("talk.long", n=size, most=LONGEST)


def _draft(prompt: Prompt, update_id: int, now: datetime) -> Draft:
    answered = prompt.answered.id if prompt.answered else None
    kind = "answer" if prompt.kind == "comment" and answered else prompt.kind
    return Draft(kind, prompt.story_id, answered, update_id, now + PATIENCE, prompt.words)


def _comment(connection: Connection, chat_id: int, comment_id: int) -> Comment:
    found = comments.get(connection, comment_id, chat_id)
    if found is None:
        raise UserError("talk.gone")
    return found


def _shown(connection: Connection, chat_id: int, comment_id: int) -> Comment:
    """A comment that everybody can read.

    Raises:
        UserError: there is none.
    """
    found = _comment(connection, chat_id, comment_id)
    if found.state != State.SHOWN:
        raise UserError("talk.gone")
    return found


def _posted(connection: Connection, comment: Comment, chat_id: int) -> Posted:
    known = commenters.get(connection, chat_id)
    return Posted(comment, comments.count(connection, comment.story_id), known is None or known.hears)


def page_of_talk(connection: Connection, chat_id: int, story_id: int, page: int, comment_id: int = 0) -> Talk:
    """A page of a story's comments as a reader sees it; see `Comments.talk`."""
    story_id = to_show(connection, chat_id, story_id)
    title = stories.lines(connection, [story_id])[0].title
    wanted = comments.get(connection, comment_id, chat_id) if comment_id else None
    if wanted is not None and wanted.story_id == story_id:
        page = comments.page_of(connection, wanted, chat_id)
    number, pages = comments.size(connection, story_id, chat_id)
    page = min(page, pages - 1)
    shown = comments.page(connection, story_id, chat_id, page)
    return Talk(story_id, title, number, page, pages, tuple(shown))
