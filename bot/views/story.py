"""A story: its card, and its text page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.links import host_of
from bot.domain.message import Button, Message, Text
from bot.domain.reading import PAGE_UNITS, pages, reading_minutes

if TYPE_CHECKING:
    from bot.domain.message import Rows
    from bot.domain.news import StoryLine, Telling
    from bot.views.voice import Voice

TITLE: Final = 220
"""UTF-16 units of a headline above its text."""
TEASER: Final = 700


def home(bot_name: str, story_id: int) -> str:
    """The address that leads back to a story in this bot, wherever it was forwarded to."""
    return f"https://t.me/{bot_name}?start=s{story_id}"


def page(
    voice: Voice, story: StoryLine, telling: Telling, number: int, *, saved: bool, bot_name: str
) -> Message:
    """One page of a story's text.

    Args:
        voice: who reads.
        story: the story.
        telling: the article whose text is shown; without a text its teaser and an honest line are.
        number: which page, from 0; one too many shows the last.
        saved: whether it stands on the reader's shelf.
        bot_name: the bot's user name, for the link home.
    """
    title = m.bold(
        m.link(
            voice.foreign(telling.title or story.title or voice.label("story.untitled"), TITLE), telling.url
        )
    )
    if not telling.blocks:
        return _without_text(voice, story, telling, title, saved=saved, bot_name=bot_name)
    texts = pages(telling.blocks, PAGE_UNITS["short"])
    number = min(max(number, 0), len(texts) - 1)
    minutes = voice.label("story.minutes", reading_minutes(telling.blocks))
    facts = voice(
        "story.meta_minutes",
        source=voice.foreign(telling.source, 40),
        time=voice.time(telling.shown_at),
        minutes=minutes,
    )
    foot = voice("story.page", page=number + 1, pages=len(texts)) if len(texts) > 1 else Text()
    home_link = (
        m.link(voice("story.open_here"), home(bot_name, story.id)) if number == len(texts) - 1 else Text()
    )
    text = m.join("\n\n", (m.join("\n", (title, facts)), texts[number], m.join("\n", (foot, home_link))))
    turns = []
    if number > 0:
        turns.append(voice.button("button.back", "page", story.id, number - 1))
    if number < len(texts) - 1:
        turns.append(voice.button("button.next", "page", story.id, number + 1))
    top: Rows = (tuple(turns),) if turns else ()
    return Message(text, (*top, *_actions(voice, story, telling, saved=saved, bot_name=bot_name)))


def _without_text(
    voice: Voice, story: StoryLine, telling: Telling, title: Text, *, saved: bool, bot_name: str
) -> Message:
    facts = voice("list.meta", source=voice.foreign(telling.source, 40), time=voice.time(telling.shown_at))
    teaser = m.concat((voice.foreign(telling.teaser, TEASER),))
    text = m.join(
        "\n\n",
        (
            m.join("\n", (title, facts)),
            teaser,
            _why(voice, telling),
            m.link(voice("story.open_here"), home(bot_name, story.id)),
        ),
    )
    return Message(text, _actions(voice, story, telling, saved=saved, bot_name=bot_name))


def _why(voice: Voice, telling: Telling) -> Text:
    """The one honest line about a missing text."""
    host = host_of(telling.url) if telling.url else ""
    trouble = telling.trouble or {}
    key = str(trouble.get("key", ""))
    if not host:
        return voice("story.no_page")
    if telling.try_again_at is not None and key in {
        "source.unreachable",
        "source.too_slow",
        "source.busy",
        "source.status",
    }:
        return voice("story.try_again", host=host, time=voice.time(telling.try_again_at))
    if key in {"source.robot_check", "source.forbidden"}:
        return voice(f"story.{key.removeprefix('source.')}", host=host)
    return voice("story.only_summary", host=host)


def card(voice: Voice, story: StoryLine, *, saved: bool, bot_name: str) -> Message:
    """A story at a glance, with the way to its text."""
    title = m.bold(m.link(voice.foreign(story.title or voice.label("story.untitled"), TITLE), story.url))
    facts = voice("list.meta", source=voice.foreign(story.source, 40), time=voice.time(story.shown_at))
    if story.sources > 1:
        first = voice("story.sources", story.sources, source=voice.foreign(story.source, 40))
        facts = m.join("\n", (facts, first))
    teaser = m.concat((voice.foreign(story.teaser, TEASER),))
    text = m.join(
        "\n\n",
        (m.join("\n", (title, facts)), teaser, m.link(voice("story.open_here"), home(bot_name, story.id))),
    )
    rows = (
        (voice.button("button.read", "open", story.id), save_button(voice, story.id, saved=saved)),
        _links(voice, story.id, story.title, story.url, bot_name),
    )
    return Message(text, rows)


def save_button(voice: Voice, story_id: int, *, saved: bool) -> Button:
    """Save, or the tick that undoes it."""
    return Button(
        voice.label("button.saved" if saved else "button.save"), data("save", story_id, int(not saved))
    )


def _actions(voice: Voice, story: StoryLine, telling: Telling, *, saved: bool, bot_name: str) -> Rows:
    links = _links(voice, story.id, story.title, telling.url, bot_name)
    return (
        ((save_button(voice, story.id, saved=saved), *links[:1]), links[1:])
        if len(links) > 1
        else ((save_button(voice, story.id, saved=saved), *links),)
    )


def _links(voice: Voice, story_id: int, title: str, url: str, bot_name: str) -> tuple[Button, ...]:
    share = f"https://t.me/share/url?url={quote(home(bot_name, story_id), safe='')}&text={quote(title[:200], safe='')}"
    buttons = [Button(voice.label("button.share"), url=share)]
    if url:
        buttons.append(Button(voice.label("button.source"), url=url))
    return tuple(buttons)
