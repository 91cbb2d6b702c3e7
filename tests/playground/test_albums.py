"""Pictures, films, files and albums: sent by people with words under them, sent on by the bot, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.playground.playground import Playground
from bot.playground.visitors import Impossible

if TYPE_CHECKING:
    from pathlib import Path

    from tests.playground.conftest import Clock, Telegram

KINDS = ("photo", "video", "animation", "document", "audio", "voice")
BOLD = {"type": "bold", "offset": 0, "length": 4}
CHANNEL = {
    "type": "channel",
    "chat": {"id": -100_123, "type": "channel", "title": "The Post"},
    "message_id": 7,
    "date": 1_795_000_000,
}


def id_of(message: dict[str, Any], kind: str) -> str:
    found = message[kind]
    return str(found[-1]["file_id"] if kind == "photo" else found["file_id"])


def part(telegram: Telegram, kind: str = "photo", **more: Any) -> dict[str, Any]:
    """A part of an album, with a file that Maya has sent."""
    sent = telegram.playground.send(telegram.maya, kind)
    return {"type": kind, "media": id_of(sent, kind), **more}


async def album(telegram: Telegram, *parts: Any) -> Any:
    return await telegram.ok("sendMediaGroup", chat_id=telegram.maya, media=parts)


async def no_album(telegram: Telegram, *parts: Any) -> str:
    return await telegram.refused("sendMediaGroup", chat_id=telegram.maya, media=parts)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_person_sends_is_sent_on_by_its_id(telegram: Telegram, kind: str) -> None:
    told = telegram.playground.send(telegram.maya, kind, "News 👷", entities=[BOLD], origin=CHANNEL)
    (update,) = await telegram.updates()
    assert update["message"] == told
    assert (told["caption"], told["caption_entities"], told["forward_origin"]) == ("News 👷", [BOLD], CHANNEL)
    method = f"send{kind.capitalize()}"
    given = {"chat_id": telegram.maya, kind: id_of(told, kind), "caption": "News", "caption_entities": [BOLD]}
    sent = await telegram.ok(method, **given)
    assert (sent[kind], sent["caption_entities"]) == (told[kind], [BOLD])
    edited = await telegram.ok(
        "editMessageCaption", chat_id=telegram.maya, message_id=sent["message_id"], caption="Later"
    )
    assert (edited[kind], edited["caption"]) == (told[kind], "Later")
    too_long = await telegram.refused(method, **given | {"caption": "a" * 1025})
    assert too_long == "Bad Request: message caption is too long"
    unknown = await telegram.refused(method, **given | {kind: "playground-photo-999"})
    assert unknown == "Bad Request: wrong file identifier/HTTP URL specified"


async def test_a_file_is_shown_as_what_it_is(telegram: Telegram) -> None:
    photo, film = part(telegram)["media"], part(telegram, "video")["media"]
    assert (
        await telegram.refused("sendPhoto", chat_id=telegram.maya, photo=film)
        == "Bad Request: can't use file of type Video as Photo"
    )
    assert (
        await telegram.refused("sendVoice", chat_id=telegram.maya, voice=photo)
        == "Bad Request: can't use file of type Photo as VoiceNote"
    )
    assert "show it as what it is" in await telegram.refused("sendAudio", chat_id=telegram.maya, audio=film)
    assert "a covered document" in await no_album(
        telegram, *[part(telegram, "document", has_spoiler=True) for _ in range(2)]
    )


async def test_an_album_is_several_messages_with_one_number(telegram: Telegram) -> None:
    told = telegram.playground.send_album(telegram.maya, ("photo", "video", "photo"), "News", entities=[BOLD])
    updates = await telegram.updates()
    assert [update["message"] for update in updates] == told
    assert len({one["media_group_id"] for one in told}) == 1
    assert [one.get("caption") for one in told] == ["News", None, None]
    sent = await album(
        telegram,
        part(telegram, caption="News", caption_entities=[BOLD], has_spoiler=True),
        part(telegram, "video"),
    )
    assert [one["message_id"] for one in sent] == [sent[0]["message_id"], sent[0]["message_id"] + 1]
    assert {one["media_group_id"] for one in sent} != {told[0]["media_group_id"]}
    assert (sent[0]["caption_entities"], sent[0]["has_media_spoiler"]) == ([BOLD], True)
    assert "video" in sent[1]
    (call,) = telegram.playground.calls.of("sendMediaGroup")
    assert call.message_id == sent[0]["message_id"]
    edited = await telegram.ok(
        "editMessageCaption", chat_id=telegram.maya, message_id=sent[0]["message_id"], caption="Later"
    )
    assert (edited["media_group_id"], edited["has_media_spoiler"]) == (sent[0]["media_group_id"], True)


async def test_what_is_no_album_is_refused(telegram: Telegram) -> None:
    photo, film = part(telegram), part(telegram, "video")
    document, song, voice = (part(telegram, kind) for kind in ("document", "audio", "voice"))
    words = "Bad Request: "
    assert (
        await telegram.refused("sendMediaGroup", chat_id=telegram.maya)
        == words + 'parameter "media" is required'
    )
    assert await no_album(telegram) == words + "there are no messages to send"
    assert await no_album(telegram, *[photo] * 11) == words + "too many messages to send as an album"
    assert "an album of one" in await no_album(telegram, photo)
    assert (
        await no_album(telegram, photo, document) == words + "document can't be mixed with other media types"
    )
    assert await no_album(telegram, film, song) == words + "audio can't be mixed with other media types"
    assert 'type "voice" can\'t be used in sendMediaGroup' in await no_album(telegram, photo, voice)
    assert 'type "animation"' in await no_album(telegram, photo, photo | {"type": "animation"})
    assert "type of the media is invalid" in await no_album(telegram, photo, photo | {"type": "thing"})
    assert "as Photo" in await no_album(telegram, photo, film | {"type": "photo"})
    assert "wrong file identifier" in await no_album(
        telegram, photo, photo | {"media": "playground-photo-99"}
    )
    assert "no id of a file" in await no_album(telegram, photo, photo | {"media": "attach://one"})
    assert "no id of a file" in await no_album(telegram, photo, {"type": "photo"})
    assert "with supports_streaming" in await no_album(telegram, photo, film | {"supports_streaming": True})
    assert "caption is too long" in await no_album(telegram, photo, photo | {"caption": "a" * 1025})
    assert "expected an Array" in await no_album(telegram, photo, 5)
    blocked = len(telegram.playground.messages(telegram.maya))
    telegram.playground.block(telegram.maya)
    assert "blocked by the user" in await no_album(telegram, photo, photo)
    assert len(telegram.playground.messages(telegram.maya)) == blocked


async def test_nothing_is_uploaded_but_photos_and_documents(telegram: Telegram) -> None:
    form = aiohttp.FormData({"chat_id": str(telegram.maya)})
    form.add_field("video", b"x", filename="film.mp4")
    async with telegram.session.post(f"{telegram.api}/sendVideo", data=form) as response:
        assert "uploads of type video" in (await response.json())["description"]


async def test_no_client_sends_what_is_no_album_or_wrong_formatting(telegram: Telegram) -> None:
    people, maya = telegram.playground, telegram.maya
    for kinds in ((), ("photo",), ("photo",) * 11, ("photo", "document"), ("voice", "voice")):
        with pytest.raises(Impossible):
            people.send_album(maya, kinds)
    with pytest.raises(Impossible, match="sticker at hand"):
        people.send(maya, "sticker")
    with pytest.raises(Impossible, match="ends after the end"):
        people.say(maya, "abc", entities=[BOLD])
    with pytest.raises(Impossible, match="several messages"):
        people.send(maya, "photo", "a" * 4097)
    premium = people.send(maya, "photo", "a" * 4096)
    assert len(premium["caption"]) == 4096, "Telegram Premium"


def test_what_people_format_and_forward_is_as_telegram_has_it(clock: Clock) -> None:
    playground = Playground(token="5:x", clock=clock)
    maya = next(iter(playground._exchange.state.people))
    playground.start(maya)
    smile = {"type": "custom_emoji", "offset": 5, "length": 2, "custom_emoji_id": "5"}
    said = playground.say(maya, "News 👷 at https://herald.example/a", entities=[BOLD, smile], origin=CHANNEL)
    assert said["entities"] == [BOLD, smile, {"type": "url", "offset": 11, "length": 24}]
    assert said["forward_origin"] == CHANNEL


async def test_albums_are_there_after_a_restart(clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    playground = Playground(token="5:x", clock=clock, journal=file)
    maya = next(iter(playground._exchange.state.people))
    playground.start(maya)
    told = playground.send_album(maya, ("photo", "video"), "News")
    await playground.close()
    again = Playground(token="5:x", clock=clock, journal=file)
    assert again.messages(maya)[1:] == told
    assert [one.kind for one in again._exchange.state.files.values()] == ["photo", "video"]
    await again.close()
