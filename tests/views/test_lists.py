"""Lists: full, empty, of stories that are gone, and of the nastiest stories there are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.buttons import token
from bot.domain.message import Message, Style
from bot.views import lists, sources
from tests.views.screens import (
    NASTY,
    NOW,
    OFFER,
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
    from bot.domain.news import StoryLine
    from bot.views.voice import Voice

KINDS = ("latest", "search", "saved", "rest", "first", "digest")


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


def labels(message: Message) -> list[list[str]]:
    return [[button.label for button in row] for row in message.rows]


def full(kind: str, count: int, **about: object) -> tuple[Message, list[StoryLine]]:
    stories = [story(n) for n in range(1, count + 1)]
    made = listing(kind, tuple(one.id for one in stories), **about)
    return lists.stories(VOICES["en"], made, stories), stories


@pytest.mark.parametrize("count", [0, 1, 10, 11, 100])
def test_every_page_of_every_list_obeys_telegram(voice: Voice, count: int) -> None:
    for kind in KINDS:
        _look_through(voice, kind, count)


def _look_through(voice: Voice, kind: str, count: int) -> None:
    stories = [story(n) for n in range(1, count + 1)]
    made = listing(kind, tuple(one.id for one in stories), query="oil and gas", words=["oil", "gas"])
    last = max(count - 1, 0) // lists.PAGE
    pages = [checked(lists.stories(voice, made, stories, page, opened={1, 12})) for page in range(last + 1)]
    for page, message in enumerate(pages):
        numbers = [label for row in labels(message) for label in row if label.strip("✓ ").isdecimal()]
        assert len(numbers) == min(lists.PAGE, count - page * lists.PAGE)
    assert lists.stories(voice, made, stories, 999, {1, 12}) == pages[-1], "one too many shows the last"


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_no_story_breaks_a_list(voice: Voice, text: str) -> None:
    stories = [nasty_story(text, n) for n in range(1, 11)]
    about = {"query": text[:100], "words": ["stop", "x", "admin"], "desk": text[:64]}
    for kind in KINDS:
        message = checked(lists.stories(voice, listing(kind, tuple(range(1, 11)), **about), stories))
        assert commands_in(message) == [], kind


def test_a_line_tells_source_time_and_how_many_tell_it() -> None:
    message, _ = full("latest", 2)
    assert message.text.plain == (
        "Latest · all sections\n\n"
        "1. Story number 1 has a headline\nThe Herald · 09:29 · 2 sources\n\n"
        "2. Story number 2 has a headline\nThe Herald · 09:28 · 3 sources"
    )
    styles = [entity.style for entity in message.text.entities]
    assert styles == [Style.BOLD] + [Style.BOLD, Style.LINK, Style.TIME] * 2


def test_a_list_is_left_through_by_the_same_buttons_at_the_same_places() -> None:
    message, stories = full("latest", 25)
    assert labels(message) == [
        ["1", "2", "3", "4", "5"],
        ["6", "7", "8", "9", "10"],
        ["Older"],
        ["Sections", "Refresh"],
    ]
    made = listing("latest", tuple(one.id for one in stories))
    assert labels(lists.stories(VOICES["en"], made, stories, 1))[2] == ["Newer", "Older"]
    assert labels(lists.stories(VOICES["en"], made, stories, 2))[1] == ["Newer"]


def test_opened_stories_are_ticked() -> None:
    stories = [story(n) for n in range(1, 4)]
    message = lists.stories(VOICES["ru"], listing("saved", (1, 2, 3)), stories, opened={2})
    assert labels(message)[0] == ["1", "✓ 2", "3"]


def test_a_story_that_is_gone_leaves_its_number_empty(voice: Voice) -> None:
    message = checked(lists.stories(voice, listing("latest", (1, None, 3)), [story(1), story(3)]))
    assert labels(message)[0] == ["1", "3"]
    assert "3. " + voice.foreign("Story number 3 has a headline") in message.text.plain


def test_a_list_of_which_all_is_gone_says_so(voice: Voice) -> None:
    for kind in KINDS:
        message = checked(lists.stories(voice, listing(kind, (None, None), words=["a"], query="a"), []))
        assert message.text.plain.endswith(voice("list.gone").plain)


def test_a_search_without_a_find_offers_a_word_less_and_other_ways_on() -> None:
    made = listing("search", (), query="oil gas", words=["oil", "gas"])
    message = checked(lists.stories(VOICES["en"], made, []))
    assert message.text.plain.startswith("Nothing for “oil gas”\n\n")
    assert labels(message) == [["Without “oil”"], ["Without “gas”"], ["Follow it"], ["Latest", "Settings"]]
    one = checked(lists.stories(VOICES["en"], listing("search", (), query="oil", words=["oil"]), []))
    assert labels(one) == [["Follow it"], ["Latest", "Settings"]]
    assert "this word" in one.text.plain


def test_a_long_word_to_leave_out_is_cut(voice: Voice) -> None:
    made = listing("search", (), query="x", words=["x" * 64, "й" * 64, "東" * 64])
    checked(lists.stories(voice, made, []))


def test_found_words_are_bold_and_nothing_is_told_twice() -> None:
    made = listing("search", (1,), query="東京 京都", words=["東京", "京都"])
    found = lists.stories(VOICES["en"], made, [story(1, title="東京都知事")])
    assert "1. 東京都知事\n" in found.text.plain
    assert [e.length for e in found.text.entities if e.style is Style.BOLD][1:] == [3]


def test_the_reader_sees_where_he_or_she_was() -> None:
    looked = NOW - timedelta(minutes=2, seconds=30)
    message, _ = full("latest", 4, here=looked.timestamp())
    assert (
        "2. Story number 2 has a headline\nThe Herald · 09:28 · 3 sources\n\nYou were here: 09:27\n\n3."
        in (message.text.plain)
    )
    checked(message)


@pytest.mark.parametrize("minutes", [-1, 0, 99])
def test_no_line_where_everything_or_nothing_is_new(minutes: int) -> None:
    message, _ = full("latest", 4, here=(NOW - timedelta(minutes=minutes)).timestamp())
    assert "You were here" not in message.text.plain


def test_a_source_without_a_name_is_called_by_its_site(voice: Voice) -> None:
    nameless = story(1, source="", url="https://www.herald.example/x")
    assert voice.foreign("herald.example") + " · " in lists.meta(voice, nameless).plain
    nowhere = story(1, source="", url="")
    assert voice.label("desks.none") + " · " in lists.meta(voice, nowhere).plain


def test_every_desk_can_be_chosen_whatever_its_name(voice: Voice) -> None:
    message = checked(lists.desks(voice, listing("latest", (), desk="Technology"), OFFER.desks))
    data = [button.data for row in message.rows for button in row]
    assert len(set(data)) == len(data) == len(OFFER.desks) + 2
    assert [label for row in labels(message) for label in row if label.startswith("✓")] == [
        "✓ " + voice.desk("Technology")
    ]
    assert labels(message)[-1] == [voice.label("button.back")]


def test_which_one_shows_the_list_again() -> None:
    shown, _ = full("first", 3)
    asked = checked(lists.which(VOICES["en"], shown))
    assert asked.text.plain.startswith("Which one?\n\nFirst stories\n\n1. Story")
    assert asked.rows == shown.rows


@pytest.mark.parametrize(
    ("count", "rows"),
    [(0, []), (1, [1]), (5, [5]), (6, [3, 3]), (9, [5, 4]), (11, [4, 4, 3]), (12, [4, 4, 4])],
)
def test_number_buttons_stand_in_rows_of_about_one_length(count: int, rows: list[int]) -> None:
    made = lists.numbers({place: place for place in range(1, count + 1)})
    assert [len(row) for row in made if row] == rows


def test_papers_of_one_house_are_told_apart(voice: Voice) -> None:
    told = [
        copy_of(story(n), article_id=n, source=f"The New York Times > {desk}", title=f"Headline {n}").telling
        for n, desk in enumerate(("World", "Business", "World"), 1)
    ]
    for message in (sources.sources(voice, 1, told), sources.differs(voice, 1, told)):
        names = [row[0].label for row in checked(message).rows[:3]]
        assert [name.partition(" ")[0] for name in names] == ["1.", "2.", "3."]
        for n in (1, 2, 3):
            line = next(line for line in message.text.plain.splitlines() if f"Headline {n}" in line)
            assert f"{n}. " in line, "the same number stands before its headline"


def test_all_desks_of_a_list_can_be_reached(voice: Voice) -> None:
    names = tuple(f"Desk {n}" for n in range(1, 101))
    made = listing("latest", (), desk="Desk 3")
    seen = []
    assert lists.desks(voice, made, names, 99) == lists.desks(voice, made, names, 6)
    for page in range(7):
        message = checked(lists.desks(voice, made, names, page))
        data = [button.data for row in message.rows for button in row]
        seen += [one for one in data if one.startswith("desk:7:")]
        assert ("desks:7:" + str(page + 1) in data) == (page < 6)
        back = message.rows[-1][0].data
        assert back == (f"desks:7:{page - 1}" if page else "list:7:0")
    assert seen == [f"desk:7:{token(name)}" for name in names]


def test_a_search_that_found_more_than_it_shows_says_so() -> None:
    stories = [story(n) for n in range(1, 101)]
    made = listing("search", tuple(one.id for one in stories), query="oil", words=["oil"], beyond=True)
    assert lists.stories(VOICES["en"], made, stories).text.plain.startswith(
        "More than 100 stories for “oil”\n"
    )
    none = listing("search", (), query="oil", words=["oil"], beyond=True, elsewhere=100)
    assert labels(lists.stories(VOICES["en"], none, []))[0] == ["In all languages (100+)"]
