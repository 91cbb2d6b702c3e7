"""Names and filters of what is followed: what is asked, and the messages that answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services import broadcasts, corrections
from bot.services.editing import ASKED
from bot.views import filters as view
from bot.views import following as following_view
from handlers import adding, broadcast, campaigns, desk, editing

if TYPE_CHECKING:
    from bot.services.filtering import Filters
    from handlers.context import Context


async def rename(context: Context, follow_id: int) -> None:
    """Ask for a name."""
    reader = await context.reader()
    await context.newsroom.filtering.ask(context.update_id, reader, "rename", follow_id=follow_id)
    shown = await context.newsroom.following.item(reader, follow_id)
    await context.turn(following_view.rename(context.voice(), shown.follow))


async def filters(context: Context, follow_id: int) -> None:
    """The filters of an item, or of all."""
    reader = await context.reader()
    await _show(context, await context.newsroom.filtering.of(reader, follow_id))


async def _show(context: Context, shown: Filters) -> None:
    await context.turn(view.filters(context.voice(), shown.follow, shown.filters))


async def fields(context: Context, follow_id: int, *, keep: bool) -> None:
    """Where a new filter shall look."""
    await context.reader()
    await context.turn(view.fields(context.voice(), follow_id, keep=keep))


async def ask(context: Context, follow_id: int, field: str, *, keep: bool) -> None:
    """Ask for the words of a new filter."""
    reader = await context.reader()
    await context.newsroom.filtering.ask(
        context.update_id, reader, "filter", follow_id=follow_id, field=field, keep=keep
    )
    await context.turn(view.prompt(context.voice(), follow_id, field, keep=keep))


async def answered(context: Context) -> bool:
    """Take a message for the answer to what was just asked; False where nothing was."""
    reader = await context.known()
    if reader is None:
        return False
    newsroom = context.newsroom
    question = await newsroom.filtering.answered(context.update_id, reader)
    if question is None:
        return False
    if question.kind == "newfeed":
        await adding.answer(context)
    elif question.kind == "feedname":
        await desk.name(context, int(question.about["feed_id"]))
    elif question.kind in ASKED:
        await editing.answer(context, question.kind, int(question.about["story_id"]))
    elif question.kind in broadcasts.ASKED:
        await broadcast.answer(context, question.kind, question.about)
    elif question.kind == corrections.KIND:
        await campaigns.answer(context, question.about)
    elif question.kind == "rename":
        follow_id = int(question.about["follow_id"])
        shown = await newsroom.following.change(context.update_id, reader, follow_id, name=context.words)
        await context.send(following_view.item(context.voice(), shown.follow, len(shown.filters)))
    else:
        trial = await newsroom.filtering.try_out(context.update_id, reader, question, context.words)
        await context.send(
            view.trial(context.voice(), trial.new, trial.question_id, trial.tried_on, trial.hidden)
        )
    return True


async def keep(context: Context, question_id: int) -> None:
    """Keep the filter that was tried out."""
    reader = await context.reader()
    await _show(context, await context.newsroom.filtering.keep(context.update_id, reader, question_id))


async def unfilter(context: Context, follow_id: int, filter_id: int) -> None:
    """Take a filter away."""
    reader = await context.reader()
    kept = await context.newsroom.filtering.remove(context.update_id, reader, follow_id, filter_id)
    await _show(context, kept)
