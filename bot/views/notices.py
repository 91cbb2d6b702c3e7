"""Small things that are asked every day: help, and what went wrong with the button that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import cleaning
from bot.domain import message as m
from bot.domain.message import Message, Profile
from bot.texts.catalogue import words
from bot.views.voice import directed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.message import Button
    from bot.errors import UserError
    from bot.views.voice import Voice

COMMANDS = ("digest", "latest", "search", "saved", "following", "settings", "help", "stop")
"""The menu, in its order; a menu of twenty is read by nobody."""

MENDING = {
    "error.no_list": (("button.latest", "latest"), ("button.digest", "digest")),
    "error.number": (("button.show_list", "list"),),
    "error.number_there": (("button.latest", "latest"),),
    "error.story_gone": (("button.latest", "latest"),),
    "error.story_withdrawn": (("button.latest", "latest"),),
    "error.old_button": (("button.latest", "latest"), ("button.settings", "settings")),
    "error.ours": (("button.latest", "latest"), ("button.help", "help")),
    "talk.gone": (("button.latest", "latest"),),
    "talk.banned": (("button.latest", "latest"),),
    "talk.muted": (("button.latest", "latest"),),
    "talk.too_many_wait": (("button.latest", "latest"),),
    "move.how": (("button.help", "help"),),
    "move.wrong": (("button.help", "help"),),
    "move.same": (("button.settings", "settings"),),
    "move.too_many": (("button.help", "help"),),
    "follow.what": (("button.following", "following"),),
    "follow.full": (("button.following", "following"),),
    "follow.gone": (("button.following", "following"),),
    "follow.no_feed": (("button.following", "following"),),
    "follow.filters_full": (("button.following", "following"),),
    "opml.nothing": (("button.following", "following"),),
    "notice.not_text": (("button.help", "help"),),
    "notice.link_unknown": (("button.latest", "latest"), ("button.help", "help")),
    "notice.nothing_new": (("button.latest", "latest"), ("button.settings", "settings")),
    "notice.nothing_new_in": (("button.latest", "latest"), ("button.settings", "settings")),
    "notice.what_to_search": (("button.latest", "latest"),),
    "notice.start_first": (("button.set_up", "start"),),
    "notice.too_many": (("button.latest", "latest"), ("button.help", "help")),
    "opml.too_large": (("button.following", "following"),),
    "opml.unreadable": (("button.following", "following"),),
    "opml.unfetched": (("button.following", "following"),),
    "broadcast.what": (("button.latest", "latest"),),
    "broadcast.private": (("button.latest", "latest"),),
    "broadcast.no_draft": (("button.latest", "latest"),),
    "office.not_yours": (("button.latest", "latest"), ("button.help", "help")),
    "office.no_invitation": (("button.latest", "latest"), ("button.help", "help")),
}
"""Where the buttons under a failure lead: each has a label and a place of `go`."""
_AT_DESK = {
    "adding.known": "feeds",
    "broadcast.confirm_later": "home",
    "broadcast.other_confirms": "home",
    "broadcast.running": "home",
    "campaign.bad_time": "home",
    "campaign.correcting": "home",
    "campaign.nothing_left": "home",
    "campaign.on_the_wire": "home",
    "campaign.past_time": "home",
    "campaign.still_going": "home",
    "broadcast.album_gone": "home",
    "broadcast.caption_long": "home",
    "broadcast.no_content": "home",
    "edit.one_already": "home",
    "edit.only_one": "home",
    "numbers.undrawn": "numbers",
    "office.last_owner": "people",
}
"""Failures that only editors have, and the room of the desk that their button leads to."""


def ways_on(voice: Voice, key: str) -> tuple[Button, ...]:
    """The buttons that go with a failure; whatever is wrong with a site, what is followed is the way on."""
    if key in _AT_DESK:
        room = _AT_DESK[key]
        return (voice.button(f"office.{room}", "office", room, 0),)
    labels = (("button.following", "following"),) if key.startswith("source.") else MENDING.get(key, ())
    return tuple(voice.button(label, "go", where) for label, where in labels)


def problem(voice: Voice, error: UserError) -> Message:
    """What went wrong, in the reader's language, with the way on."""
    return notice(voice, error.key, **error.values)


def notice(voice: Voice, key: str, **values: str | int) -> Message:
    """A short word from the newsroom and the buttons that go with it; a value `n` chooses the plural form."""
    number = values.pop("n", None)
    buttons = ways_on(voice, key)
    return Message(
        voice(key, number if isinstance(number, int) else None, **values), (buttons,) if buttons else ()
    )


def nothing_new(voice: Voice, since: datetime, desks: Sequence[str]) -> Message:
    """No news since then in the desks that the reader chose; `desks` is empty for all."""
    time = voice.time(since).plain
    if not desks:
        return notice(voice, "notice.nothing_new", time=time)
    named = voice.listed([voice.desk(name) for name in desks])
    return notice(voice, "notice.nothing_new_in", time=time, desks=named)


def unknown(voice: Voice, near: str) -> Message:
    """There is no such command; `near` is one that may have been meant, without its sign, empty for none."""
    words = voice("notice.unknown")
    text = m.join("\n", (words, voice("notice.meant", guess=near))) if near else words
    return Message(text, ((voice.button("button.help", "go", "help"),),))


def help_page(voice: Voice, newsroom: str, *, comments: bool = True) -> Message:
    """What can be done here."""
    line = "\n" + voice("help.comments") if comments else ""
    first = (voice.button("button.digest", "go", "digest"), voice.button("button.latest", "go", "latest"))
    second = (
        voice.button("button.saved_list", "go", "saved"),
        voice.button("button.settings", "go", "settings"),
    )
    return Message(voice("help.text", newsroom=voice.foreign(newsroom), comments=line), (first, second))


def profile(language: str, newsroom: str) -> Profile:
    """How the bot presents itself in a language."""
    found = words(language)
    menu = tuple((name, found.template(f"command.{name}")) for name in COMMANDS)
    name = cleaning.isolated(newsroom) if found.right_to_left else newsroom
    about = m.fill(directed(found, found.template("about.long")), newsroom=name).plain
    return Profile(about, directed(found, found.template("about.short")), menu)
