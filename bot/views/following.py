"""What a reader follows: the list, one item, and what is said when one is begun or ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.following import MOST, WAYS
from bot.domain.message import Button, Message
from bot.views.pushes import manage, name_of
from bot.views.voice import capital, grid, ticked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.following import Follow
    from bot.domain.message import Rows, Text
    from bot.views.voice import Voice

PAGE: Final = 10
"""Items on one page."""
NAME: Final = 80
"""UTF-16 units of an item's name."""
_NUMBERS: Final = 5


def following(voice: Voice, items: Sequence[Follow], page: int = 0) -> Message:
    """All that the reader follows, each with how it comes; a number opens it.

    Args:
        voice: who reads.
        items: in the order in which they are shown.
        page: from 0; one too many shows the last.
    """
    page = min(page, max(len(items) - 1, 0) // PAGE)
    first = page * PAGE
    shown = items[first : first + PAGE]
    lines = [
        voice("follow.line", place=place, name=name_of(voice, item, NAME), way=_way(voice, item.way))
        for place, item in enumerate(shown, first + 1)
    ]
    if not items:
        return Message(
            m.join("\n\n", (voice("follow.none"), voice("follow.how", n=MOST))), _below(voice, items)
        )
    title = voice("follow.title", len(items))
    text = m.join("\n\n", (title, m.join("\n", lines), voice("follow.how", n=MOST)))
    numbers = [Button(str(place), data("item", item.id)) for place, item in enumerate(shown, first + 1)]
    turn = []
    if page > 0:
        turn.append(voice.button("button.back", "items", page - 1))
    if first + PAGE < len(items):
        turn.append(voice.button("button.next", "items", page + 1))
    return Message(text, (*grid(numbers, _NUMBERS), *((tuple(turn),) if turn else ()), *_below(voice, items)))


def _below(voice: Voice, items: Sequence[Follow]) -> Rows:
    if not items:
        return ((voice.button("button.latest", "go", "latest"),),)
    export = voice.button("button.export", "go", "export")
    return ((voice.button("button.filters_all", "filters", 0), export),)


def _way(voice: Voice, way: str) -> str:
    return voice.label(f"follow.way_{way}")


def item(voice: Voice, shown: Follow, filters: int) -> Message:
    """One item: how it comes, what it is called, its filters, and its end alone on the last row."""
    since = voice("follow.since", kind=voice.label(f"follow.kind_{shown.kind}"), date=_day(voice, shown))
    facts = [since]
    if filters:
        facts.append(voice("follow.filters", filters))
    title = voice.line(m.bold(name_of(voice, shown, NAME)))
    text = m.join("\n\n", (m.join("\n", (title, *facts)), voice("follow.which_way")))
    ways = [
        Button(ticked(capital(_way(voice, way)), on=way == shown.way), data("way", shown.id, way))
        for way in WAYS
    ]
    rows = (
        *grid(ways, 2),
        (voice.button("button.its_stories", "its", shown.id),),
        (
            voice.button("button.rename", "rename", shown.id),
            voice.button("button.filters", "filters", shown.id),
        ),
        (voice.button("button.back", "items", 0),),
        (voice.button("button.unfollow", "unfollow", shown.id),),
    )
    return Message(text, rows)


def _day(voice: Voice, shown: Follow) -> str:
    day = shown.made_at.astimezone(voice.zone).date()
    far = abs((voice.now - shown.made_at).days) >= 300
    return voice.words.day_and_year(day) if far else voice.words.short_day(day)


def which(voice: Voice, title: str, story_id: int) -> Message:
    """Asking what shall be followed; `title` is of the story that was opened last, empty for none."""
    asked = voice("follow.what")
    if not title:
        return Message(asked)
    last = voice("follow.last", title=voice.foreign(title, NAME))
    follow = voice.button("button.follow", "follow", "story", story_id)
    return Message(m.join("\n\n", (asked, last)), ((follow,),))


def taken(voice: Voice, new: Follow, *, known: bool) -> Message:
    """What is followed now, and how it comes; for what was followed before, since when."""
    name = name_of(voice, new, NAME)
    if known:
        said = voice("follow.known", name=name, date=_day(voice, new))
        row = (voice.button("button.its_stories", "its", new.id),)
        return Message(said, (row, (manage(voice, new),)))
    said = voice("follow.taken", name=name, way=_way(voice, new.way))
    key = "follow.taken_story" if new.kind == "story" else "follow.taken_note"
    at_once = (voice.button("button.at_once", "way", new.id, "push"),) if new.way != "push" else ()
    text = m.join("\n", (said, voice(key)))
    return Message(text, tuple(row for row in (at_once, (manage(voice, new),)) if row))


def removed(voice: Voice, name: str, question_id: int) -> Message:
    """What is followed no more, and the way back."""
    words = voice("follow.removed", name=voice.foreign(name, NAME) or voice.label("follow.unnamed"))
    back = voice.button("button.undo", "refollow", question_id)
    return Message(words, ((back, voice.button("button.following", "go", "following")),))


def rename(voice: Voice, shown: Follow) -> Message:
    """The question for a name, which the next message answers."""
    text = voice("follow.rename", name=name_of(voice, shown, NAME))
    return Message(text, ((voice.button("button.cancel", "item", shown.id),),))


def offer(voice: Voice, names: Sequence[tuple[str, str]], question_id: int) -> Message:
    """Feeds that were found near a page that is none.

    Args:
        voice: who reads.
        names: of each feed its name and its address, by which feeds of one name are told apart.
        question_id: what the buttons refer to.
    """
    lines = [
        voice("follow.near", place=place, name=_host(voice, name), address=_host(voice, address))
        for place, (name, address) in enumerate(names, 1)
    ]
    buttons = [Button(str(place + 1), data("take", question_id, place)) for place in range(len(names))]
    return Message(m.join("\n", (voice("follow.nearby"), *lines)), (tuple(buttons),))


def site(voice: Voice, host: str, question_id: int) -> Message:
    """A link that tells no story of ours: its site may be followed."""
    words: Text = voice("follow.link", host=_host(voice, host))
    return Message(words, ((voice.button("button.follow_site", "site", question_id),),))


def _host(voice: Voice, name: str) -> str:
    """A site's name; some have none that can be shown."""
    return voice.foreign(name, NAME) or voice.label("follow.unnamed")
