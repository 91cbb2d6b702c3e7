"""What happens on an update, one module per conversation subject.

`COMMANDS` is the list of all commands; `register` makes the library call the right handler for an update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, CommandHandler, MessageHandler, filters

from bot.errors import UserError
from handlers import digest, lists, press, reading, settings, start
from handlers.context import Context, Work, work
from handlers.failures import failed

if TYPE_CHECKING:
    from datetime import datetime

    from telegram.ext import Application


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
    "settings": settings.settings,
    "stop": settings.stop,
    "help": settings.help_page,
}


def register(application: Application[Any, Context, Any, Any, Any, Any]) -> None:
    """Tell the library which handler an update goes to: new messages of private chats, presses, blocks."""
    here = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    for name, handler in COMMANDS.items():
        application.add_handler(CommandHandler(name, handler, filters=here))
    application.add_handler(MessageHandler(here & filters.COMMAND, settings.help_page))
    application.add_handler(MessageHandler(here & filters.TEXT, reading.words))
    application.add_handler(MessageHandler(here & ~filters.StatusUpdate.ALL, lists.not_text))
    application.add_handler(CallbackQueryHandler(press.press))
    application.add_handler(ChatMemberHandler(membership, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_error_handler(failed)


async def membership(update: Update, context: Context) -> None:
    """A reader blocked the bot or let it in again."""
    change = update.my_chat_member
    if change is not None and change.chat.type == "private":
        gone = change.new_chat_member.status in {"kicked", "left"}
        await context.newsroom.readers.blocked(context.update_id, change.chat.id, blocked=gone)


async def work_on(
    application: Application[Any, Context, Any, Any, Any, Any], payload: dict[str, Any], received_at: datetime
) -> str:
    """Do what one raw update asks for; returns its outcome."""
    update = Update.de_json(payload, application.bot)
    now = Work(received_at)
    work.set(now)
    await application.process_update(update)
    return now.outcome


async def too_many(
    application: Application[Any, Context, Any, Any, Any, Any], payload: dict[str, Any], received_at: datetime
) -> str:
    """Say to a reader that this update and those after it were left undone; returns the outcome."""
    update = Update.de_json(payload, application.bot)
    now = Work(received_at, "too many")
    work.set(now)
    if update.effective_chat is not None and update.effective_chat.type == ChatType.PRIVATE:
        await application.process_error(update, UserError("notice.too_many"))
    return now.outcome
