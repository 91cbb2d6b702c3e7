"""Following in the chat: a site, words or a story; the list of all that is followed; one item."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bot.domain.links import host_of
from bot.domain.message import Message
from bot.errors import UserError
from bot.services.following import Subject
from bot.views import following as view

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from telegram import Update

    from bot.domain.news import Reader
    from handlers.context import Context

T = TypeVar("T")
PATIENCE: Final = 1.0
"""Seconds after which a reader is told what is being waited for."""
_SITE: Final = re.compile(
    r"(?:https?://)?(?:[\w-]{1,63}\.)+[^\W\d_]{2,63}(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE
)
"""An address as people write it, with or without its beginning."""


async def follow(_update: Update, context: Context) -> None:
    """/follow, with an address, a place in the list, a story, or words; alone it asks, and offers the last opened story."""
    reader = await context.reader()
    address = _address(context)
    if address:
        await site(context, reader, address)
        return
    if not context.words:
        await _which(context, reader)
        return
    story_id = await context.newsroom.lists.meant(reader, context.words, context.reply_to)
    subject = Subject(story_id=story_id) if story_id is not None else Subject(words=context.words)
    await _take(context, reader, subject)


async def _which(context: Context, reader: Reader) -> None:
    """Ask what shall be followed; the story that was opened last is a tap away."""
    title, story_id = "", reader.opened_story_id or 0
    if story_id:
        with suppress(UserError):  # it has left the archive
            title = (await context.newsroom.reading.look(reader, story_id)).line.title
    await context.send(view.which(context.voice(), title, story_id))


def _address(context: Context) -> str:
    """The address that stands behind the command; empty for none."""
    words = context.words
    return next(iter(context.addresses), "") or (words if _SITE.fullmatch(words) else "")


async def site(context: Context, reader: Reader, address: str) -> None:
    """Follow the feed at an address, or offer those around it; a longer wait is told."""
    found = await waiting(context, address, context.newsroom.following.site(address))
    if found.feed is not None:
        await _take(context, reader, Subject(feed=found.feed))
        return
    offer = await context.newsroom.following.offer(context.update_id, reader, found.nearby)
    names = [(entry.title or host_of(entry.url), entry.url.partition("://")[2]) for entry in found.nearby]
    await context.send(view.offer(context.voice(), names, offer.id))


async def waiting(context: Context, address: str, work: Coroutine[Any, Any, T]) -> T:
    """Do something that asks the site of an address; a longer wait is told."""
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        host = host_of(address if "://" in address else f"https://{address}")
        if not done and host:
            voice = context.voice()
            await context.wait_with(Message(voice("follow.fetching", host=voice.foreign(host))))
        return await task
    finally:
        task.cancel()


async def _take(context: Context, reader: Reader, subject: Subject, message_id: int | None = None) -> None:
    taken = await context.newsroom.following.follow(context.update_id, reader, subject, message_id)
    await context.send(view.taken(context.voice(), taken.follow, known=taken.known))


async def take(context: Context, question_id: int, place: int) -> None:
    """One of the feeds that were offered."""
    reader = await context.reader()
    await _take(context, reader, await context.newsroom.following.offered(reader, question_id, place))


async def this(context: Context, kind: str, number: int) -> None:
    """The story under which the button hangs, or the words of a search."""
    reader = await context.reader()
    if kind == "story":
        await _take(context, reader, Subject(story_id=number), context.message_id)
        return
    words = await context.newsroom.following.words_of_list(reader, number)
    await _take(context, reader, Subject(words=words))


async def link(context: Context, address: str) -> None:
    """A link that tells no story of ours: its site may be followed."""
    reader = await context.reader()
    asked = await context.newsroom.following.ask_site(context.update_id, reader, address)
    await context.send(view.site(context.voice(), host_of(address), asked.id))


async def follow_site(context: Context, question_id: int) -> None:
    """Follow the site of a link."""
    reader = await context.reader()
    await site(context, reader, await context.newsroom.following.asked_site(reader, question_id))


async def following(_update: Update, context: Context) -> None:
    """/following: all that the reader follows."""
    reader = await context.reader()
    items = [one.follow for one in await context.newsroom.following.items(reader)]
    await context.send(view.following(context.voice(), items))


async def page(context: Context, number: int) -> None:
    """Another page of it, in its place."""
    reader = await context.reader()
    items = [one.follow for one in await context.newsroom.following.items(reader)]
    await context.turn(view.following(context.voice(), items, number))


async def item(context: Context, follow_id: int, *, anew: bool = False) -> None:
    """One item, in the list's place, or in a message of its own."""
    reader = await context.reader()
    shown = await context.newsroom.following.item(reader, follow_id)
    message = view.item(context.voice(), shown.follow, len(shown.filters))
    await (context.send(message) if anew else context.turn(message))


async def way(context: Context, follow_id: int, wanted: str) -> None:
    """How its stories come; the item shows the new state."""
    reader = await context.reader()
    shown = await context.newsroom.following.change(context.update_id, reader, follow_id, way=wanted)
    await context.turn(view.item(context.voice(), shown.follow, len(shown.filters)))


async def still(context: Context, follow_id: int) -> None:
    """Go on with a story of which nothing was heard for long."""
    reader = await context.reader()
    shown = await context.newsroom.following.go_on(context.update_id, reader, follow_id)
    await context.turn(view.taken(context.voice(), shown.follow, known=False))


async def unfollow(context: Context, follow_id: int) -> None:
    """Follow it no more; the answer takes it back."""
    reader = await context.reader()
    removed = await context.newsroom.following.remove(context.update_id, reader, follow_id)
    await context.turn(view.removed(context.voice(), str(removed.about["name"]), removed.id))


async def refollow(context: Context, question_id: int) -> None:
    """Follow again what was just removed."""
    reader = await context.reader()
    taken = await context.newsroom.following.bring_back(context.update_id, reader, question_id)
    shown = await context.newsroom.following.item(reader, taken.follow.id)
    await context.turn(view.item(context.voice(), shown.follow, len(shown.filters)))
