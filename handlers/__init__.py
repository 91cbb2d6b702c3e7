"""What happens on an update, one module per conversation subject.

`COMMANDS` is the list of all commands; `register` makes the library call the right handler for an update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, CommandHandler, MessageHandler, filters

from bot.domain.moving import WRITTEN
from bot.errors import UserError
from handlers import (
    broadcast,
    comments,
    desk,
    digest,
    filtering,
    following,
    lists,
    moderation,
    mydata,
    press,
    reading,
    settings,
    start,
    subscriptions,
)
from handlers.context import Context, Rooms, Work, work
from handlers.failures import failed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from telegram.ext import Application

    Handler = Callable[[Update, Context], Coroutine[Any, Any, None]]

COMMANDS = {
    "start": start.start,
    "digest": digest.digest,
    "latest": lists.latest,
    "read": reading.read,
    "search": lists.search,
    "related": lists.related,
    "brief": reading.brief,
    "save": reading.save,
    "saved": lists.saved,
    "follow": following.follow,
    "following": following.following,
    "feeds": following.following,
    "export": subscriptions.export,
    "settings": settings.settings,
    "move": mydata.move,
    "privacy": mydata.privacy,
    "stop": settings.stop,
    "help": settings.help_page,
    "desk": desk.desk,
    "admin": desk.desk,
    "broadcast": broadcast.broadcast,
    "log": desk.log,
    "comments": comments.comments,
    "reports": moderation.reports,
}
BARE = {name: COMMANDS[name] for name in ("digest", "latest", "saved", "settings", "stop", "help", "start")}
"""The commands that people also write as a bare word: nobody who writes "stop" wants news of it."""
AT_DESK = frozenset({"admin", "broadcast", "desk", "log", "reports"})
"""The commands that only those who run the newsroom have."""
OF_COMMENTS = frozenset({"comments", "reports"})
"""The commands that are none where the newsroom takes no comments."""


def register(application: Application[Any, Context, Any, Any, Any, Any]) -> None:
    """Tell the library which handler an update goes to: new messages of private chats, presses, blocks."""
    here = filters.UpdateType.MESSAGE
    rooms: Rooms = application.bot_data["rooms"]
    left_out = OF_COMMENTS if rooms.newsroom.comments is None else frozenset()
    for name, handler in COMMANDS.items():
        if name not in left_out:
            application.add_handler(CommandHandler(name, _instead(handler), filters=_from(name, here)))
    application.add_handler(MessageHandler(here & filters.COMMAND, _instead(settings.unknown)))
    application.add_handler(MessageHandler(here & filters.Regex(WRITTEN), mydata.move))
    application.add_handler(MessageHandler(here & filters.TEXT, words))
    application.add_handler(MessageHandler(here & filters.Document.ALL, subscriptions.document))
    application.add_handler(MessageHandler(here & ~filters.StatusUpdate.ALL, comments.not_text))
    application.add_handler(CallbackQueryHandler(press.press))
    application.add_handler(ChatMemberHandler(membership, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_error_handler(failed)


def _from(name: str, here: filters.BaseFilter) -> filters.BaseFilter:
    """Where a command is taken from: one of the desk's counts only where it was written by who sends it."""
    return here & ~filters.FORWARDED if name in AT_DESK else here


async def words(update: Update, context: Context) -> None:
    """A message without a command: the answer to what was asked, a command without its sign, else what it means itself."""
    if await comments.answered(context) or await filtering.answered(context):
        return
    command = BARE.get(context.words.strip(" .!/").lower())
    if command is not None:
        await command(update, context)
    elif not await start.answered(context):
        await reading.words(update, context)


def _instead(handler: Handler) -> Handler:
    """The handler of a command; what the reader was about to write is no longer waited for."""

    async def act(update: Update, context: Context) -> None:
        await comments.interrupted(context)
        await handler(update, context)

    return act


async def membership(update: Update, context: Context) -> None:
    """A reader blocked the bot or let it in again."""
    change = update.my_chat_member
    if change is not None:
        gone = change.new_chat_member.status in {"kicked", "left"}
        await context.newsroom.readers.blocked(context.update_id, change.chat.id, blocked=gone)


async def work_on(
    application: Application[Any, Context, Any, Any, Any, Any], payload: dict[str, Any], received_at: datetime
) -> str:
    """Do what one raw update asks for; returns its outcome."""
    update = Update.de_json(payload, application.bot)
    now = Work(received_at)
    work.set(now)
    if _is_own(update):
        await application.process_update(update)
    return now.outcome


def _is_own(update: Update) -> bool:
    """Whether somebody writes or presses in their own private chat with the newsroom: chats stand for their readers.

    Groups, channels, and who writes in their names are nobody here.
    """
    chat, user = update.effective_chat, update.effective_user
    return chat is not None and user is not None and chat.type == ChatType.PRIVATE and user.id == chat.id


async def too_many(
    application: Application[Any, Context, Any, Any, Any, Any], payload: dict[str, Any], received_at: datetime
) -> str:
    """Say to a reader that this update and those after it were left undone; returns the outcome."""
    update = Update.de_json(payload, application.bot)
    now = Work(received_at, "too many")
    work.set(now)
    if _is_own(update):
        await application.process_error(update, UserError("notice.too_many"))
    return now.outcome
