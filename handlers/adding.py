"""Taking feeds in at the desk: an address or a list is asked for, looked at, and added by a tap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.buttons import token
from bot.domain.sampling import Nearby
from bot.errors import UserError
from bot.views import adding as view
from bot.views import desk as desk_view
from handlers.following import waiting

if TYPE_CHECKING:
    from handlers.context import Context


async def ask(context: Context) -> None:
    """Ask for an address or a list, in the list's place."""
    await context.newsroom.adding.ask(context.update_id, await context.reader())
    await context.turn(view.ask(context.voice()))


async def answer(context: Context) -> None:
    """Take a message for the address that was asked for."""
    await _look(context, next(iter(context.addresses), "") or context.words)


async def near(context: Context, question_id: int, place: int) -> None:
    """Look at one of the feeds that may be meant."""
    reader = await context.reader()
    await _look(context, await context.newsroom.adding.near(reader, question_id, place))


async def _look(context: Context, address: str) -> None:
    """Show what stands at an address; where nothing can be read there, the next one is waited for."""
    reader = await context.reader()
    looking = context.newsroom.adding.look(context.update_id, reader, address)
    try:
        found = await waiting(context, address, looking)
    except UserError as wrong:
        await refused(context, wrong)
        return
    if isinstance(found, Nearby):
        await context.send(view.nearby(context.voice(), found.feeds, found.question_id))
    else:
        await context.send(view.proposal(context.voice(), found))


async def refused(context: Context, wrong: UserError) -> None:
    """Ask again for an address or a list, under what was the matter with the one that came."""
    await context.newsroom.adding.ask(context.update_id, await context.reader())
    await context.send(view.ask(context.voice(), wrong))


async def desks(context: Context, question_id: int) -> None:
    """The desks that a feed can be put on."""
    reader, newsroom = await context.reader(), context.newsroom
    found = await newsroom.adding.proposal(reader, question_id)
    await context.turn(view.desks(context.voice(), found, await newsroom.desk.desks()))


async def proposal(context: Context, question_id: int, chosen: str) -> None:
    """A feed that was looked at, on the desk that was chosen."""
    reader = await context.reader()
    name = await _desk(context, chosen) if chosen else None
    found = await context.newsroom.adding.proposal(reader, question_id, name)
    await context.turn(view.proposal(context.voice(), found))


async def add(context: Context, question_id: int, chosen: str) -> None:
    """Take a feed in; it is shown as the desk shows it."""
    reader = await context.reader()
    name = await _desk(context, chosen) if chosen else ""
    feed_id = await context.newsroom.adding.add(context.update_id, reader, question_id, name)
    await context.turn(desk_view.feed(context.voice(), await context.newsroom.desk.feed(feed_id), "add"))


async def _desk(context: Context, chosen: str) -> str:
    names = await context.newsroom.desk.desks()
    name = next((one for one in names if token(one) == chosen), None)
    if name is None:
        raise UserError("error.old_button")
    return name


async def add_all(context: Context, question_id: int) -> None:
    """Take in all living feeds of a list."""
    reader = await context.reader()
    number, undo = await context.newsroom.adding.add_all(context.update_id, reader, question_id)
    await context.turn(view.added(context.voice(), number, undo))


async def take_back(context: Context, question_id: int) -> None:
    """Remove the feeds that a list brought."""
    reader = await context.reader()
    number = await context.newsroom.adding.take_back(context.update_id, reader, question_id)
    await context.turn(view.taken_back(context.voice(), number))
