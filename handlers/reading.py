"""Reading in the chat: opening a story, turning its pages, keeping it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bot.domain.message import Button, Message
from bot.errors import UserError
from bot.views import story as view

if TYPE_CHECKING:
    from collections.abc import Collection

    from telegram import Update

    from bot.domain.message import Rows
    from bot.domain.news import Reader
    from bot.services.reading import OpenedStory
    from handlers.context import Context

PATIENCE: Final = 1.0
"""Seconds after which a reader is told what is being waited for."""


async def read(_update: Update, context: Context) -> None:
    """/read, with a place in the list, a story, or nothing for the last opened one."""
    await open_story(context, await _meant(context))


async def save(_update: Update, context: Context) -> None:
    """/save, likewise."""
    story_id = await _meant(context)
    opened = await context.newsroom.reading.save(
        context.update_id, await context.reader(), story_id, keep=True
    )
    voice = context.voice()
    row = (
        view.save_button(voice, story_id, saved=opened.saved),
        voice.button("button.saved_list", "go", "saved"),
    )
    title = voice.foreign(opened.line.title, 110)
    await context.send(Message(voice("notice.saved_story", title=title), (row,)))


async def _meant(context: Context) -> int:
    """The story that a command means.

    Raises:
        UserError: none is meant; the newest list is shown again.
    """
    reader = await context.reader()
    story_id = await context.newsroom.lists.meant(reader, context.words, context.reply_to)
    if story_id is None:
        raise UserError("error.which")
    return story_id


async def open_story(context: Context, story_id: int) -> None:
    """A story in a new message; a longer wait is told, and that message becomes the story."""
    reader = await context.reader()
    origin = context.origin()
    reply_to = context.message_id if origin else None
    task = asyncio.create_task(context.newsroom.reading.open(context.update_id, reader, story_id, origin))
    waiting: int | None = None
    try:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if not done:
            waiting = await _say_what_is_waited_for(context, story_id, reply_to)
        opened = await task
    finally:
        task.cancel()
    if opened is None:
        return
    message = _page(context, opened, 0)
    if waiting is not None:
        await context.rooms.sender.edit(context.chat_id, waiting, message)
    else:
        await context.send(message, reply_to=reply_to)
    if origin:
        await _tick(context, reader)


async def _say_what_is_waited_for(context: Context, story_id: int, reply_to: int | None) -> int | None:
    host = await context.newsroom.reading.host(story_id)
    if not host:
        return None
    return await context.send(Message(context.voice()("story.fetching", host=host)), reply_to=reply_to)


async def _tick(context: Context, reader: Reader) -> None:
    """Mark on the list what has been opened: it becomes the reader's checklist."""
    listed = [story_id for row in context.keyboard() for button in row if (story_id := _opens(button))]
    opened = await context.newsroom.reading.opened(reader, listed)
    await context.relabel(_ticked(context.keyboard(), opened))


def _opens(button: Button) -> int:
    """The story that a number button opens; 0 for another button."""
    verb, _, story_id = button.data.partition(":")
    is_number = button.label.removeprefix("✓ ").isdecimal()
    return int(story_id) if verb == "open" and is_number and story_id.isdecimal() else 0


def _ticked(rows: Rows, opened: Collection[int]) -> Rows:
    return tuple(
        tuple(
            Button(f"✓ {button.label.removeprefix('✓ ')}", button.data)
            if _opens(button) in opened
            else button
            for button in row
        )
        for row in rows
    )


async def page(context: Context, story_id: int, number: int) -> None:
    """Another page of the text, in its place."""
    opened = await context.newsroom.reading.look(await context.reader(), story_id)
    await context.turn(_page(context, opened, number))


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


def _page(context: Context, opened: OpenedStory, number: int) -> Message:
    return view.page(
        context.voice(),
        opened.line,
        opened.telling,
        number,
        saved=opened.saved,
        bot_name=context.bot.username,
    )
