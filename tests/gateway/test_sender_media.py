"""Pictures, films, files and albums out: by their ids, with their words, and what is left where they are refused."""

from __future__ import annotations

import pytest

from bot.domain import message as m
from bot.domain.delivery import Outcome
from bot.domain.message import Button, Kind, Media, Message, Style, Text
from bot.domain.splitting import bare
from bot.gateway.pacing import Book
from bot.playground.faults import refuse
from tests.gateway.rig import MAYA, Gateway

WORDS = (
    m.bold("Bridge closed")
    + " 👷 "
    + m.styled(Style.SPOILER, "today")
    + m.link(" Herald", "https://herald.example/")
)
ROWS = ((Button("Save", "save:1:1"),),)
REFUSALS = (
    "Bad Request: wrong file identifier/HTTP URL specified",
    "Bad Request: wrong remote file identifier specified: Wrong character in the string",
    "Bad Request: can't use file of type Document as Photo",
    "Bad Request: MEDIA_EMPTY",
    "Bad Request: IMAGE_PROCESS_FAILED",
    "Bad Request: PHOTO_INVALID_DIMENSIONS",
    "Bad Request: message caption is too long",
    "Bad Request: VOICE_MESSAGES_FORBIDDEN",
    "Bad Request: FILE_REFERENCE_EXPIRED",
)


async def go() -> bool:
    return True


def file_of(gateway: Gateway, kind: Kind) -> str:
    """The id of a file that Maya sent."""
    sent = gateway.telegram.send(MAYA, kind.value)[kind.value]
    return str(sent[-1]["file_id"] if kind is Kind.PHOTO else sent["file_id"])


@pytest.mark.parametrize("kind", Kind)
async def test_a_file_arrives_by_its_id_with_its_words_and_buttons(gateway: Gateway, kind: Kind) -> None:
    file_id = file_of(gateway, kind)
    receipt = await gateway.push(Message(WORDS, ROWS, media=(Media(kind, file_id),), silent=True))
    shown = gateway.telegram.last(MAYA)
    assert (receipt.outcome, receipt.sent_id) == (Outcome.SENT, shown["message_id"])
    found = shown[kind.value][-1] if kind is Kind.PHOTO else shown[kind.value]
    assert found["file_id"] == file_id
    assert shown["caption"] == WORDS.plain
    assert [one["type"] for one in shown["caption_entities"]] == ["bold", "spoiler", "text_link"]
    assert shown["reply_markup"]["inline_keyboard"][0][0]["text"] == "Save"
    (asked,) = gateway.asked(f"send{kind.capitalize()}")
    assert asked["disable_notification"] is True
    assert "has_media_spoiler" not in shown


async def test_what_is_covered_stays_covered(gateway: Gateway) -> None:
    media = tuple(Media(Kind.PHOTO, file_of(gateway, Kind.PHOTO), hidden=True) for _ in range(2))
    await gateway.push(Message(Text(), media=media[:1]))
    await gateway.push(Message(Text(), media=media))
    assert [one.get("has_media_spoiler") for one in gateway.telegram.messages(MAYA)[-3:]] == [True] * 3


@pytest.mark.parametrize("kinds", [("photo", "video", "photo"), ("document", "document"), ("audio", "audio")])
async def test_an_album_arrives_in_order_without_buttons_and_is_known_by_its_first_part(
    gateway: Gateway, kinds: tuple[str, ...]
) -> None:
    media = tuple(Media(Kind(kind), file_of(gateway, Kind(kind))) for kind in kinds)
    receipt = await gateway.push(Message(WORDS, ROWS, media=media))
    parts = gateway.telegram.messages(MAYA)[-len(kinds) :]
    assert (receipt.outcome, receipt.sent_id) == (Outcome.SENT, parts[0]["message_id"])
    assert len({part["media_group_id"] for part in parts}) == 1
    assert [kind in part for kind, part in zip(kinds, parts, strict=True)] == [True] * len(kinds)
    assert [part.get("caption") for part in parts] == [WORDS.plain, *[None] * (len(kinds) - 1)]
    assert not any("reply_markup" in part for part in parts)
    first = gateway.telegram.last(MAYA)["message_id"]
    answered = await gateway.sender.send(MAYA, Message(WORDS, media=media), reply_to=first)
    assert answered == first + 1
    assert gateway.telegram.last(MAYA)["reply_to_message"]["message_id"] == first


async def test_the_words_under_media_are_changed_and_the_media_stay(gateway: Gateway) -> None:
    one = (Media(Kind.PHOTO, file_of(gateway, Kind.PHOTO)),)
    for media in (one, one * 3):
        sent = (await gateway.push(Message(WORDS, ROWS, media=media))).sent_id
        for _ in range(2):
            changed = await gateway.sender.alter(MAYA, sent, Message(m.bold("Open"), media=media), go)
            assert changed is not None
            assert changed.outcome is Outcome.SENT
        (shown,) = (part for part in gateway.telegram.messages(MAYA) if part["message_id"] == sent)
        assert (shown["caption"], shown["photo"][0]["file_id"]) == ("Open", one[0].file_id)
        await gateway.sender.edit(MAYA, sent, Message(Text("Again closed"), ROWS, media=media))
        deleted = await gateway.sender.alter(MAYA, sent, None, go)
        assert deleted is not None
        assert deleted.outcome is Outcome.SENT


@pytest.mark.parametrize("description", REFUSALS)
async def test_media_that_are_refused_leave_their_words(gateway: Gateway, description: str) -> None:
    message = Message(WORDS, ROWS, silent=True, media=(Media(Kind.PHOTO, file_of(gateway, Kind.PHOTO)),))
    gateway.telegram.faults.add("sendPhoto", refuse(400, description))
    refused = await gateway.push(message)
    assert (refused.outcome, refused.about_content) == (Outcome.FAILED, True)
    assert bare(message) == Message(Text(WORDS.plain), silent=True)
    assert (await gateway.push(bare(message))).outcome is Outcome.SENT
    assert gateway.telegram.last(MAYA)["text"] == WORDS.plain


async def test_a_file_that_telegram_does_not_know_leaves_its_words_or_nothing(gateway: Gateway) -> None:
    gone = (Media(Kind.VIDEO, "playground-video-999"),)
    assert (await gateway.push(Message(WORDS, media=gone))).about_content
    assert not (await gateway.push(Message(Text(), media=gone))).about_content, (
        "there are no words to send instead"
    )
    assert (await gateway.push(Message(WORDS, media=gone * 2))).about_content
    await gateway.sender.send(MAYA, Message(WORDS, media=gone))
    assert gateway.telegram.last(MAYA)["text"] == WORDS.plain


def test_an_album_counts_as_many_messages_as_it_has_parts() -> None:
    book = Book(rate=10)
    book.take(MAYA, 0.0)
    one = book.free_at()
    book.counted(1)
    assert book.free_at() == one
    book.counted(10)
    assert book.free_at() == pytest.approx(one + 0.9)
