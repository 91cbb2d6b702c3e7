"""Moving to another account: once, within an hour, and for nobody who only guesses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.comments import State
from bot.domain.filters import Filter
from bot.domain.following import Find, Follow
from bot.domain.moving import TRIES, VALID_FOR, fingerprint
from bot.errors import UserError
from bot.services.moving import Moving
from bot.storage import (
    claims,
    commenters,
    comments,
    follows,
    inbox,
    lists,
    meta,
    moderation,
    moving,
    readers,
    stories,
)
from bot.storage.comment_tables import answers, drafts, reports, votes
from bot.storage.comment_tables import comments as comments_table
from bot.storage.follow_tables import filters, finds
from bot.storage.moving_tables import moving_codes, moving_tries
from bot.storage.tables import deliveries, editions, messages, saves, told
from tests.services.desk import EIGHT, MAYA, SEVEN

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.domain.news import Reader
    from tests.services.desk import Desk

NEW = MAYA + 7
IRINA = MAYA + 8
WRONG = "ZZZZ-ZZZZ-ZZZZ"


class Removal:
    """An old account with a past, a new one, and what moves between them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.moving = Moving(desk.db, lambda: desk.now)

    async def reader(self, chat_id: int) -> Reader:
        found = await self.desk.db.read(readers.get, chat_id)
        assert found is not None
        return found

    async def code(self, chat_id: int = MAYA) -> str:
        return await self.moving.code(await self.reader(chat_id))

    async def update(self, chat_id: int = NEW) -> int:
        self.desk.last_update += 1
        received = inbox.Received(self.desk.last_update, chat_id, {}, self.desk.now)
        await self.desk.db.write(inbox.receive, [received])
        return self.desk.last_update

    async def move(self, code: str, chat_id: int = NEW) -> Reader:
        return await self.moving.move(await self.update(chat_id), await self.reader(chat_id), code)


@pytest.fixture
async def removal(desk: Desk) -> Removal:
    ids = await desk.print(6)
    await desk.join(
        digest_minutes=(480, 1200), days="weekends", quiet=(1320, 420), desks=("World",), language="ru"
    )
    await desk.join(NEW, step="languages", digest_minutes=())

    def past(connection: sa.Connection) -> None:
        stories.save(connection, MAYA, ids[0], SEVEN, keep=True)
        stories.save(connection, NEW, ids[0], SEVEN, keep=True)
        stories.save(connection, MAYA, ids[1], SEVEN, keep=True)
        stories.tell(connection, MAYA, ids[:3], "digest", SEVEN)
        stories.tell(connection, MAYA, ids[:1], "opened", SEVEN)
        stories.tell(connection, NEW, ids[:2], "digest", SEVEN)
        stories.tell(connection, NEW, ids[5:], "opened", SEVEN)
        readers.change(connection, MAYA, opened_story_id=ids[0])

    await desk.db.write(past)
    return Removal(desk)


async def test_everything_moves_and_the_old_account_is_told(removal: Removal) -> None:
    desk, before = removal.desk, await removal.reader(MAYA)
    moved = await removal.move(await removal.code())
    assert moved == await removal.reader(NEW)
    for name in (
        "digest_minutes",
        "days",
        "quiet",
        "desks",
        "language",
        "step",
        "covered_until",
        "opened_story_id",
    ):
        assert getattr(moved, name) == getattr(before, name)
    assert moved.first_name == "Maya"
    assert {row.chat_id for row in await desk.rows(saves)} == {NEW}
    assert len(await desk.rows(saves)) == 2
    kept = {row.story_id: row.how for row in await desk.rows(told) if row.chat_id == NEW}
    ids = sorted(kept)
    assert [kept[one] for one in ids] == ["opened", "digest", "digest", "opened"]
    assert len(await desk.rows(told)) == 4
    assert await desk.due_at(NEW) == EIGHT + timedelta(days=4), "the next Saturday"
    assert await desk.due_at(MAYA) is None
    left = await removal.reader(MAYA)
    assert (left.state, left.digest_minutes, left.opened_story_id) == ("active", (), None)
    (owed,) = await desk.rows(deliveries)
    assert (owed.chat_id, owed.state, owed.own_hour) == (MAYA, "planned", True)
    (message,) = await desk.rows(messages)
    assert message.document["text"].startswith("Всё перенесено в другой аккаунт.")


def follow(connection: sa.Connection, chat_id: int, words: str, *brought: int, **hidden: int) -> None:
    """Follow words that have brought some stories; `hidden` are further words, 1 where they hide in this item alone."""
    new = Follow(0, chat_id, "words", None, None, words, words, "digest", SEVEN, SEVEN, SEVEN, None, 40)
    follows.add(connection, new, f"words {words}")
    item = follows.named(connection, chat_id, f"words {words}")
    assert item is not None
    follows.keep(connection, [Find(item, one, "digest") for one in brought], SEVEN)
    for hides, alone in hidden.items():
        follows.add_filter(
            connection, chat_id, Filter(0, item.id if alone else None, "title", hides, keep=False)
        )


async def test_what_is_followed_moves_with_its_filters_and_is_followed_once(removal: Removal) -> None:
    desk = removal.desk
    ids = await desk.print(4)

    def both(connection: sa.Connection) -> None:
        follow(connection, MAYA, "harbour", *ids[:3], rain=1, fog=1, sport=0)
        follow(connection, MAYA, "bridge", ids[3], toll=1, ads=0)
        follow(connection, NEW, "harbour", *ids[2:], fog=1, sport=0)
        follow(connection, NEW, "ferry", dogs=1)

    await desk.db.write(both)
    await removal.move(await removal.code())
    kept = await desk.db.read(follows.of_chat, NEW)
    assert await desk.db.read(follows.of_chat, MAYA) == []
    names = {item.id: item.name for item in kept}
    assert sorted(names.values()) == ["bridge", "ferry", "harbour"]
    brought = sorted((names[row.follow_id], row.story_id, row.chat_id) for row in await desk.rows(finds))
    assert brought == [("bridge", ids[3], NEW), *(("harbour", one, NEW) for one in ids)]
    hides = [(names.get(row.follow_id, "all"), row.words, row.chat_id) for row in await desk.rows(filters)]
    assert sorted(hides) == [
        ("all", "ads", NEW),
        ("all", "sport", NEW),
        ("bridge", "toll", NEW),
        ("ferry", "dogs", NEW),
        ("harbour", "fog", NEW),
        ("harbour", "rain", NEW),
    ]


def say(connection: sa.Connection, author: int, story: int, parent: int | None = None) -> int:
    """A comment that everybody can read, of which the author of what it answers has not heard yet; its id."""
    new = comments.New(story, author, f"Words of {author}", State.SHOWN, parent_id=parent)
    made = comments.add(connection, new, 1, SEVEN)
    comments.announce(connection, made)
    return made


@pytest.mark.parametrize("name", ["", "Wren"])
async def test_comments_move_with_the_pen_name_and_whatever_both_did_counts_once(
    removal: Removal, name: str
) -> None:
    desk = removal.desk
    await desk.join(IRINA)
    (story,) = await desk.print(1)

    def talk(connection: sa.Connection) -> tuple[int, int]:
        for chat_id, known in ((MAYA, "Heron"), (IRINA, "Irina"), (NEW, name)):
            if known:
                commenters.add(connection, chat_id, known, SEVEN)
        hers, other = say(connection, MAYA, story), say(connection, IRINA, story)
        say(connection, IRINA, story, hers)
        if name:
            say(connection, NEW, story, hers)
        for chat_id in (MAYA, NEW):
            for one in (hers, other):
                comments.vote(connection, one, chat_id, wanted=True)
                moderation.report(connection, one, chat_id, "advert", SEVEN)
        commenters.mute(connection, MAYA, EIGHT)
        commenters.begin(connection, MAYA, commenters.Draft("comment", story, None, 1, EIGHT))
        return hers, other

    hers, other = await desk.db.write(talk)
    await removal.move(await removal.code())
    assert [row.author_id for row in await desk.rows(comments_table)] == [NEW, IRINA, IRINA] + [NEW] * bool(
        name
    )
    known = await desk.db.read(commenters.get, NEW)
    assert known is not None
    assert (known.name, known.muted_until) == (name or "Heron", EIGHT), "nobody writes on by moving"
    assert await desk.db.read(commenters.get, MAYA) is None
    for table in (votes, reports):
        assert [(row.comment_id, row.chat_id) for row in await desk.rows(table)] == [(other, NEW)], table.name
    assert [(row.comment_id, row.chat_id) for row in await desk.rows(answers)] == [(hers + 2, NEW)]
    assert await desk.rows(drafts) == []


async def test_a_digest_that_was_had_is_not_had_again_on_the_new_account(removal: Removal) -> None:
    desk = removal.desk
    await desk.db.write(lambda c: readers.change(c, MAYA, days="daily"))
    assert await desk.compose(EIGHT) == 1
    desk.now += timedelta(minutes=30)
    await removal.move(await removal.code())
    assert [(row.chat_id, row.list_id) for row in await desk.rows(editions)] == [(NEW, None)]
    assert await desk.due_at(NEW) == EIGHT + timedelta(hours=12)
    assert await desk.db.read(lists.newest, NEW) is None, "lists belong to the messages of the old chat"


@pytest.mark.parametrize("state", ["stopped", "paused"])
async def test_who_had_gone_is_told_too_and_the_new_account_has_no_backlog(
    removal: Removal, state: str
) -> None:
    desk = removal.desk
    away = {"state": state, "away_since": SEVEN, "covered_until": SEVEN}
    await desk.db.write(lambda c: readers.change(c, MAYA, **away))
    desk.now = SEVEN + timedelta(days=9)
    moved = await removal.move(await removal.code())
    assert (moved.state, moved.covered_until) == ("active", desk.now - timedelta(days=1))
    epoch = await desk.db.write(meta.next_epoch)
    claimed = await desk.db.write(claims.claim, epoch, desk.now, desk.now + VALID_FOR, 9)
    assert [one.chat_id for one in claimed.leaving] == [MAYA]


async def test_one_who_blocked_the_bot_there_stays_blocked_there(removal: Removal) -> None:
    code = await removal.code()
    await removal.desk.db.write(lambda c: readers.change(c, MAYA, state="blocked", away_since=SEVEN))
    assert (await removal.move(code)).state == "active"
    assert (await removal.reader(MAYA)).state == "blocked"


async def refused(removal: Removal, code: str, chat_id: int = NEW) -> str:
    with pytest.raises(UserError) as error:
        await removal.move(code, chat_id)
    return error.value.key


async def test_a_code_works_once_and_the_same_update_again_is_answered_as_before(removal: Removal) -> None:
    await removal.desk.join(NEW + 1)
    code = await removal.code()
    update = await removal.update()
    moved = await removal.moving.move(update, await removal.reader(NEW), code)
    assert await removal.moving.move(update, await removal.reader(NEW), code) == moved
    assert len(await removal.desk.rows(deliveries)) == 1
    assert await refused(removal, code, NEW + 1) == "move.wrong"


async def test_a_code_is_good_for_an_hour_and_a_new_one_ends_it(removal: Removal) -> None:
    code = await removal.code()
    newer = await removal.code()
    assert await refused(removal, code) == "move.wrong"
    removal.desk.now += VALID_FOR
    assert await refused(removal, newer) == "move.wrong"
    assert (await removal.move(await removal.code())).days == "weekends"


async def test_only_a_hash_of_the_code_is_kept(removal: Removal) -> None:
    code = await removal.code()
    (row,) = await removal.desk.rows(moving_codes)
    assert row.code_hash == fingerprint(code)
    assert code.replace("-", "") not in removal.desk.db.path.read_bytes().decode("latin-1")


async def test_the_account_that_shows_the_code_cannot_use_it(removal: Removal) -> None:
    code = await removal.code()
    assert await refused(removal, code, MAYA) == "move.same"
    assert (await removal.move(code)).days == "weekends", "and the code is good still"


async def test_nobody_can_try_many_codes(removal: Removal) -> None:
    code = await removal.code()
    update = await removal.update()
    for _ in range(9):
        with pytest.raises(UserError):
            await removal.moving.move(update, await removal.reader(NEW), WRONG)
    assert len(await removal.desk.rows(moving_tries)) == 1, "an update that is repeated is one try"
    for _ in range(TRIES - 1):
        assert await refused(removal, WRONG) == "move.wrong"
    assert await refused(removal, WRONG) == "move.too_many"
    assert await refused(removal, code) == "move.too_many", "not even the right one"
    removal.desk.now += VALID_FOR
    assert await refused(removal, WRONG) == "move.wrong"
    assert (await removal.move(await removal.code())).days == "weekends"


async def test_codes_and_tries_are_forgotten(removal: Removal) -> None:
    await removal.code()
    await refused(removal, WRONG)
    later = SEVEN + 2 * VALID_FOR
    for prune in (moving.prune_codes, moving.prune_tries):
        assert [await removal.desk.db.write(prune, at, 9) for at in (SEVEN, later, later)] == [0, 1, 0]
