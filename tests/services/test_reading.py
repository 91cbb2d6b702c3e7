"""Opening stories: the page is asked once for all, a failure is kept and rests, and there is always something to read."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import UserError
from bot.feeds.reading import FeedReader
from bot.services.pressing import DOUBLE_PRESS, Origin
from bot.services.reading import TRY_AGAIN, OpenedStory, Reading
from bot.storage import inbox, readers, stories
from bot.views.troubles import plainly
from tests.services.press import NOON, TEXT, Press, holding, page, rss, until
from tests.storage.archive import somebody

if TYPE_CHECKING:
    from bot.domain.articles import FullText

MAYA, IRINA = 7_100_000_001, 7_100_000_002
STORY = 1


@pytest.fixture
async def press(press: Press) -> Press:
    """One story, told by one feed with a teaser only; its page stands at /Story-one of the first host."""
    await press.add(press.sites.put("/rss", rss("Story one", site=press.sites.url(""))))
    await press.poll()
    for chat in (MAYA, IRINA):
        await press.db.write(readers.add, somebody(chat, NOON))
    press.sites.asked.clear()
    return press


async def update(press: Press, update_id: int) -> int:
    """Receive an update, as the inbox does before anybody works on it."""
    await press.db.write(inbox.receive, [inbox.Received(update_id, MAYA, {}, press.clock())])
    return update_id


async def opened(
    press: Press, update_id: int = 1, chat: int = MAYA, origin: Origin | None = None
) -> OpenedStory:
    found = await press.reading.open(await update(press, update_id), somebody(chat), STORY, origin)
    assert found is not None
    return found


def texts(story: OpenedStory) -> list[str]:
    return [block.text for block in story.telling.blocks]


# The text


async def test_the_page_is_asked_when_somebody_reads_and_its_text_is_kept(press: Press) -> None:
    press.sites.put("/Story-one", page())
    story = await opened(press)
    assert texts(story) == [TEXT.strip()]
    assert (story.telling.origin, story.telling.trouble, story.saved) == ("page", None, False)
    assert await opened(press, 2) == story
    assert press.sites.paths() == ["/Story-one"]


async def test_many_readers_at_once_ask_the_page_once(press: Press) -> None:
    release = asyncio.Event()
    press.sites.put("/Story-one", html_after(release))
    readings = [asyncio.create_task(opened(press, n, chat=(MAYA, IRINA)[n % 2])) for n in range(1, 30)]
    await until(lambda: press.asked(1))
    release.set()
    assert {tuple(texts(story)) for story in await asyncio.gather(*readings)} == {(TEXT.strip(),)}
    assert press.sites.paths() == ["/Story-one"]


async def test_who_began_before_the_text_came_and_looks_after_it_asks_no_page(press: Press) -> None:
    press.sites.put("/Story-one", page())
    await opened(press)
    await press.reading._fetch(STORY, 0)
    assert press.sites.paths() == ["/Story-one"]


async def test_a_reader_who_goes_away_takes_the_text_from_nobody(press: Press) -> None:
    release = asyncio.Event()
    press.sites.put("/Story-one", html_after(release))
    impatient = asyncio.create_task(opened(press, 1))
    patient = asyncio.create_task(opened(press, 2, chat=IRINA))
    await until(lambda: press.asked(1))
    impatient.cancel()
    release.set()
    assert texts(await patient)
    assert press.sites.paths() == ["/Story-one"]


def html_after(release: asyncio.Event) -> Any:
    wait = holding(release, page())

    async def answer(request: Any) -> Any:
        response = await wait(request)
        response.content_type = "text/html"
        return response

    return answer


async def test_a_shutdown_is_not_written_down_as_the_pages_fault(press: Press) -> None:
    release = asyncio.Event()
    press.sites.put("/Story-one", html_after(release), page())
    waiting = asyncio.create_task(opened(press, 1))
    await until(lambda: press.asked(1))
    waiting.cancel()
    await press.reading.stop()
    await press.fetcher.close()
    assert press.reading._fetching == {}
    assert (await press.reading.look(somebody(MAYA), STORY)).telling.trouble is None
    release.set()


async def test_a_text_that_the_feed_has_brought_is_not_asked_for(press: Press) -> None:
    whole = "&lt;p&gt;" + TEXT * 4 + "&lt;/p&gt;"
    await press.add(press.sites.put("/full", rss("Story two", site=press.sites.url(""), text=whole), host=2))
    await press.poll()
    press.sites.asked.clear()
    assert await press.reading.host(2) == ""
    story = await press.reading.open(await update(press, 1), somebody(MAYA), 2)
    assert story is not None
    assert (story.telling.origin, press.sites.asked) == ("feed", [])


async def test_the_site_that_will_be_asked_is_known_beforehand(press: Press) -> None:
    press.sites.put("/Story-one", page())
    assert await press.reading.host(STORY) == "127.0.0.1"
    await opened(press)
    assert await press.reading.host(STORY) == ""


# No text


@pytest.mark.parametrize(
    ("answer", "key", "rest"),
    [
        (500, "source.unwell", TRY_AGAIN),
        (408, "source.unwell", TRY_AGAIN),
        (404, "source.status", timedelta(days=1)),
        (429, "source.busy", TRY_AGAIN),
        ({"status": 503, "headers": {"Retry-After": "7200"}}, "source.busy", timedelta(hours=2)),
        ({"status": 503, "headers": {"Retry-After": "60"}}, "source.busy", TRY_AGAIN),
        (403, "source.forbidden", timedelta(days=1)),
        (410, "source.gone", timedelta(days=1)),
        (page("Short."), "source.no_text", timedelta(days=1)),
        (b"%PDF-1.7", "source.not_a_page", timedelta(days=1)),
    ],
)
async def test_a_failure_is_kept_in_plain_words_and_tried_again_at_its_time(
    press: Press, answer: Any, key: str, rest: timedelta
) -> None:
    press.sites.put("/Story-one", answer, page())
    story = await opened(press)
    assert story.telling.trouble is not None
    assert story.telling.trouble["key"] == key
    assert "source." not in plainly(story.telling.trouble)
    assert (texts(story), story.telling.teaser, story.telling.try_again_at) == ([], "A teaser.", NOON + rest)
    press.clock.now = NOON + rest - timedelta(seconds=1)
    assert texts(await opened(press, 2)) == []
    assert len(press.sites.asked) == 1
    press.clock.advance(seconds=1)
    assert texts(await opened(press, 3))
    assert len(press.sites.asked) == 2


async def test_a_story_without_a_page_has_its_teaser(press: Press) -> None:
    body = rss("Story two").replace(b"https://herald.example/Story-two", b"")
    await press.add(press.sites.put("/bare", body, host=2))
    await press.poll()
    story = await press.reading.open(await update(press, 1), somebody(MAYA), 2)
    assert story is not None
    assert (story.telling.url, story.telling.teaser, story.telling.blocks) == ("", "A teaser.", ())
    assert await press.reading.host(2) == ""


async def test_where_one_teller_gives_nothing_the_next_is_asked(press: Press) -> None:
    title = "Bridge over the Orrin closed"
    for host in (1, 2):
        await press.add(
            press.sites.put(f"/rss{host}", rss(title, site=press.sites.url(f"/{host}", host)), host=host)
        )
        await press.poll()
    press.sites.put("/1/Bridge-over-the-Orrin-closed", 403)
    press.sites.put("/2/Bridge-over-the-Orrin-closed", page())
    first = await press.reading.open(await update(press, 1), somebody(MAYA), 2)
    second = await press.reading.open(await update(press, 2), somebody(MAYA), 2)
    assert first is not None
    assert second is not None
    assert texts(first) == []
    assert texts(second)
    assert second.telling.url.startswith(press.sites.url("/2/", 2))


class Stumbling(FeedReader):
    """A reader with a bug."""

    async def page(self, url: str) -> FullText:
        raise RuntimeError(url)


async def test_a_bug_that_a_page_meets_leaves_its_readers_the_teaser(
    press: Press, caplog: pytest.LogCaptureFixture
) -> None:
    pages = Stumbling(press.fetcher, press.reader._workers, press.clock)
    reading = Reading(press.db, press.clock, pages)
    story = await reading.open(await update(press, 1), somebody(MAYA), STORY)
    assert story is not None
    assert story.telling.trouble == {"key": "source.ours", "cause": "RuntimeError"}
    assert story.telling.try_again_at == NOON + timedelta(days=1)
    assert "no text from 127.0.0.1" in caplog.text


async def test_a_story_that_has_left_the_archive_says_so(press: Press) -> None:
    for call in (
        press.reading.open(await update(press, 1), somebody(MAYA), 99),
        press.reading.look(somebody(MAYA), 99),
        press.reading.save(await update(press, 2), somebody(MAYA), 99, keep=True),
    ):
        with pytest.raises(UserError) as error:
            await call
        assert error.value.key == "error.story_gone"


# Pressing


async def test_the_second_half_of_a_double_press_is_nothing(press: Press) -> None:
    press.sites.put("/Story-one", page())
    await opened(press, 1, origin=Origin(50, press.clock()))
    press.clock.advance(seconds=2)
    again = Origin(50, press.clock())
    assert await press.reading.open(await update(press, 2), somebody(MAYA), STORY, again) is None


async def test_a_press_that_waited_behind_the_first_one_is_the_same_press(press: Press) -> None:
    press.sites.put("/Story-one", page())
    second = Origin(50, press.clock())
    press.clock.advance(seconds=20)
    await opened(press, 1, origin=Origin(50, NOON))
    assert await press.reading.open(await update(press, 2), somebody(MAYA), STORY, second) is None


async def test_a_later_press_another_message_and_another_reader_are_presses_of_their_own(
    press: Press,
) -> None:
    press.sites.put("/Story-one", page())
    await opened(press, 1, origin=Origin(50, press.clock()))
    await opened(press, 2, origin=Origin(51, press.clock()))
    await opened(press, 3, chat=IRINA, origin=Origin(50, press.clock()))
    press.clock.advance(seconds=DOUBLE_PRESS.total_seconds() + 1)
    await opened(press, 4, origin=Origin(50, press.clock()))


async def test_an_update_that_is_worked_on_again_after_a_crash_is_answered_again(press: Press) -> None:
    press.sites.put("/Story-one", page())
    origin = Origin(50, press.clock())
    first = await opened(press, 1, origin=origin)
    assert await press.reading.open(1, somebody(MAYA), STORY, origin) == first


# What is kept of it


async def test_what_was_opened_counts_as_told_and_is_what_a_bare_command_means(press: Press) -> None:
    press.sites.put("/Story-one", page())
    assert await press.reading.opened(somebody(MAYA), [STORY]) == set()
    await press.reading.look(somebody(MAYA), STORY)
    assert await press.reading.opened(somebody(MAYA), [STORY]) == set(), "a look is no opening"
    await opened(press)
    assert await press.reading.opened(somebody(MAYA), [STORY]) == {STORY}
    assert await press.reading.opened(somebody(IRINA), [STORY]) == set()
    reader = await press.db.read(readers.get, MAYA)
    assert reader is not None
    assert reader.opened_story_id == STORY


async def test_a_story_is_put_on_the_shelf_and_taken_off(press: Press) -> None:
    maya = somebody(MAYA)
    assert (await press.reading.save(await update(press, 1), maya, STORY, keep=True)).saved
    assert (await press.reading.look(maya, STORY)).saved
    assert not (await press.reading.look(somebody(IRINA), STORY)).saved
    assert not (await press.reading.save(await update(press, 2), maya, STORY, keep=False)).saved
    assert (await press.reading.save(1, maya, STORY, keep=True)).saved is False, "an old update has no effect"
    assert await press.db.read(stories.saved, MAYA) == []
