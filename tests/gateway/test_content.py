"""What Telegram brings as what we can send on: the words exactly as they are, and the files by their ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import message as m
from bot.domain.message import ALBUM_LIMIT, Entity, Kind, Media, Message, Style, Text
from bot.gateway import shape
from bot.gateway.content import content, kept

SIZES = [{"file_id": "small", "width": 90}, {"file_id": "large", "width": 900, "file_size": 5}]
FILES: dict[str, Any] = {
    "photo": SIZES,
    "video": {"file_id": "large", "duration": 3, "thumbnail": {"file_id": "small"}},
    "animation": {"file_id": "large"},
    "document": {"file_id": "large", "file_name": "private.txt"},
    "audio": {"file_id": "large", "performer": "Somebody"},
    "voice": {"file_id": "large"},
}


def test_every_kind_of_file_is_found_by_the_id_of_its_largest_size() -> None:
    for kind in Kind:
        found = content([{"message_id": 5, kind.value: FILES[kind.value], "caption": "Words"}])
        assert found == Message(Text("Words"), media=(Media(kind, "large"),))


def test_an_animation_is_none_the_less_one_for_being_a_document_too() -> None:
    found = content(
        [{"animation": {"file_id": "a"}, "document": {"file_id": "a"}, "has_media_spoiler": True}]
    )
    assert found == Message(Text(), media=(Media(Kind.ANIMATION, "a", hidden=True),))


@pytest.mark.parametrize(
    "sent",
    [{}, {"sticker": {"file_id": "s"}}, {"poll": {}}, {"caption": "of something else"}, {"photo": []}],
    ids=str,
)
def test_what_a_bot_cannot_send_on_is_nothing(sent: dict[str, Any]) -> None:
    assert content([{"message_id": 5, **sent}]) is None


def test_the_parts_of_an_album_are_one_message_with_all_their_words() -> None:
    parts = [
        {"photo": SIZES, "caption": "One"},
        {"video": FILES["video"]},
        {"photo": SIZES, "caption": "Two"},
    ]
    found = content(parts)
    assert found is not None
    assert found.text == Text("One\n\nTwo")
    assert [one.kind for one in found.media] == [Kind.PHOTO, Kind.VIDEO, Kind.PHOTO]
    many = content(parts * 5)
    assert many is not None
    assert len(many.media) == ALBUM_LIMIT


def test_styles_that_a_bot_cannot_give_and_those_that_are_found_anew_fall_away() -> None:
    kinds = ("mention", "url", "bot_command", "custom_emoji", "text_mention", "bold", "of_tomorrow")
    styles = [{"type": kind, "offset": 0, "length": 2} for kind in kinds]
    found = content([{"text": "News", "entities": styles}])
    assert found == Message(Text("News", (Entity(Style.BOLD, 0, 2),)))


def test_only_what_is_sent_on_is_kept() -> None:
    message = {
        "message_id": 5,
        "date": 7,
        "from": {"id": 9, "first_name": "Irina"},
        "forward_origin": {"type": "hidden_user", "sender_user_name": "Somebody"},
        "caption": "Words",
        "caption_entities": [
            {"type": "text_mention", "offset": 0, "length": 5, "user": {"first_name": "Irina"}}
        ],
        "media_group_id": "77",
        "has_media_spoiler": True,
        **FILES,
    }
    assert kept(message) == {
        "caption": "Words",
        "caption_entities": [],
        "media_group_id": "77",
        "has_media_spoiler": True,
        "photo": [{"file_id": "large", "width": 900}],
    }
    for kind, file in FILES.items():
        one = {"text": "x", kind: file}
        assert content([kept(one)]) == content([one])


@pytest.mark.parametrize(
    "odd",
    [{"photo": "x"}, {"photo": {}}, {"video": []}, {"video": {"file_id": 5}}, {"photo": [5]}],
    ids=str,
)
def test_what_is_no_file_is_left_out(odd: dict[str, Any]) -> None:
    assert kept(odd) == {}


@st.composite
def texts(draw: st.DrawFn) -> Text:
    words = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=8)
    pieces: list[m.Styled] = []
    for style in draw(st.lists(st.sampled_from([None, *Style]), min_size=1, max_size=8)):
        said = draw(words)
        at = datetime.fromtimestamp(draw(st.integers(0, 2**31)), UTC) if style is Style.TIME else None
        form = {Style.TIME: "Dt", Style.PRE: "python"}.get(style, "") if style else ""
        url = "https://herald.example/a" if style is Style.LINK else ""
        pieces.append(m.styled(style, said, url=url, at=at, form=form) if style else said)
    return m.concat(pieces)


@given(texts(), st.lists(st.builds(Media, st.sampled_from(Kind), st.just("file"), st.booleans()), max_size=1))
def test_what_is_sent_and_quoted_is_the_same_to_the_last_unit(text: Text, media: list[Media]) -> None:
    message = Message(text, media=tuple(media))
    _, sent = shape.sending(5, message, b"k")
    words = ("text", "entities", "caption", "caption_entities")
    told: dict[str, Any] = {name: sent[name] for name in words if name in sent}
    for one in media:
        file = {"file_id": sent[one.kind.value]}
        told |= {one.kind.value: [file] if one.kind is Kind.PHOTO else file, "has_media_spoiler": one.hidden}
    assert content([told]) == message
    assert m.from_document(m.to_document(message)) == message
