"""An editor's own content sent to readers: whatever the command replies to, exactly as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.message import units
from bot.playground import people
from tests.town import READER, RUSSIAN, Papers, TownClock, labels, open_town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.town import Town

OWNER, OTHER = READER, RUSSIAN
TITLE = "Bridge over the Orrin closed after flood"
CROWD = tuple(people.crowd(3))
BOLD = {"type": "bold", "offset": 0, "length": 4}
CHANNEL = {
    "type": "channel",
    "chat": {"id": -100_123, "type": "channel", "title": "The Post"},
    "message_id": 7,
    "date": 1_795_000_000,
}
WORDS = "👷👷 Note: the bridge, the code and a secret.\nQuoted\n/read @herald #news"
STYLES = [
    {"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "5"},
    {"type": "bold", "offset": 5, "length": 5},
    {"type": "text_link", "offset": 15, "length": 6, "url": "https://herald.example/bridge?a=1&b=2"},
    {"type": "italic", "offset": 15, "length": 3},
    {"type": "pre", "offset": 27, "length": 4, "language": "python"},
    {"type": "spoiler", "offset": 38, "length": 6},
    {"type": "underline", "offset": 38, "length": 2},
    {"type": "expandable_blockquote", "offset": 46, "length": 6},
]
FOUND_ANEW = frozenset({"bot_command", "mention", "hashtag", "url"})


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """An owner, and four readers in three languages; one story."""
    clock, papers = TownClock(), Papers()
    papers.paper("herald").print("one", TITLE, clock(), text="The bridge is closed.")
    papers.paper("lens")
    async with open_town(tmp_path, clock=clock, papers=papers, admin_ids=(OWNER,)) as opened:
        await opened.news()
        await opened.join(OWNER)
        await opened.join(OTHER)
        for person in CROWD:
            opened.telegram.add_person(person)
            await opened.join(person.id)
        yield opened
        assert opened.refused() == []


async def sent_on(town: Town, message: dict[str, Any], command: str = "/broadcast") -> None:
    """The owner answers a message with the command, looks at what readers get, and sends it."""
    asked = await town.say(command, reply_to=message["message_id"])
    assert "Readers who get it: 5" in asked["text"]
    await town.press("Send now")
    town.clock.advance(seconds=15)
    for _ in range(3):
        await town.app.runner.run("broadcast")
        await town.app.runner.run("deliver")


def said(message: dict[str, Any], since: int = 0) -> list[tuple[Any, ...]]:
    """The entities of a text or a caption, from a unit on, less those that Telegram finds by itself: what, over which words, with what."""
    words = message.get("text", message.get("caption", "")).encode("utf-16-le")
    return [
        (
            one["type"],
            words[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le"),
            one.get("url"),
            one.get("language"),
        )
        for one in message.get("entities", message.get("caption_entities", []))
        if one["type"] not in FOUND_ANEW | {"custom_emoji"} and one["offset"] >= since
    ]


def newest(town: Town, person: int, number: int = 1) -> list[dict[str, Any]]:
    """The newest messages of the bot to a person."""
    return [one for one in town.telegram.messages(person) if one["from"]["is_bot"]][-number:]


def check_words(got: dict[str, Any], message: dict[str, Any]) -> None:
    """The words are there to the last unit, below who they are from."""
    field = "text" if "text" in message else "caption"
    above, _, below = got[field].partition("\n\n")
    assert above.strip("\u200f") in {"From the editors", "От редакции", "من هيئة التحرير"}
    assert below == message[field]
    assert said(got, since=units(above)) == said(message)


def prepared(town: Town) -> int:
    """How many drafts the editors were shown."""
    shown = [one for person in (OWNER, OTHER) for one in town.telegram.messages(person)]
    return sum("Send now" in row for one in shown for row in labels(one))


async def test_a_text_comes_with_its_formatting_to_the_last_unit(town: Town) -> None:
    message = town.telegram.say(OWNER, WORDS, entities=STYLES)
    await town.settled()
    await sent_on(town, message)
    for person in (OTHER, *(one.id for one in CROWD)):
        (got,) = newest(town, person)
        check_words(got, message)
        assert units(got["text"]) > units(WORDS)


@pytest.mark.parametrize("kind", ["photo", "video", "animation", "document", "audio", "voice"])
async def test_a_file_comes_with_its_words(town: Town, kind: str) -> None:
    message = town.telegram.send(OWNER, kind, "News 👷 of the day", entities=[BOLD])
    await town.settled()
    await sent_on(town, message)
    for person in (OTHER, CROWD[0].id):
        (got,) = newest(town, person)
        assert got[kind] == message[kind]
        check_words(got, message)


async def test_a_photo_that_is_covered_and_has_no_words_is_the_same_for_readers(town: Town) -> None:
    message = town.telegram.send(OWNER, "photo", covered=True)
    await town.settled()
    await sent_on(town, message)
    (got,) = newest(town, OTHER)
    assert (got["photo"], got["has_media_spoiler"]) == (message["photo"], True)


async def test_an_album_comes_whole_and_in_order_whichever_part_is_answered(town: Town) -> None:
    kinds = ("photo", "video", "photo")
    town.telegram.send_album(OWNER, ("photo", "photo"), "Another one")
    parts = town.telegram.send_album(OWNER, kinds, "News of the day", entities=[BOLD])
    await town.settled()
    await sent_on(town, parts[1])
    for person in (OTHER, CROWD[0].id):
        got = newest(town, person, 3)
        assert len({one["media_group_id"] for one in got}) == 1
        assert [one[kind] for one, kind in zip(got, kinds, strict=True)] == [
            one[kind] for one, kind in zip(parts, kinds, strict=True)
        ]
        check_words(got[0], parts[0])


async def test_a_forwarded_post_comes_as_the_editors_own(town: Town) -> None:
    post = town.telegram.say(OWNER, "News of the channel", entities=[BOLD], origin=CHANNEL)
    await town.settled()
    await sent_on(town, post)
    (got,) = newest(town, OTHER)
    check_words(got, post)
    assert "forward_origin" not in got
    album = town.telegram.send_album(OWNER, ("document", "document"), "Papers", origin=CHANNEL)
    await town.settled()
    await sent_on(town, album[1])
    assert [one["document"] for one in newest(town, OTHER, 2)] == [one["document"] for one in album]


async def test_what_the_editor_writes_behind_the_command_stands_above(town: Town) -> None:
    photo = town.telegram.send_photo(OWNER, "A sunrise")
    await town.settled()
    await town.say("/broadcast Look here.", reply_to=photo["message_id"])
    shown = [one.get("caption") for one in town.telegram.messages(OWNER)]
    assert "From the editors\n\nLook here.\n\nA sunrise" in shown


async def test_a_message_of_ours_about_a_story_means_the_story(town: Town) -> None:
    card = await town.say("/read s1")
    await town.say("/broadcast Look here.", reply_to=card["message_id"])
    assert newest(town, OWNER, 2)[0]["text"].startswith(f"From the editors\n\nLook here.\n\n{TITLE}")
    news = await town.say("/latest")
    for words in ("1 Look here.", "s1 Look here."):
        await town.say(f"/broadcast {words}", reply_to=news["message_id"])
        assert newest(town, OWNER, 2)[0]["text"].startswith(f"From the editors\n\nLook here.\n\n{TITLE}")
    own = town.telegram.say(OWNER, "News of the day")
    await town.settled()
    await town.say("/broadcast 1", reply_to=own["message_id"])
    assert newest(town, OWNER, 2)[0]["text"].startswith(f"From the editors\n\n{TITLE}")


async def test_what_cannot_be_sent_on_is_said(town: Town) -> None:
    sticker = town.telegram.send_sticker(OWNER)
    long = town.telegram.send(OWNER, "photo", "a" * 1025)
    album = town.telegram.send_album(OWNER, ("photo", "photo"))
    await town.settled()
    for message, words in (
        (sticker, "This cannot be sent to readers."),
        (long, "The words under this are too long"),
    ):
        assert (await town.say("/broadcast", reply_to=message["message_id"]))["text"].startswith(words)
    town.clock.advance(days=3)
    await town.app.runner.run("tidy")
    gone = await town.say("/broadcast", reply_to=album[0]["message_id"])
    assert gone["text"].startswith("The rest of this album is no longer kept.")
    assert prepared(town) == 0


async def test_commands_that_the_editor_did_not_write_here_do_nothing(town: Town) -> None:
    message = town.telegram.say(OWNER, "News of the day")
    command = town.telegram.say(OWNER, "Not yet", message["message_id"])
    await town.settled()
    town.telegram.say(OWNER, "/broadcast", message["message_id"], origin=CHANNEL)
    town.telegram.edit(OWNER, command["message_id"], "/broadcast")
    await town.settled()
    owner = {"id": OWNER, "is_bot": False, "first_name": "Maya"}
    group = {"id": -100_200, "type": "supergroup", "title": "Newsroom"}
    anonymous = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    text = {"text": "/broadcast", "entities": [{"type": "bot_command", "offset": 0, "length": 10}]}
    shape = {"message_id": 5, "date": 1_795_000_000, "reply_to_message": message, **text}
    await town.update(1, channel_post={**shape, "chat": {"id": -100_300, "type": "channel", "title": "Post"}})
    await town.update(2, message={**shape, "chat": group, "from": anonymous, "sender_chat": group})
    await town.update(3, message={**shape, "chat": group, "from": owner})
    await town.update(4, edited_message={**shape, "chat": {"id": OWNER, "type": "private"}, "from": owner})
    await town.say("/broadcast", OTHER, newest(town, OTHER)[0]["message_id"])
    assert prepared(town) == 0
