"""The page of numbers and its pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.people import Right
from bot.views import numbers as view

if TYPE_CHECKING:
    from bot.domain.message import Document
    from bot.domain.numbers import Series
    from handlers.context import Context


async def page(context: Context) -> None:
    """The newsroom in numbers, in the desk's place; who may see it has been checked."""
    shown = await context.with_sign("typing", context.newsroom.numbers.overview())
    await context.turn(view.numbers(context.voice(), shown))


async def chart(context: Context, kind: str) -> None:
    """A picture, with what it shows in words; or why there is none yet."""
    reader = await context.reader()
    await context.newsroom.people.check(reader.chat_id, Right.NUMBERS)
    voice, numbers = context.voice(), context.newsroom.numbers

    async def make() -> tuple[Series, Document | None]:
        series = await numbers.series(kind, voice.zone)
        return series, None if series.empty else await numbers.picture(series)

    series, picture = await context.with_sign("upload_photo", make())
    if picture is None:
        await context.send(view.nothing_to_draw(voice, series))
    else:
        await context.send_photo(picture, view.caption(voice, series))
