"""What comes unasked because its reader follows something: a story at once, and the question whether to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.following import PUSHES
from bot.domain.message import Button, Message
from bot.views.lists import source
from bot.views.voice import HEADLINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.following import Follow
    from bot.domain.news import StoryLine
    from bot.views.voice import Voice

TEASER: Final = 400
"""UTF-16 units of a story's teaser."""
NAME: Final = 60
"""UTF-16 units of an item's name in a sentence."""
_NAMED: Final = 3
"""Items named as the reason for one push."""


def push(
    voice: Voice, line: StoryLine, items: Sequence[Follow], *, last: bool = False, reply_to: int | None = None
) -> Message:
    """A story that comes at once, with the reason why.

    Args:
        voice: who reads.
        line: the story.
        items: what the reader follows and has brought it.
        last: whether it is the last one for this hour.
        reply_to: the message that it goes on from.
    """
    title = voice.foreign(line.title or line.teaser or voice.label("story.untitled"), HEADLINE)
    told = voice("list.meta", source=source(voice, line.source, line.url), time=voice.time(line.shown_at))
    names = voice.words.comma.join(dict.fromkeys(name_of(voice, item, NAME) for item in items[:_NAMED]))
    head = m.join("\n", (voice.line(m.bold(m.link(title, line.url))), told))
    foot = voice("push.because", name=names)
    if last:
        foot = m.join("\n", (foot, voice("push.last", PUSHES)))
    text = m.join("\n\n", (head, voice.foreign(line.teaser, TEASER) if line.title else "", foot))
    rows = (
        (voice.button("button.read", "open", line.id), voice.button("button.related", "related", line.id)),
        (Button(voice.label("button.save"), data("save", line.id, 1)), manage(voice, items[0])),
    )
    return Message(text, rows, reply_to=reply_to or 0)


def still(voice: Voice, item: Follow, reply_to: int | None = None) -> Message:
    """Whether to go on with a story of which nothing was heard for two weeks."""
    yes = voice.button("button.yes", "still", item.id)
    no = voice.button("button.no", "unfollow", item.id)
    return Message(voice("push.still", name=name_of(voice, item, NAME)), ((yes, no),), reply_to=reply_to or 0)


def name_of(voice: Voice, item: Follow, limit: int) -> str:
    """What an item is called: words and headlines in quotes, which are no part of a sentence, the rest as it is named."""
    name = voice.foreign(item.name, limit) or voice.label("follow.unnamed")
    quoted = item.kind == "story" or (item.kind == "words" and item.name == item.words)
    return voice.label("follow.quoted", words=name) if quoted else name


def manage(voice: Voice, item: Follow) -> Button:
    """The way from a message to the item, in a message of its own."""
    return voice.button("button.manage", "manage", item.id)
