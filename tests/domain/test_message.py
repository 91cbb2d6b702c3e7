"""Text and entities: every range keeps lying over the words it was laid on."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import message as m
from bot.domain.message import Button, Entity, Kind, Media, Message, Style, Text

WORDS = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30)


def covered(text: Text, entity: Entity) -> str:
    encoded = text.plain.encode("utf-16-le", "surrogatepass")
    return encoded[2 * entity.offset : 2 * entity.end].decode("utf-16-le", "surrogatepass")


def test_lengths_are_counted_in_utf16_units() -> None:
    assert m.units("a") == 1
    assert m.units("я") == 1
    assert m.units("😀") == 2
    assert len(m.bold("👩‍🚀")) == 5


@given(st.lists(st.tuples(WORDS, st.sampled_from([None, *Style]))))
def test_joined_pieces_keep_their_ranges(pieces: list[tuple[str, Style | None]]) -> None:
    whole = m.concat(m.styled(style, words) if style else words for words, style in pieces)
    assert whole.plain == "".join(words for words, _ in pieces)
    laid = [(style, words) for words, style in pieces if style and words]
    assert [(entity.style, covered(whole, entity)) for entity in whole.entities] == laid


@given(WORDS, WORDS, WORDS, st.data())
def test_a_slice_has_the_words_and_the_ranges_of_its_part(
    a: str, b: str, c: str, data: st.DataObject
) -> None:
    text = a + m.bold(b) + c
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    part = text.slice(start, end)
    assert len(part) == end - start
    for entity in part.entities:
        assert entity.length > 0
        assert 0 <= entity.offset < entity.end <= len(part)
        assert covered(part, entity).encode("utf-16-le", "surrogatepass") in b.encode("utf-16-le")


def test_stripping_moves_the_ranges_along() -> None:
    text = (" \n" + m.bold("a b") + " ").strip()
    assert text == Text("a b", (Entity(Style.BOLD, 0, 3),))


def test_nothing_is_styled_where_there_are_no_words() -> None:
    assert m.bold("") == Text()
    assert m.link("here", "") == Text("here")


def test_empty_pieces_leave_no_separator() -> None:
    assert m.join(" · ", ["a", "", Text(), m.bold("b")]).plain == "a · b"


def test_an_outer_range_stands_before_an_inner_one_at_the_same_place() -> None:
    text = m.quote(m.bold("a") + "b")
    assert [entity.style for entity in text.entities] == [Style.QUOTE, Style.BOLD]


def test_a_template_takes_words_numbers_and_styled_text() -> None:
    at = datetime(2026, 11, 24, 7, tzinfo=UTC)
    text = m.fill("<b>Done {n}.</b> At {when}, <i>so</i> {{be}} it.", n=3, when=m.clock("07:00", at))
    assert text.plain == "Done 3. At 07:00, so {be} it."
    assert [(e.style, covered(text, e)) for e in text.entities] == [
        (Style.BOLD, "Done 3."),
        (Style.TIME, "07:00"),
        (Style.ITALIC, "so"),
    ]


@given(WORDS)
def test_a_value_is_never_read_as_a_template(words: str) -> None:
    hostile = words + "<b>{n}</b>"
    assert m.fill("<b>{it}</b>", it=hostile) == m.bold(hostile)


def test_a_template_without_its_value_is_refused() -> None:
    with pytest.raises(KeyError):
        m.fill("{name}")


def test_a_message_survives_being_kept() -> None:
    at = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    text = m.link("a", "https://example.org/") + m.clock("07:30", at, "Dt") + m.folded("long")
    message = Message(
        text,
        ((Button("1", "read:s1"), Button("Page", url="https://example.org/")),),
        "https://e.org",
        silent=True,
    )
    assert m.from_document(m.to_document(message)) == message


@st.composite
def kept_messages(draw: st.DrawFn) -> Message:
    places = st.integers(0, 2**20)
    moments = st.none() | st.integers(0, 2**32).map(lambda unix: datetime.fromtimestamp(unix, UTC))
    entities = st.builds(Entity, st.sampled_from(Style), places, places, WORDS, moments, WORDS)
    buttons = st.builds(Button, WORDS, WORDS, WORDS)
    media = st.builds(Media, st.sampled_from(Kind), WORDS, st.booleans())
    return Message(
        Text(draw(WORDS), tuple(draw(st.lists(entities, max_size=3)))),
        tuple(map(tuple, draw(st.lists(st.lists(buttons, max_size=2), max_size=2)))),
        draw(WORDS),
        draw(st.booleans()),
        draw(places),
        tuple(draw(st.lists(media, max_size=3))),
    )


@given(kept_messages())
def test_any_message_survives_being_kept_as_json(message: Message) -> None:
    assert m.from_document(json.loads(json.dumps(m.to_document(message)))) == message


def test_what_was_kept_before_there_were_media_is_read() -> None:
    old = {
        "text": "News",
        "entities": [["bold", 0, 4, "", None, ""]],
        "rows": [],
        "preview": "",
        "silent": False,
    }
    assert m.from_document(old) == Message(m.bold("News"))
    assert m.to_document(Message(m.bold("News"))) == old, "its fingerprint is the same as ever"
