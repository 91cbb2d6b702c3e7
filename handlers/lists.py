"""Lists in the chat: latest, saved, search, and leafing through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.buttons import token
from bot.errors import UserError
from bot.views import brief as brief_view
from bot.views import lists as view
from bot.views import notices
from bot.views import related as related_view
from handlers.cards import card_of

if TYPE_CHECKING:
    from telegram import Update

    from bot.domain.message import Message
    from bot.domain.news import Reader
    from bot.services.lists import Shown
    from handlers.context import Context


async def latest(_update: Update, context: Context) -> None:
    """/latest: the newest stories of all desks, or of the one whose name follows; other words are searched."""
    if context.words:
        await named_or_found(context)
        return
    reader = await context.reader()
    await _send(context, reader, await context.newsroom.lists.latest(context.update_id, reader))


async def named_or_found(context: Context) -> None:
    """Words: the newest stories of the desk that is called so, else what is found with them."""
    reader = await context.reader()
    name = await _desk_named(context)
    if name:
        await _send(context, reader, await context.newsroom.lists.latest(context.update_id, reader, name))
    else:
        await find(context, context.words)


async def _desk_named(context: Context) -> str:
    """The desk that is meant by what stands behind the command, in the reader's words or in the feeds' own."""
    said, voice = context.words.casefold(), context.voice()
    offer = await context.newsroom.readers.offer()
    return next((one for one in offer.desks if said in {one.casefold(), voice.desk(one).casefold()}), "")


async def saved(_update: Update, context: Context) -> None:
    """/saved: the reader's shelf."""
    reader = await context.reader()
    await _send(context, reader, await context.newsroom.lists.saved(context.update_id, reader))


async def search(_update: Update, context: Context) -> None:
    """/search words."""
    await find(context, context.words)


async def find(context: Context, query: str, *, everywhere: bool = False) -> None:
    """Search, in the reader's languages or in all of them; a single find is shown as its card."""
    reader = await context.reader()
    shown = await context.newsroom.lists.search(context.update_id, reader, query, everywhere=everywhere)
    if len(shown.lines) == 1:
        card = await card_of(context, reader, shown.lines[0].id)
        message_id = await context.send(context.inviting(reader, card))
        await context.newsroom.lists.note_shown(shown.listing.id, message_id)
    else:
        await _send(context, reader, shown)


async def not_text(_update: Update, context: Context) -> None:
    """A photo, a voice message, a sticker; the parts of an album, which are messages of their own, get one answer."""
    reader = await context.reader()

    async def answer() -> None:
        await context.send(notices.notice(context.voice(), "notice.not_text"))

    if context.album:
        await context.once(reader, 0, f"album:{context.album}", answer)
    else:
        await answer()


async def page(context: Context, list_id: int, number: int) -> None:
    """Another page of a list, in its place."""
    reader = await context.reader()
    await _turn(context, await context.newsroom.lists.page(reader, list_id), number)


async def again(context: Context, list_id: int) -> None:
    """The list made anew, in its place."""
    reader = await context.reader()
    old = (await context.newsroom.lists.page(reader, list_id)).listing
    desk = str(old.about.get("desk", ""))
    await _turn(
        context,
        await context.newsroom.lists.latest(context.update_id, reader, desk, message_id=context.message_id),
    )


async def desks(context: Context, list_id: int, number: int) -> None:
    """Which desk the list shall be of; `number` is the page of them."""
    reader = await context.reader()
    shown = await context.newsroom.lists.page(reader, list_id)
    offer = await context.newsroom.readers.offer()
    await context.turn(view.desks(context.voice(), shown.listing, offer.desks, number))


async def desk(context: Context, wanted: str) -> None:
    """The newest stories of one desk, in the list's place; no token for all desks."""
    reader = await context.reader()
    offer = await context.newsroom.readers.offer()
    name = next((one for one in offer.desks if token(one) == wanted), "")
    if wanted and not name:
        raise UserError("error.old_button")
    await _turn(
        context,
        await context.newsroom.lists.latest(context.update_id, reader, name, message_id=context.message_id),
    )


async def without(context: Context, list_id: int, place: int) -> None:
    """The search again, without one of its words."""
    reader = await context.reader()
    shown = await context.newsroom.lists.page(reader, list_id)
    kept = [word for at, word in enumerate(shown.listing.about.get("words", ())) if at != place]
    if not kept:
        raise UserError("notice.what_to_search")
    await find(context, " ".join(kept))


async def everywhere(context: Context, list_id: int) -> None:
    """The search again, in all languages."""
    shown = await context.newsroom.lists.page(await context.reader(), list_id)
    await find(context, " ".join(shown.listing.about.get("words", ())), everywhere=True)


async def related(_update: Update, context: Context) -> None:
    """/related, with a place in the list, a story, a link, or nothing for the last opened one."""
    story_id = await meant(context)
    if story_id is None:
        await which(context)
    else:
        await around(context, story_id)


async def around(context: Context, story_id: int) -> None:
    """What belongs to a story."""
    reader = await context.reader()
    await _send(context, reader, await context.newsroom.lists.related(context.update_id, reader, story_id))


async def timeline(context: Context, story_id: int) -> None:
    """The affair that a story belongs to, from its first story to its last."""
    reader = await context.reader()
    await _send(context, reader, await context.newsroom.lists.timeline(context.update_id, reader, story_id))


async def day(context: Context) -> None:
    """The last day in a few sentences."""
    reader = await context.reader()
    await _send(context, reader, await context.newsroom.lists.day(context.update_id, reader))


async def week(_update: Update, context: Context) -> None:
    """The best of the last seven days."""
    reader = await context.reader()
    await _send(context, reader, await context.newsroom.lists.week(context.update_id, reader))


async def followed(context: Context, follow_id: int) -> None:
    """The stories of something that is followed."""
    reader = await context.reader()
    await _send(context, reader, await context.newsroom.lists.followed(context.update_id, reader, follow_id))


async def rest(context: Context) -> None:
    """What a digest left out, as a list of its own."""
    reader = await context.reader()
    if context.message_id is None:
        raise UserError("error.old_button")
    left_out = await context.newsroom.lists.rest(context.update_id, reader, context.message_id)
    await _send(context, reader, left_out)


async def newest(_update: Update, context: Context) -> None:
    """The last list once more."""
    reader = await context.reader()
    await _send(context, reader, await context.newsroom.lists.once_more(context.update_id, reader))


async def which(context: Context) -> None:
    """The last list once more, since it must be asked which of its stories is meant."""
    shown = await context.newsroom.lists.once_more(context.update_id, await context.reader())
    message = view.which(context.voice(), _message(context, shown))
    await context.newsroom.lists.note_shown(shown.listing.id, await context.send(message))


async def meant(context: Context) -> int | None:
    """The story that a command means; None where it must be asked which."""
    reader = await context.reader()
    if context.addresses:
        return await linked(context)
    return await context.newsroom.lists.meant(reader, context.words, context.reply_to)


async def linked(context: Context) -> int:
    """The story that a link in the message leads to: one of ours to its home, else the page of one that we know.

    Raises:
        UserError: no story of ours is at any of the addresses.
    """
    home = context.home.address("")
    for address in context.addresses:
        number = address.removeprefix(home)
        if number != address and number.isascii() and number.isdecimal():
            return int(number[:15])
        found = await context.newsroom.lists.told_at(context.chat_id, address)
        if found is not None:
            return found
    raise UserError("notice.link_unknown")


async def _send(context: Context, reader: Reader, shown: Shown) -> None:
    message_id = await context.send(context.inviting(reader, _message(context, shown)))
    await context.newsroom.lists.note_shown(shown.listing.id, message_id)


async def _turn(context: Context, shown: Shown, number: int = 0) -> None:
    message_id = await context.turn(_message(context, shown, number))
    if message_id != shown.listing.message_id:
        await context.newsroom.lists.note_shown(shown.listing.id, message_id)


def _message(context: Context, shown: Shown, number: int = 0) -> Message:
    if shown.listing.kind == "related":
        return related_view.related(context.voice(), shown.listing, shown.lines, shown.opened)
    if shown.listing.kind == "timeline":
        return related_view.timeline(context.voice(), shown.listing, shown.lines, shown.opened)
    if shown.listing.kind == "day":
        return brief_view.day(context.voice(), shown.listing, shown.lines, shown.opened)
    return view.stories(context.voice(), shown.listing, shown.lines, number, shown.opened)
