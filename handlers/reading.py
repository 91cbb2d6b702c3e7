"""Reading in the chat: opening a story, turning its pages, keeping it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.domain.message import Button, Message
from bot.domain.people import Right
from bot.errors import UserError
from bot.views import brief as brief_view
from bot.views import sources as sources_view
from bot.views import story as view
from bot.views.voice import TICK, ticked
from handlers import cards, following, lists

if TYPE_CHECKING:
    from collections.abc import Collection

    from telegram import Update

    from bot.domain.message import Rows
    from bot.domain.news import Reader
    from bot.services.reading import OpenedStory
    from handlers.context import Context

BESIDE: Final = 2
"""Stories that stand under the end of a text: the moment when people want more."""
LAST: Final = 10**6
"""A page that no text has: it means the last one."""
PATIENCE: Final = 1.0
"""Seconds after which a reader is told what is being waited for."""


async def read(_update: Update, context: Context) -> None:
    """/read, with a place in the list, a story, a link, or nothing for the last opened one."""
    story_id = await lists.meant(context)
    if story_id is None:
        await lists.which(context)
    else:
        await open_story(context, story_id)


async def save(_update: Update, context: Context) -> None:
    """/save, likewise."""
    story_id = await lists.meant(context)
    if story_id is None:
        await lists.which(context)
        return
    opened = await context.newsroom.reading.save(
        context.update_id, await context.reader(), story_id, keep=True
    )
    voice = context.voice()
    row = (
        view.save_button(voice, story_id, saved=opened.saved),
        voice.button("button.saved_list", "go", "saved"),
    )
    title = voice.foreign(opened.line.title, 110) or voice.label("story.untitled")
    await context.send(Message(voice("notice.saved_story", title=title), (row,)))


async def words(_update: Update, context: Context) -> None:
    """A message by itself: a link, a number, a story, else words to search for."""
    try:
        story_id = await lists.meant(context)
    except UserError as unknown:
        if unknown.key != "notice.link_unknown":
            raise
        await following.link(context, context.addresses[0])
        return
    if story_id is None:
        await lists.named_or_found(context)
    else:
        await open_story(context, story_id)


async def open_story(context: Context, story_id: int, article_id: int = 0) -> None:
    """A story in a new message, in one paper's telling or the first that has a text.

    A longer wait is told, and the message that tells it becomes the story.
    """
    reader = await context.reader()
    opened = await _opened(context, reader, story_id, article_id=article_id)
    if opened is None:
        return
    number = LAST if reader.page == "whole" else 0
    copy = await _ending(context, await _copy(context, reader, opened), number)
    first, *rest = (
        view.whole(context.voice(), copy) if reader.page == "whole" else [view.page(context.voice(), copy)]
    )
    await context.send(first, reply_to=_list_of(context))
    for part in rest:
        await context.send(part)
    if context.origin():
        await _tick(context, reader)


async def brief(_update: Update, context: Context) -> None:
    """/brief, with a place in the list, a story or a link; alone it is the day in a few sentences."""
    if not context.words:
        await lists.day(context)
        return
    story_id = await lists.meant(context)
    if story_id is None:
        await lists.which(context)
    else:
        await in_brief(context, story_id)


async def in_brief(context: Context, story_id: int) -> None:
    """A story in a few of its own sentences."""
    reader = await context.reader()
    opened = await _opened(context, reader, story_id, how="brief:")
    if opened is not None:
        message = brief_view.story(context.voice(), await _copy(context, reader, opened))
        await context.send(message, reply_to=_list_of(context))


async def where(context: Context, story_id: int, place: int) -> None:
    """The page of the text on which a sentence of its brief stands."""
    reader = await context.reader()
    opened = await context.newsroom.reading.look(reader, story_id)
    message = brief_view.where(context.voice(), await _copy(context, reader, opened), place)
    await context.send(message, reply_to=_list_of(context))


def _list_of(context: Context) -> int | None:
    """The message whose button was pressed, which what it opens refers to."""
    return context.message_id if context.origin() else None


async def _opened(
    context: Context, reader: Reader, story_id: int, *, how: str = "", article_id: int = 0
) -> OpenedStory | None:
    """Open a story for reading, and say what is waited for where that takes long; None for a double press."""
    opening = context.newsroom.reading.open(
        context.update_id, reader, story_id, context.origin(), how=how, article_id=article_id
    )
    task = asyncio.create_task(opening)
    try:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            await _say_what_is_waited_for(context, story_id, article_id)
        return await task
    finally:
        task.cancel()


async def _say_what_is_waited_for(context: Context, story_id: int, article_id: int) -> None:
    host = await context.newsroom.reading.host(story_id, article_id)
    if host:
        voice = context.voice()
        words = voice("story.fetching", host=voice.foreign(host))
        await context.wait_with(Message(words), reply_to=_list_of(context))


async def _tick(context: Context, reader: Reader) -> None:
    """Mark on the list what has been opened: it becomes the reader's checklist."""
    listed = [story_id for row in context.keyboard() for button in row if (story_id := _opens(button))]
    opened = await context.newsroom.reading.opened(reader, listed)
    await context.relabel(_ticked(context.keyboard(), opened))


def _opens(button: Button) -> int:
    """The story that a number button opens; 0 for another button."""
    verb, _, story_id = button.data.partition(":")
    is_number = button.label.removeprefix(TICK).isdecimal()
    return int(story_id) if verb == "open" and is_number and story_id.isdecimal() else 0


def _ticked(rows: Rows, opened: Collection[int]) -> Rows:
    return tuple(
        tuple(
            Button(ticked(button.label.removeprefix(TICK), on=True), button.data)
            if _opens(button) in opened
            else button
            for button in row
        )
        for row in rows
    )


async def page(context: Context, story_id: int, number: int, article_id: int) -> None:
    """Another page of the text, in its place."""
    reader = await context.reader()
    opened = await context.newsroom.reading.look(reader, story_id, article_id)
    copy = await _ending(context, await _copy(context, reader, opened), number)
    await context.turn(view.page(context.voice(), copy, number))


async def sources(context: Context, story_id: int, *, anew: bool = True) -> None:
    """Who tells the story, and how."""
    reader = await context.reader()
    tellings = await context.newsroom.reading.tellings(reader, story_id)
    message = sources_view.sources(context.voice(), story_id, tellings)
    if anew:
        await context.send(message, reply_to=_list_of(context))
    else:
        await context.turn(message)


async def which_differs(context: Context, story_id: int) -> None:
    """A reader says that these papers do not tell one story: which of them tells another?"""
    reader = await context.reader()
    tellings = await context.newsroom.reading.tellings(reader, story_id)
    await context.turn(sources_view.differs(context.voice(), story_id, tellings))


async def doubt(context: Context, story_id: int, article_id: int) -> None:
    """Pass on to the editors what a reader says."""
    reader = await context.reader()
    await context.newsroom.editing.doubt(context.update_id, reader, story_id, article_id)
    await context.turn(sources_view.doubted(context.voice(), story_id))


async def whole(context: Context, story_id: int, article_id: int) -> None:
    """The whole text, in as many new messages as it takes."""
    reader = await context.reader()
    opened = await context.newsroom.reading.look(reader, story_id, article_id)
    copy = await _ending(context, await _copy(context, reader, opened), LAST)
    for part in view.whole(context.voice(), copy):
        await context.send(part)


async def keep(context: Context, story_id: int, *, wanted: bool) -> None:
    """Save or unsave by the button, whose label tells how it stands."""
    reader = await context.reader()
    opened = await context.newsroom.reading.save(context.update_id, reader, story_id, keep=wanted)
    voice = context.voice()
    button = view.save_button(voice, story_id, saved=opened.saved)
    rows = tuple(
        tuple(button if old.data.startswith(f"save:{story_id}:") else old for old in row)
        for row in context.keyboard()
    )
    await context.relabel(rows)


async def _ending(context: Context, copy: view.Copy, number: int) -> view.Copy:
    """A copy for the page of that number: with the end of the text come the stories nearest to it."""
    if not copy.telling.blocks or not view.is_last(copy, number):
        return copy
    near = await context.newsroom.lists.beside(copy.story.id, BESIDE)
    return replace(copy, beside=tuple(near))


async def _copy(context: Context, reader: Reader, opened: OpenedStory) -> view.Copy:
    return view.Copy(
        opened.line,
        opened.telling,
        opened.saved,
        context.home,
        reader.page,
        comments=cards.counted(context, opened),
        editing=await context.newsroom.people.allowed(reader.chat_id, Right.STORIES),
    )
