"""Claiming the newsroom, inviting others to run it, and letting them go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.people import CLAIM, Right, Role
from bot.errors import UserError
from bot.views import people as people_view

if TYPE_CHECKING:
    from bot.domain.news import Reader
    from handlers.context import Context


async def invite(context: Context, role: str) -> None:
    """A link that makes somebody an editor or a moderator."""
    reader = await context.reader()
    if role not in {Role.EDITOR, Role.MODERATOR}:
        raise UserError("error.old_button")
    code = await context.newsroom.people.invite(context.update_id, reader, Role(role))
    link = f"https://t.me/{context.home.bot_name}?start={CLAIM}{code}"
    await context.send(people_view.invitation(context.voice(), role, link))


async def ask_dismiss(context: Context, user_id: int, page: int) -> None:
    """Ask before somebody is let go."""
    reader, people = await context.reader(), context.newsroom.people
    await people.check(reader.chat_id, Right.PEOPLE)
    found = next((one for one in await people.everybody() if one.user_id == user_id), None)
    if found is None:
        raise UserError("error.old_button")
    await context.turn(people_view.ask_dismiss(context.voice(), found, page))


async def dismiss(context: Context, user_id: int, page: int) -> None:
    """Make somebody a reader like any other."""
    reader, people = await context.reader(), context.newsroom.people
    await people.dismiss(context.update_id, reader, user_id)
    await context.turn(people_view.people(context.voice(), await people.everybody(), page, "dismiss"))


async def claim(context: Context, reader: Reader, code: str) -> None:
    """Somebody brings an invitation."""
    role = await context.newsroom.people.redeem(reader, code)
    await context.send(people_view.welcome(context.voice(reader), context.newsroom.name, role.value))
