"""A pressed button: read, checked, and given to the handler of its verb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from telegram.constants import ChatType

from bot.domain.buttons import opened
from bot.errors import UserError
from handlers import (
    adding,
    broadcast,
    campaigns,
    comments,
    desk,
    digest,
    editing,
    filtering,
    following,
    lists,
    moderation,
    mydata,
    numbers,
    people,
    reading,
    settings,
    start,
    subscriptions,
    unknowns,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from telegram import Update

    from bot.domain.buttons import Press
    from handlers.context import Context


OPENING: Final = frozenset(
    {
        "addall",
        "addfeed",
        "chart",
        "comment",
        "comments",
        "download",
        "edit",
        "everywhere",
        "feedlook",
        "find",
        "follow",
        "go",
        "invite",
        "its",
        "manage",
        "near",
        "related",
        "rest",
        "say",
        "sendcopy",
        "sendreport",
        "sendstory",
        "settle",
        "settleall",
        "site",
        "sources",
        "take",
        "timeline",
        "where",
        "whole",
        "without",
    }
)
"""Verbs that open a new message, or take in what a second press would find taken in.

Those of `open` and `brief` are kept with the story's own opening.
"""


GOING_ON: Final = frozenset({"giveup", "pen", "say"})
"""Verbs that go on with what the reader is about to write; any other ends it."""


async def press(update: Update, context: Context) -> None:
    """Do what a button says. One that is not ours, or not for this chat, does nothing but say so."""
    query, chat = update.callback_query, update.effective_chat
    await context.noticed()
    if query is None or chat is None or chat.type != ChatType.PRIVATE:
        return
    found = opened(query.data or "", context.newsroom.button_key, context.chat_id)
    if found is None or found.verb not in VERBS:
        raise UserError("error.old_button")
    if found.verb in OPENING:
        await _once(context, found)
    else:
        await _act(context, found)


async def _act(context: Context, found: Press) -> None:
    """Do it; what the reader was about to write is no longer waited for."""
    if found.verb not in GOING_ON:
        await comments.interrupted(context)
    await VERBS[found.verb](context, found)


async def _once(context: Context, found: Press) -> None:
    """Open something new, unless this is the second half of a double press."""

    async def act() -> None:
        await _act(context, found)

    reader, message_id = await context.known(), context.message_id
    if reader is None or message_id is None:
        await act()
    else:
        await context.once(reader, message_id, ":".join((found.verb, *found.arguments)), act)


async def _set(context: Context, found: Press) -> None:
    """A button that changes a setting: one of several that are ticked, or one of which there is one."""
    field, value = found.word(0), found.word(1)
    if field in {"languages", "desks", "hours"}:
        await settings.tick(context, field, value, on=found.word(2) == "1")
    else:
        await settings.choose(context, field, value)


async def _go(context: Context, found: Press) -> None:
    """A button that stands for a command, and like it answers with a new message."""
    command = PLACES.get(found.word(0))
    if command is None:
        raise UserError("error.old_button")
    await command(context.event, context)


VERBS: Final[Mapping[str, Callable[[Context, Press], Awaitable[None]]]] = {
    "open": lambda context, found: reading.open_story(context, found.number(0)),
    "brief": lambda context, found: reading.in_brief(context, found.number(0)),
    "where": lambda context, found: reading.where(context, found.number(0), found.number(1)),
    "page": lambda context, found: reading.page(context, found.number(0), found.number(1), found.number(2)),
    "telling": lambda context, found: reading.open_story(context, found.number(0), found.number(1)),
    "sources": lambda context, found: reading.sources(context, found.number(0)),
    "whole": lambda context, found: reading.whole(context, found.number(0), found.number(1)),
    "save": lambda context, found: reading.keep(context, found.number(0), wanted=found.word(1) == "1"),
    "list": lambda context, found: lists.page(context, found.number(0), found.number(1)),
    "again": lambda context, found: lists.again(context, found.number(0)),
    "desks": lambda context, found: lists.desks(context, found.number(0), found.number(1)),
    "desk": lambda context, found: lists.desk(context, found.word(1)),
    "without": lambda context, found: lists.without(context, found.number(0), found.number(1)),
    "find": lambda context, found: lists.find(context, found.word(0)),
    "everywhere": lambda context, found: lists.everywhere(context, found.number(0)),
    "timeline": lambda context, found: lists.timeline(context, found.number(0)),
    "related": lambda context, found: lists.around(context, found.number(0)),
    "office": lambda context, found: desk.show(context, found.word(0), found.number(1)),
    "chart": lambda context, found: numbers.chart(context, found.word(0)),
    "feed": lambda context, found: desk.feed(context, found.number(0)),
    "feedask": lambda context, found: desk.ask(context, found.number(0), found.word(1)),
    "feedlook": lambda context, found: desk.cure(context, found.number(0)),
    "newfeed": lambda context, _: adding.ask(context),
    "near": lambda context, found: adding.near(context, found.number(0), found.number(1)),
    "sample": lambda context, found: adding.proposal(context, found.number(0), found.word(1)),
    "addesk": lambda context, found: adding.desks(context, found.number(0)),
    "addfeed": lambda context, found: adding.add(context, found.number(0), found.word(1)),
    "addall": lambda context, found: adding.add_all(context, found.number(0)),
    "dropall": lambda context, found: adding.take_back(context, found.number(0)),
    "feedset": lambda context, found: desk.change(context, found.number(0), found.word(1), found.word(2)),
    "edit": lambda context, found: editing.sheet(context, found.number(0), anew=True),
    "sheet": lambda context, found: editing.sheet(context, found.number(0)),
    "editask": lambda context, found: editing.ask(context, found.number(0), found.word(1)),
    "editset": lambda context, found: editing.change(context, found.number(0), found.word(1), found.word(2)),
    "doubts": lambda context, found: reading.which_differs(context, found.number(0)),
    "whosays": lambda context, found: reading.sources(context, found.number(0), anew=False),
    "doubt": lambda context, found: reading.doubt(context, found.number(0), found.number(1)),
    "sendto": lambda context, found: broadcast.choose(
        context, found.number(0), found.word(1), found.word(2), found.word(3)
    ),
    "sendask": lambda context, found: broadcast.ask(context, found.number(0), found.word(1)),
    "sendcopy": lambda context, found: broadcast.copy(context, found.number(0)),
    "sendlook": lambda context, found: broadcast.look(context, found.number(0), found.word(1)),
    "sendout": lambda context, found: broadcast.send(context, found.number(0)),
    "sendstory": lambda context, found: broadcast.story(context, found.number(0)),
    "sendyes": lambda context, found: broadcast.confirm(context, found.number(0)),
    "sendhold": lambda context, found: campaigns.pause(context, found.number(0)),
    "sendgo": lambda context, found: campaigns.resume(context, found.number(0)),
    "sendreport": lambda context, found: campaigns.report(context, found.number(0)),
    "unsend": lambda context, found: campaigns.stop(context, found.number(0)),
    "amend": lambda context, found: campaigns.amend(context, found.number(0), found.word(1)),
    "amendto": lambda context, found: campaigns.choose(context, found.number(0), found.word(1)),
    "amendout": lambda context, found: campaigns.send(context, found.number(0)),
    "unknowns": lambda context, found: unknowns.page(context, found.number(0), found.number(1)),
    "unknown": lambda context, found: unknowns.one(
        context, found.number(0), found.number(1), found.number(2)
    ),
    "settle": lambda context, found: unknowns.settle(
        context, found.number(0), found.word(1), found.number(2), found.number(3)
    ),
    "unknownask": lambda context, found: unknowns.ask(context, found.word(0), found.number(1)),
    "settleall": lambda context, found: unknowns.settle_all(context, found.number(0)),
    "unsettle": lambda context, found: unknowns.take_back(context, found.number(0), found.number(1)),
    "invite": lambda context, found: people.invite(context, found.word(0)),
    "letgo": lambda context, found: people.ask_dismiss(context, found.number(0), found.number(1)),
    "dismiss": lambda context, found: people.dismiss(context, found.number(0), found.number(1)),
    "rest": lambda context, _: lists.rest(context),
    "step": lambda context, found: start.step(
        context, found.word(0), found.number(1) or int(found.word(1) == "more")
    ),
    "clock": lambda context, found: settings.clock(context, found.word(0), found.word(1)),
    "ask": lambda context, found: settings.ask(context, found.word(0), found.number(1)),
    "less": lambda context, found: settings.choose_less(context, found.word(0), found.word(1), found.word(2)),
    "download": lambda context, _: mydata.download(context),
    "code": lambda context, _: mydata.code(context),
    "erase": lambda context, _: mydata.erase(context),
    "comments": lambda context, found: comments.show(context, found.number(0), found.number(1)),
    "talk": lambda context, found: comments.turn(context, found.number(0), found.number(1), found.number(2)),
    "whose": lambda context, found: comments.which(context, found.word(0), found.number(1), found.number(2)),
    "comment": lambda context, found: comments.write(context, found.number(0), found.number(1)),
    "pen": lambda context, found: comments.choose_name(
        context, found.word(0), found.number(1), found.number(2)
    ),
    "say": lambda context, found: comments.say(context, found.number(0)),
    "giveup": lambda context, found: comments.give_up(context, found.number(0)),
    "vote": lambda context, found: comments.vote(context, found.number(0), wanted=found.word(1) == "1"),
    "report": lambda context, found: comments.report(context, found.number(0), found.word(1)),
    "unsay": lambda context, found: comments.delete(context, found.number(0), sure=found.word(1) == "1"),
    "hear": lambda context, found: comments.hear(context, wanted=found.word(0) == "1"),
    "reports": lambda context, found: moderation.queue(context, found.number(0)),
    "case": lambda context, found: moderation.ask(context, found.number(0), found.word(1), found.number(2)),
    "judge": lambda context, found: moderation.judge(
        context, found.number(0), found.word(1), found.word(2), found.number(3)
    ),
    "object": lambda context, found: moderation.object_to(context, found.number(0)),
    "follow": lambda context, found: following.this(context, found.word(0), found.number(1)),
    "take": lambda context, found: following.take(context, found.number(0), found.number(1)),
    "takeall": lambda context, found: subscriptions.follow_all(context, found.number(0)),
    "site": lambda context, found: following.follow_site(context, found.number(0)),
    "items": lambda context, found: following.page(context, found.number(0)),
    "item": lambda context, found: following.item(context, found.number(0)),
    "manage": lambda context, found: following.item(context, found.number(0), anew=True),
    "way": lambda context, found: following.way(context, found.number(0), found.word(1)),
    "its": lambda context, found: lists.followed(context, found.number(0)),
    "still": lambda context, found: following.still(context, found.number(0)),
    "unfollow": lambda context, found: following.unfollow(context, found.number(0)),
    "refollow": lambda context, found: following.refollow(context, found.number(0)),
    "rename": lambda context, found: filtering.rename(context, found.number(0)),
    "filters": lambda context, found: filtering.filters(context, found.number(0)),
    "fields": lambda context, found: filtering.fields(context, found.number(0), keep=found.word(1) == "1"),
    "filter": lambda context, found: filtering.ask(
        context, found.number(0), found.word(1), keep=found.word(2) == "1"
    ),
    "keep": lambda context, found: filtering.keep(context, found.number(0)),
    "unfilter": lambda context, found: filtering.unfilter(context, found.number(0), found.number(1)),
    "set": _set,
    "go": _go,
}
"""What the buttons of each verb do."""

PLACES: Final[Mapping[str, Callable[[Update, Context], Awaitable[None]]]] = {
    "digest": digest.digest,
    "latest": lists.latest,
    "saved": lists.saved,
    "settings": settings.settings,
    "help": settings.help_page,
    "start": start.start,
    "list": lists.newest,
    "week": lists.week,
    "following": following.following,
    "export": subscriptions.export,
}
"""Where a `go` button leads."""
