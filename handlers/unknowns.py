"""The desk for deliveries in doubt; rights are asked anew at every press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.unknowns import Verdict
from bot.errors import UserError
from bot.services.unknowns import PAGE
from bot.views import unknowns as view

if TYPE_CHECKING:
    from bot.domain.message import Text
    from bot.domain.unknowns import Settled
    from handlers.context import Context


async def page(
    context: Context, number: int, only: int, done: Settled | None = None, said: Text | None = None
) -> None:
    """A page of what is in doubt, in its place."""
    reader = await context.reader()
    found = await context.newsroom.unknowns.page(reader, number, only)
    await context.turn(view.listing(context.voice(), found, found.number * PAGE, done, said))


async def one(context: Context, delivery_id: int, number: int, only: int) -> None:
    """One in doubt; where somebody has settled it, the list as it is now."""
    reader = await context.reader()
    found = await context.newsroom.unknowns.one(reader, delivery_id)
    if found is None:
        await page(context, number, only, said=context.voice()("unknown.settled"))
    else:
        await context.turn(view.card(context.voice(), found, number, only))


async def settle(context: Context, delivery_id: int, what: str, number: int, only: int) -> None:
    """Send one again or leave it, and go on with the list."""
    reader = await context.reader()
    done = await context.newsroom.unknowns.settle(context.update_id, reader, delivery_id, _verdict(what))
    await page(context, number, only, done)


async def ask(context: Context, what: str, only: int) -> None:
    """The question before many are settled; where none is in doubt any more, the list says so."""
    reader = await context.reader()
    asked = await context.newsroom.unknowns.ask(context.update_id, reader, _verdict(what), only)
    if asked.messages:
        await context.turn(view.question(context.voice(), asked))
    else:
        await page(context, 0, only, said=context.voice()("unknown.settled"))


async def settle_all(context: Context, question_id: int) -> None:
    """Settle what was asked about."""
    reader = await context.reader()
    done = await context.newsroom.unknowns.settle_all(context.update_id, reader, question_id)
    if done is None:
        await page(context, 0, 0, said=context.voice()("unknown.too_old"))
    else:
        await page(context, 0, done.only, done)


async def take_back(context: Context, question_id: int, only: int) -> None:
    """Put what was left in doubt again."""
    reader = await context.reader()
    number = await context.newsroom.unknowns.take_back(context.update_id, reader, question_id)
    voice = context.voice()
    said = voice("unknown.done_back", number) if number else voice("unknown.settled")
    await page(context, 0, only, said=said)


def _verdict(what: str) -> Verdict:
    try:
        return Verdict(what)
    except ValueError:
        raise UserError("error.old_button") from None
