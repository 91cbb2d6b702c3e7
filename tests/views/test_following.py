"""What is followed, its filters and its pushes, as their readers see them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.buttons import CHANGING
from bot.domain.filters import FIELDS, MOST, Filter
from bot.domain.following import MOST as MOST_ITEMS
from bot.domain.following import WAYS
from bot.domain.news import FeedEntry
from bot.domain.subscriptions import Contents, Report
from bot.views import filters, following, pushes, subscriptions
from tests.domain.test_filters import article
from tests.domain.test_following import follow
from tests.views.screens import LONGEST, NASTY, NOW, TELLING, VOICES, checked, commands_in, nasty_story, story

if TYPE_CHECKING:
    from bot.views.voice import Voice

EN = VOICES["en"]


def labels(message: object) -> list[list[str]]:
    return [[button.label for button in row] for row in message.rows]  # type: ignore[attr-defined]


@pytest.fixture(params=sorted(VOICES))
def voice(request: pytest.FixtureRequest) -> Voice:
    return VOICES[request.param]


@pytest.mark.parametrize("voice", TELLING, ids=lambda voice: voice.language)
@pytest.mark.parametrize("text", [*NASTY.values(), *LONGEST])
def test_every_screen_survives_any_name(voice: Voice, text: str) -> None:
    items = [follow(n, kind="feed", name=text, made_at=NOW - timedelta(days=n * 200)) for n in range(1, 12)]
    words = follow(1, name=text, words=text)
    own = [Filter(n, None, field, text, keep=bool(n % 2)) for n, field in enumerate(FIELDS, 1)]
    trial = [article(text, text)] * 9
    entry = FeedEntry("https://x.example/rss", text)
    contents = Contents(9, 1, (entry,) * 4, 2, 17)
    shown = [
        following.following(voice, items),
        following.following(voice, [words] * MOST_ITEMS, 2),
        *(following.item(voice, item, 3) for item in (*items, words)),
        following.taken(voice, items[0], known=True),
        following.taken(voice, words, known=False),
        following.removed(voice, text, 7),
        following.rename(voice, words),
        following.offer(voice, [(text, text)] * 3, 7),
        following.site(voice, text, 7),
        filters.filters(voice, words, own),
        filters.filters(voice, None, own * 5),
        filters.trial(voice, own[0], 7, 60, trial),
        pushes.push(voice, nasty_story(text), [words, *items], last=True),
        pushes.still(voice, words),
        subscriptions.report(voice, Report(contents, 3, (text,) * 15, (text,), 7)),
    ]
    for message in shown:
        assert not commands_in(checked(message)) or message.text.plain.count("/follow")


@pytest.mark.parametrize("number", [0, 1, 2, 5, 10, 11, 25, 50])
def test_the_list_counts_and_turns_its_pages(voice: Voice, number: int) -> None:
    items = [follow(n, name=f"Item {n}") for n in range(1, number + 1)]
    for page in range(number // following.PAGE + 2):
        message = checked(following.following(voice, items, page))
        assert (f"Item {number}" in message.text.plain) == (
            bool(number) and page >= (number - 1) // following.PAGE
        )


def test_each_item_says_how_it_comes() -> None:
    items = [follow(n, name=f"Item {n}", way=way) for n, way in enumerate(WAYS, 1)]
    lines = following.following(EN, items).text.plain.splitlines()
    assert lines[2:5] == ["1. Item 1 · at once", "2. Item 2 · in the digest", "3. Item 3 · only in lists"]


def test_words_are_quoted_until_they_have_a_name_of_their_own() -> None:
    assert pushes.name_of(EN, follow(words="oil", name="oil"), 60) == "“oil”"
    assert pushes.name_of(EN, follow(words="oil", name="Fuel"), 60) == "Fuel"
    assert pushes.name_of(EN, follow(kind="feed", name="\u200b"), 60) == "Without a name"


def test_the_way_in_force_is_ticked(voice: Voice) -> None:
    for way in WAYS:
        rows = labels(checked(following.item(voice, follow(name="x", way=way), 0)))
        ticked = [label for row in rows for label in row if label.startswith("✓")]
        assert len(ticked) == 1


def test_what_ends_an_item_stands_alone_on_the_last_row() -> None:
    assert labels(following.item(EN, follow(name="x"), 0))[-1] == ["Unfollow"]


def test_all_that_changes_something_is_signed() -> None:
    verbs = {"follow", "take", "takeall", "way", "still", "unfollow", "refollow", "keep", "unfilter", "site"}
    assert verbs <= CHANGING


def test_what_a_filter_would_have_hidden_is_shown_in_part() -> None:
    new = Filter(0, 3, "title", "goal", keep=False)
    message = checked(filters.trial(EN, new, 7, 60, [article(f"Goal {n}") for n in range(8)]))
    assert "Of the last 60 stories it would have hidden: 8." in message.text.plain
    assert message.text.plain.endswith("• Goal 4\nand 3 more")
    assert "Nothing has come yet" in filters.trial(EN, new, 7, 0, []).text.plain


def test_the_most_filters_fit_one_message(voice: Voice) -> None:
    own = [Filter(n, None, "title", "word " * 40, keep=True) for n in range(MOST)]
    checked(filters.filters(voice, None, own))
    for field in FIELDS:
        for keep in (True, False):
            checked(filters.prompt(voice, 3, field, keep=keep))
    checked(filters.fields(voice, 0, keep=True))


def test_a_push_names_its_reason_once_and_says_when_it_is_the_last() -> None:
    item = follow(name="Herald", kind="feed")
    message = pushes.push(EN, story(), [item, item], reply_to=9)
    assert message.text.plain.endswith("You follow: Herald")
    assert message.reply_to == 9
    last = pushes.push(EN, story(title=""), [item], last=True)
    assert last.text.plain.endswith("what else comes goes into the digest.")


def test_a_list_without_anything_new_offers_nothing_to_follow() -> None:
    message = checked(subscriptions.report(EN, Report(Contents(3, 3, (), 0, 0), 0, (), (), 7)))
    assert message.text.plain == "3 feeds found\n\n0 new\n3 that you follow already"
    assert labels(message) == [["Following"]]


@pytest.mark.parametrize("number", [0, 1, 2, 5, 21, 111])
def test_numbers_of_feeds_are_counted_in_every_language(voice: Voice, number: int) -> None:
    checked(subscriptions.checking(voice, 0, number))
    checked(subscriptions.followed(voice, number))
    checked(following.item(voice, follow(name="x"), number))


def test_in_arabic_every_line_begins_on_its_own_side() -> None:
    arabic = VOICES["ar"]
    contents = Contents(2, 1, (), 0, 0)
    for message in (
        following.item(arabic, follow(kind="feed", name="The Herald"), 3),
        subscriptions.report(arabic, Report(contents, 0, ("Feed 1",), ("Feed 2",), 7)),
        filters.trial(arabic, Filter(0, 3, "title", "goal", keep=False), 7, 60, [article("A goal")]),
    ):
        lines = [line for line in checked(message).text.plain.splitlines() if line]
        assert all(line.startswith("\u200f") for line in lines), lines


def test_what_is_followed_already_ends_with_one_full_stop(voice: Voice) -> None:
    for kind in ("feed", "words"):
        said = following.taken(voice, follow(kind=kind, name="Herald"), known=True).text.plain
        assert ".." not in said.replace("\u2069", ""), said
