"""Comments in the chat: reading what others say of a story, writing, answering, deleting, reporting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.comments import Posted, Prompt
from bot.errors import UserError
from bot.views import comments as view
from bot.views import notices
from handlers import lists

if TYPE_CHECKING:
    from telegram import Update

    from bot.services.comments import Comments
    from handlers.context import Context

CHOICES = frozenset({"reply", "vote", "report", "delete"})
"""What can be done about one comment of a page."""


def room(context: Context) -> Comments:
    """The use cases.

    Raises:
        UserError: the newsroom takes no comments.
    """
    if context.newsroom.comments is None:
        raise UserError("error.old_button")
    return context.newsroom.comments


async def comments(_update: Update, context: Context) -> None:
    """/comments, with a place in the list, a story, a link, or nothing for the last opened one."""
    story_id = await lists.meant(context)
    if story_id is None:
        await lists.which(context)
    else:
        await show(context, story_id)


async def show(context: Context, story_id: int, comment_id: int = 0) -> None:
    """What readers say of a story, as a new message; the page of a certain comment where one is named."""
    reader = await context.reader()
    talk = await room(context).talk(reader, story_id, comment_id=comment_id)
    await context.send(view.talk(context.voice(), talk, reader.chat_id))


async def turn(context: Context, story_id: int, page: int, comment_id: int) -> None:
    """Another page, in its place."""
    reader = await context.reader()
    talk = await room(context).talk(reader, story_id, page, comment_id)
    await context.turn(view.talk(context.voice(), talk, reader.chat_id))


async def which(context: Context, what: str, story_id: int, page: int) -> None:
    """Which comment of the page is meant."""
    if what not in CHOICES:
        raise UserError("error.old_button")
    reader = await context.reader()
    talk = await room(context).talk(reader, story_id, page)
    await context.turn(view.which(context.voice(), talk, what, reader.chat_id))


async def write(context: Context, story_id: int, answered: int) -> None:
    """Ask for a comment, or for the name that it will stand under."""
    reader = await context.reader()
    asked = await room(context).begin(context.update_id, reader, story_id, answered)
    await context.send(view.prompt(context.voice(), asked))


async def choose_name(context: Context, way: str, story_id: int, answered: int) -> None:
    """Write under the first name, or under another; the question becomes the next one."""
    reader = await context.reader()
    asked = await room(context).choose_name(context.update_id, reader, way, story_id, answered)
    await context.turn(view.prompt(context.voice(), asked))


async def say(context: Context, story_id: int) -> None:
    """Post what was written before the name was chosen."""
    reader = await context.reader()
    said = await room(context).post_kept(context.update_id, reader, story_id)
    if said is not None:
        await context.turn(view.posted(context.voice(), said))
        return
    talk = await room(context).talk(reader, story_id)
    await context.turn(view.given_up(context.voice(), story_id, talk.number, waited=False))


async def give_up(context: Context, story_id: int) -> None:
    """Write nothing after all."""
    reader = await context.reader()
    waited = await room(context).give_up(reader.chat_id)
    talk = await room(context).talk(reader, story_id)
    await context.turn(view.given_up(context.voice(), story_id, talk.number, waited=waited))


async def interrupted(context: Context) -> None:
    """A command or a button: what the reader was about to write is not waited for any more."""
    if context.newsroom.comments is not None:
        await context.newsroom.comments.give_up(context.chat_id)


async def answered(context: Context) -> bool:
    """Take a message for the comment, or the name above it, that was asked for; False where nothing was."""
    reader = await context.known()
    said = None
    if reader is not None and context.newsroom.comments is not None:
        try:
            said = await context.newsroom.comments.answer(context.update_id, reader, context.words)
        except UserError as wrong:
            await _refused(context, context.newsroom.comments, wrong)
            return True
    if said is None:
        return False
    voice = context.voice()
    match said:
        case Posted():
            await context.send(view.posted(voice, said))
        case Prompt():
            await context.send(view.prompt(voice, said))
        case _:
            await context.send(view.too_late(voice, said.story_id))
    return True


async def _refused(context: Context, comments: Comments, wrong: UserError) -> None:
    """Words that cannot be taken: others are still waited for, and the way out stands under the reason.

    Raises:
        UserError: nothing is waited for; what was `wrong` has a way on of its own.
    """
    story_id = await comments.awaited(context.chat_id)
    if story_id is None or wrong.key in notices.MENDING:
        raise wrong
    await context.send(view.still_asked(context.voice(), story_id, wrong))


async def not_text(update: Update, context: Context) -> None:
    """A photo, a voice message, a sticker: no comment, and what was asked for stays asked for."""
    reader = await context.reader()
    room_ = context.newsroom.comments
    story_id = await room_.awaited(reader.chat_id) if room_ is not None else None
    if story_id is None:
        await lists.not_text(update, context)
        return

    async def answer() -> None:
        await context.send(view.still_asked(context.voice(), story_id))

    if context.album:
        await context.once(reader, 0, f"album:{context.album}", answer)
    else:
        await answer()


async def vote(context: Context, comment_id: int, *, wanted: bool) -> None:
    """Find a comment well said, or no longer; the number's tick tells which."""
    reader = await context.reader()
    await room(context).vote(context.update_id, reader, comment_id, wanted=wanted)
    comment = await room(context).comment(reader, comment_id)
    talk = await room(context).talk(reader, comment.story_id, comment_id=comment_id)
    await context.turn(view.which(context.voice(), talk, "vote", reader.chat_id))


async def report(context: Context, comment_id: int, reason: str) -> None:
    """Report a comment to the editors: why is asked first."""
    reader = await context.reader()
    comment = await room(context).comment(reader, comment_id)
    moderation = context.newsroom.moderation
    if not reason or moderation is None:
        await context.turn(view.reasons(context.voice(), comment))
        return
    await moderation.report(context.update_id, reader, comment_id, reason)
    await context.turn(view.reported(context.voice(), comment))


async def delete(context: Context, comment_id: int, *, sure: bool) -> None:
    """Delete a comment of one's own; whether that is meant is asked first."""
    reader = await context.reader()
    comment = await room(context).comment(reader, comment_id)
    if comment.author_id != reader.chat_id:
        raise UserError("talk.gone")
    if not sure:
        await context.turn(view.deleting(context.voice(), comment))
        return
    await room(context).remove(context.update_id, reader, comment_id)
    talk = await room(context).talk(reader, comment.story_id)
    await context.turn(view.deleted(context.voice(), comment.story_id, talk.number))


async def hear(context: Context, *, wanted: bool) -> None:
    """Hear of answers, or no longer."""
    reader = await context.reader()
    await room(context).hear(context.update_id, reader, wanted=wanted)
    await context.turn(view.hearing(context.voice(), wanted=wanted))
