"""Two stories made one, and one made two: what readers did with them goes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.domain.broadcasts import State
from bot.storage import broadcasts, editing, stories
from bot.storage.comment_tables import comments
from bot.storage.follow_tables import follows
from bot.storage.tables import articles, readers, story_keys, told
from tests.storage.archive import NOW, entry

if TYPE_CHECKING:
    from tests.storage.archive import Archive

BOTH, FIRST, SECOND = 7, 8, 9
"""Who had to do with both stories, and with one of them."""


def two(archive: Archive) -> tuple[int, int]:
    """Two stories of two papers."""
    archive.look(archive.feed("herald"), entry("bridge", "A bridge is closed by the flood"))
    archive.look(archive.feed("lens"), entry("crossing", "The crossing is shut since the morning"))
    first, second = sorted(line.id for line in archive.stories())
    for chat_id in (BOTH, FIRST, SECOND):
        archive.reader(chat_id)
    return first, second


def follow(archive: Archive, chat_id: int, story_id: int) -> None:
    row = {"chat_id": chat_id, "subject": f"story:{story_id}", "kind": "story", "story_id": story_id}
    times = {"made_at": NOW, "heard_at": NOW, "looked_at": NOW}
    archive.connection.execute(sa.insert(follows).values(**row, **times))


def test_what_readers_did_with_both_is_kept_once(archive: Archive) -> None:
    first, second = two(archive)
    connection = archive.connection
    stories.tell(connection, BOTH, [first], "digest", NOW)
    stories.tell(connection, BOTH, [second], "opened", NOW)
    stories.tell(connection, SECOND, [second], "push", NOW)
    for chat_id, story_id in ((BOTH, first), (BOTH, second), (SECOND, second)):
        stories.save(connection, chat_id, story_id, NOW, keep=True)
        follow(archive, chat_id, story_id)
    said = {
        "thread_id": 1,
        "author_id": FIRST,
        "text": "So?",
        "state": "shown",
        "posted_at": NOW,
        "update_id": 1,
    }
    connection.execute(sa.insert(comments).values(story_id=second, **said))
    connection.execute(sa.update(readers).where(readers.c.chat_id == FIRST).values(opened_story_id=second))
    sent = broadcasts.draft(connection, broadcasts.New(BOTH, 1, second), NOW)

    editing.merge(connection, second, first)

    assert [line.id for line in archive.stories()] == [first]
    assert archive.story().sources == 2
    assert editing.now_in(connection, second) == first
    hows = sa.select(told.c.chat_id, told.c.story_id, told.c.how).order_by(told.c.chat_id)
    assert [tuple(row) for row in connection.execute(hows)] == [
        (BOTH, first, "opened"),
        (SECOND, first, "push"),
    ]
    assert stories.is_saved(connection, BOTH, first)
    assert stories.is_saved(connection, SECOND, first)
    followed = sa.select(follows.c.chat_id, follows.c.subject, follows.c.story_id).order_by(follows.c.chat_id)
    name = f"story:{first}"
    assert [tuple(row) for row in connection.execute(followed)] == [
        (BOTH, name, first),
        (SECOND, name, first),
    ]
    assert connection.execute(sa.select(comments.c.story_id)).scalars().all() == [first]
    opened = sa.select(readers.c.opened_story_id).where(readers.c.chat_id == FIRST)
    assert connection.execute(opened).scalar() == first
    kept = broadcasts.get(connection, sent.id)
    assert kept is not None, "a broadcast goes on"
    assert (kept.story_id, kept.state) == (first, State.DRAFT)


def test_a_story_that_was_merged_twice_is_found_by_each_number(archive: Archive) -> None:
    first, second = two(archive)
    archive.look(archive.feed("post"), entry("ferry", "A ferry takes the place of the bridge"))
    third = max(line.id for line in archive.stories())
    editing.merge(archive.connection, third, second)
    editing.merge(archive.connection, second, first)
    assert {editing.now_in(archive.connection, one) for one in (first, second, third)} == {first}


def test_a_report_that_is_parted_takes_its_keys_and_its_readers_along(archive: Archive) -> None:
    first, second = two(archive)
    connection = archive.connection
    stories.tell(connection, FIRST, [first], "digest", NOW)
    editing.merge(connection, second, first)
    lens = max(connection.execute(sa.select(articles.c.id)).scalars())
    parted = editing.split(connection, lens)
    assert parted is not None
    assert [line.sources for line in archive.stories()] == [1, 1]
    assert set(connection.execute(sa.select(story_keys.c.story_id)).scalars()) == {first, parted}
    assert stories.told_to(connection, [FIRST], NOW.replace(year=2020)) == {FIRST: {first, parted}}, (
        "it is no news"
    )
    assert editing.split(connection, lens) is None, "it is alone in its story"
    assert editing.split(connection, 10**6) is None
