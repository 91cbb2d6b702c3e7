"""A story: its card, and its text page by page or whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.links import host_of
from bot.domain.message import Button, Message, Text
from bot.domain.news import ONLY_THERE, PASSING
from bot.domain.reading import PAGE_UNITS, pages, reading_minutes
from bot.views import comments
from bot.views.lists import SOURCE, source
from bot.views.voice import HEADLINE, grid

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.articles import Block
    from bot.domain.message import Rows
    from bot.domain.news import StoryLine, Telling
    from bot.views.voice import Voice

TITLE: Final = 220
"""UTF-16 units of a headline above its text."""
TEASER: Final = 700
WORTH_A_BRIEF: Final = 4
"""Paragraphs of a text that is longer than its brief."""

_WHY: Final = {
    "source.robot_check": "story.robot_check",
    "source.forbidden": "story.forbidden",
    ONLY_THERE: ONLY_THERE,
}
"""Troubles that have a sentence of their own for readers."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where the stories live: the newsroom's name for people, and the bot's user name for links."""

    newsroom: str
    bot_name: str

    def address(self, story_id: int | str) -> str:
        """What leads back to a story in this bot, wherever it was forwarded to (SPEC "Deep linking")."""
        return f"https://t.me/{self.bot_name}?start=s{story_id}"


@dataclass(frozen=True, slots=True)
class Copy:
    """A story as one reader has it open.

    Attributes:
        story: the story.
        telling: the article whose text is shown; without a text its teaser and an honest line are.
        saved: whether it stands on the reader's shelf.
        home: for the link back.
        size: how much of the text one message shows: `short`, `long` or `whole`.
        tags: words that lead to other stories.
        comments: how many there are to read; None where the newsroom takes none.
        editing: whether this reader may change it at the desk.
        beside: the stories nearest to it, which stand under the end of its text.
    """

    story: StoryLine
    telling: Telling
    saved: bool
    home: Home
    size: str = "short"
    tags: tuple[str, ...] = ()
    comments: int | None = None
    editing: bool = False
    beside: tuple[StoryLine, ...] = ()

    @property
    def pages(self) -> list[Text]:
        """The text, as much at a time as the reader wants; none where we have no text."""
        return pages(self.telling.blocks, PAGE_UNITS[self.size])


def page(voice: Voice, copy: Copy, number: int = 0) -> Message:
    """One page of a story's text, from 0; one too many shows the last."""
    texts = copy.pages
    if not texts:
        return _without_text(voice, copy)
    number = min(number, len(texts) - 1)
    last = number == len(texts) - 1
    foot = voice("story.page", page=number + 1, pages=len(texts)) if len(texts) > 1 else Text()
    end = m.join("\n", (foot, _link_home(voice, copy) if last else Text()))
    beside = _beside(voice, copy) if last else Text()
    text = m.join("\n\n", (_head(voice, copy), texts[number], beside, end))
    turns = []
    if number > 0:
        turns.append(voice.button("button.back", "page", copy.story.id, number - 1, copy.telling.article_id))
    if not last:
        turns.append(voice.button("button.next", "page", copy.story.id, number + 1, copy.telling.article_id))
    return Message(text, _rows(voice, copy, tuple(turns), whole=len(texts) > 1))


def whole(voice: Voice, copy: Copy) -> list[Message]:
    """The whole text in numbered messages, to be read without a network and found by the chat's own search."""
    texts = pages(copy.telling.blocks, PAGE_UNITS["whole"])
    if len(texts) < 2:
        return [page(voice, copy)]
    parts = []
    for number, text in enumerate(texts, 1):
        place = voice("story.part", page=number, pages=len(texts))
        head = m.join("\n", (_head(voice, copy) if number == 1 else _title(voice, copy), place))
        last = number == len(texts)
        end = (_beside(voice, copy), _link_home(voice, copy)) if last else ()
        body = m.join("\n\n", (head, text, *end))
        parts.append(Message(body, _rows(voice, copy, ()) if last else ()))
    return parts


def card(voice: Voice, copy: Copy) -> Message:
    """A story at a glance, with its picture and the way to its text."""
    story = copy.story
    words = voice.foreign(story.title, TITLE) or voice.label("story.untitled")
    title = voice.line(m.bold(m.link(words, story.url)))
    name = source(voice, story.source, story.url)
    facts = [_facts(voice, name, story.shown_at, copy.telling.blocks)]
    if story.sources > 1:
        facts.append(voice("story.sources", story.sources, source=name))
    picture = copy.telling.image
    if picture:
        facts.append(voice("story.picture", source=voice.foreign(host_of(picture), SOURCE)))
    text = m.join(
        "\n\n",
        (
            m.join("\n", (title, *facts)),
            voice.line(voice.foreign(story.teaser, TEASER)),
            _link_home(voice, copy),
        ),
    )
    share, *page_link = _links(voice, story, story.url, copy.home)
    tags = tuple(Button(f"#{tag}", data("find", tag)) for tag in copy.tags)
    buttons = (
        voice.button("button.read", "open", story.id),
        voice.button("button.brief", "brief", story.id),
        *_around(voice, copy),
        save_button(voice, story.id, saved=copy.saved),
        *(share, *page_link, *sources_button(voice, story)),
    )
    return Message(text, (*grid(buttons, 2), *((tags,) if tags else ())), preview=picture)


def save_button(voice: Voice, story_id: int, *, saved: bool) -> Button:
    """Save, or the tick that undoes it."""
    return Button(
        voice.label("button.saved" if saved else "button.save"), data("save", story_id, int(not saved))
    )


def _title(voice: Voice, copy: Copy) -> Text:
    words = voice.foreign(copy.telling.title or copy.story.title, TITLE) or voice.label("story.untitled")
    return voice.line(m.bold(m.link(words, copy.telling.url)))


def _head(voice: Voice, copy: Copy) -> Text:
    """The headline, and who told it when and at what length."""
    telling = copy.telling
    name = source(voice, telling.source, telling.url)
    return m.join("\n", (_title(voice, copy), _facts(voice, name, telling.shown_at, telling.blocks)))


def _facts(voice: Voice, name: str, at: datetime, blocks: tuple[Block, ...]) -> Text:
    """`Source · 06:40 · 5 min`; without a text nobody knows how long it takes."""
    if not blocks:
        return voice("list.meta", source=name, time=voice.time(at))
    minutes = voice.label("story.minutes", reading_minutes(blocks))
    return voice("story.meta_minutes", source=name, time=voice.time(at), minutes=minutes)


def _beside(voice: Voice, copy: Copy) -> Text:
    """The stories nearest to this one, each opened by a tap on its headline; nothing where there are none."""
    if not copy.beside:
        return Text()
    lines = [voice("story.beside")]
    for line in copy.beside:
        title = voice.foreign(line.title, HEADLINE) or voice.label("story.untitled")
        name = source(voice, line.source, line.url)
        link = m.link(title, copy.home.address(line.id))
        lines.append(voice.line(m.concat(("• ", link, " · ", name))))
    return m.join("\n", lines)


def is_last(copy: Copy, number: int) -> bool:
    """Whether a page is the one with the end of the text."""
    return number >= len(copy.pages) - 1


def _link_home(voice: Voice, copy: Copy) -> Text:
    name = voice.foreign(copy.home.newsroom)
    return m.link(voice("story.open_in", newsroom=name), copy.home.address(copy.story.id))


def _without_text(voice: Voice, copy: Copy) -> Message:
    only_there = (copy.telling.trouble or {}).get("key") == ONLY_THERE
    words = copy.telling.teaser or ("" if only_there else copy.story.teaser)
    teaser = voice.line(voice.foreign(words, TEASER))
    parts = (_head(voice, copy), teaser, _why(voice, copy.telling), _link_home(voice, copy))
    return Message(m.join("\n\n", parts), _rows(voice, copy, ()))


def _why(voice: Voice, telling: Telling) -> Text:
    """The one honest line about a missing text."""
    host = voice.foreign(host_of(telling.url))
    key = str((telling.trouble or {}).get("key", ""))
    if not host:
        return voice("story.no_page")
    if telling.try_again_at is not None and key in PASSING:
        return voice("story.try_again", host=host, time=voice.time(telling.try_again_at))
    return voice(_WHY.get(key, "story.only_summary"), host=host)


def _rows(voice: Voice, copy: Copy, turns: tuple[Button, ...], *, whole: bool = False) -> Rows:
    """Turning first; then what belongs to the story; keeping and sharing; the ways out of the chat last."""
    share, *page_link = _links(voice, copy.story, copy.telling.url, copy.home)
    everything = (
        (voice.button("button.whole", "whole", copy.story.id, copy.telling.article_id),) if whole else ()
    )
    worth_it = len(copy.telling.blocks) >= WORTH_A_BRIEF
    brief = (voice.button("button.brief", "brief", copy.story.id),) if worth_it else ()
    buttons = (
        *_around(voice, copy),
        *(save_button(voice, copy.story.id, saved=copy.saved), share),
        *(*brief, *everything, *page_link, *sources_button(voice, copy.story)),
    )
    desk = ((voice.button("edit.at_desk", "edit", copy.story.id),),) if copy.editing else ()
    return (*((turns,) if turns else ()), *grid(buttons, 2), *desk)


def sources_button(voice: Voice, story: StoryLine) -> tuple[Button, ...]:
    """The way to the other papers that tell a story, where there are any."""
    if story.sources < 2:
        return ()
    return (Button(voice.label("button.sources", story.sources), data("sources", story.id)),)


def _around(voice: Voice, copy: Copy) -> tuple[Button, ...]:
    """What belongs to the story, and what readers say of it."""
    related = voice.button("button.related", "related", copy.story.id)
    if copy.comments is None:
        return (related,)
    return (related, comments.button(voice, copy.story.id, copy.comments))


def _links(voice: Voice, story: StoryLine, url: str, home: Home) -> tuple[Button, ...]:
    words = quote(voice.foreign(story.title, 200), safe="")
    share = f"https://t.me/share/url?url={quote(home.address(story.id), safe='')}&text={words}"
    buttons = [Button(voice.label("button.share"), url=share)]
    if url:
        buttons.append(Button(voice.label("button.source"), url=url))
    return tuple(buttons)
