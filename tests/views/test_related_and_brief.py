"""What stands around a story, and stories in brief: in every language, with the nastiest texts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.articles import Block, BlockKind
from bot.domain.brief import brief
from bot.domain.cleaning import plain
from bot.domain.message import Message, Style
from bot.views import brief as brief_view
from bot.views import related as related_view
from bot.views import sources as sources_view
from tests.views.screens import (
    LONGEST,
    NASTY,
    NOW,
    RIGHT_TO_LEFT_MARK,
    TELLING,
    VOICES,
    checked,
    commands_in,
    copy_of,
    listing,
    nasty_story,
    story,
)

if TYPE_CHECKING:
    from bot.views.voice import Voice

EN = VOICES["en"]
TEXT = tuple(
    Block(
        BlockKind.PARAGRAPH,
        f"Sentence number {n} speaks of the harbour. The {word} of the town was there too.",
    )
    for n, word in enumerate(("mayor", "miller", "midwife", "minister"))
)


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def around(title: str, *, tellings: int = 0) -> dict[str, object]:
    told = {"title": title, "source": title, "url": "https://lens.example/1", "at": NOW.timestamp()}
    return {
        "of": 1,
        "title": title,
        "tellings": [told] * tellings,
        "affair": [2],
        "words": {"2": [title[:40]] * 3, "3": []},
    }


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_story_breaks_what_is_shown_around_it(voice: Voice, text: str) -> None:
    lines = [nasty_story(text, n) for n in (2, 3)]
    copy = copy_of(nasty_story(text), tuple(Block(BlockKind.PARAGRAPH, plain(text)) for _ in range(5)))
    day = listing("day", (2, 3), sentences={"2": text, "3": ""})
    messages = [
        related_view.related(voice, listing("related", (2, 3), **around(text, tellings=3)), lines),
        brief_view.story(voice, copy),
        brief_view.where(voice, copy, 1),
        brief_view.day(voice, day, lines),
    ]
    for message in messages:
        checked(message)
        assert commands_in(message) == []


def test_related_stories_stand_in_their_groups() -> None:
    shown = related_view.related(
        EN, listing("related", (2, 3), **around("Bridge shut", tellings=1)), [story(2), story(3)]
    )
    lines = checked(shown).text.plain.splitlines()
    assert [line for line in lines if line.startswith(("Related", "Same", "•", "1.", "2."))] == [
        "Related to: Bridge shut",
        "Same story",
        "• Bridge shut",
        "Same affair",
        "1. Story number 2 has a headline",
        "Same subject",
        "2. Story number 3 has a headline",
    ]
    assert "Bridge shut, Bridge shut, Bridge shut" in lines
    assert [[button.label for button in row] for row in shown.rows] == [
        ["1", "2"],
        ["Follow this", "Timeline"],
        ["To the story"],
    ]


def test_a_timeline_says_where_one_came_from(voice: Voice) -> None:
    told = listing("timeline", (3, None, 2), of=2, title="x" * 300)
    shown = checked(related_view.timeline(voice, told, [story(3), story(2)]))
    lines = [line.removeprefix(RIGHT_TO_LEFT_MARK) for line in shown.text.plain.splitlines()]
    assert [line[:2] for line in lines if "Story number" in line] == ["1.", "3."]
    assert lines[-1] == voice("related.this").plain.removeprefix(RIGHT_TO_LEFT_MARK)


def test_what_has_left_the_archive_keeps_its_place_empty(voice: Voice) -> None:
    gone = related_view.related(voice, listing("related", (None, 3), **around("x")), [story(3)])
    assert gone.rows[0][0].label == "2"
    assert [button.label for button in gone.rows[0]] == ["2"]
    nothing = related_view.related(voice, listing("related", (), **around("x")), [])
    assert voice("related.none").plain in nothing.text.plain
    left = brief_view.day(voice, listing("day", (None, 3), sentences={}), [story(3)])
    assert left.text.plain.replace(RIGHT_TO_LEFT_MARK, "").count("\n\n2. ") == 1


def bold(message: Message) -> list[str]:
    return [
        message.text.slice(entity.offset, entity.end).plain
        for entity in message.text.entities
        if entity.style is Style.BOLD
    ]


def test_each_sentence_of_a_brief_is_shown_where_it_stands(voice: Voice) -> None:
    copy = copy_of(story(1), TEXT * 12)
    told = brief(copy.telling.blocks, "en")
    for place, sentence in enumerate(told, 1):
        assert sentence.text in brief_view.story(voice, copy).text.plain
        assert bold(checked(brief_view.where(voice, copy, place)))[-1] == sentence.text
    first = brief_view.where(voice, copy, 9)
    assert first == brief_view.where(voice, copy, 0)
    assert len(bold(first)) == 1, "only the headline: that sentence is gone"


def test_without_a_text_there_is_the_teaser_and_its_honest_line(voice: Voice) -> None:
    shown = checked(brief_view.story(voice, copy_of(story(1))))
    assert voice("story.only_summary", host=voice.foreign("herald.example")).plain in shown.text.plain


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_no_telling_breaks_the_list_of_sources(voice: Voice, text: str) -> None:
    telling = copy_of(nasty_story(text)).telling
    message = checked(sources_view.sources(voice, 5, [telling] * 30))
    assert commands_in(message) == []
    assert len(message.rows) == sources_view.MOST + 1
    assert voice("sources.more", 30 - sources_view.LISTED).plain in message.text.plain
    assert len(checked(sources_view.differs(voice, 5, [telling] * 30)).rows) == sources_view.LISTED + 1
