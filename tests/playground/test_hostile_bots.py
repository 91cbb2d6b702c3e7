"""Whatever a bot sends, a method does it or refuses it, and never breaks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground.methods.table import METHODS
from bot.playground.parameters import Upload, typed
from bot.playground.people import CAST
from bot.playground.playground import Playground
from bot.playground.rules.refusal import Refusal
from bot.playground.samples import sample_photo

MAYA = CAST[0].id
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)

WORDS = st.text(max_size=20) | st.sampled_from(
    [
        str(MAYA),
        "1",
        "2",
        "HTML",
        "bold",
        "text_link",
        "https://a.example/",
        "chat",
        "default",
        "attach://text",
        "[]",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS
FIELDS = st.sampled_from(
    [
        *("type", "offset", "length", "url", "unix_time", "text", "callback_data", "inline_keyboard"),
        *("force_reply", "message_id", "chat_id", "command", "description", "copy_text", "is_disabled"),
    ]
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | WORDS, inner, max_size=4)
)
BUTTONS = st.fixed_dictionaries({"text": LEAVES}, optional={"url": LEAVES, "callback_data": LEAVES})
ENTITIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["bold", "code", "text_link", "date_time", "blockquote"]),
        "offset": st.integers(-1, 20),
        "length": st.integers(-1, 20),
    },
    optional={"url": LEAVES, "unix_time": LEAVES, "date_time_format": LEAVES},
)
LIKELY = (
    st.just(MAYA)
    | st.integers(0, 5)
    | st.lists(ENTITIES, max_size=4)
    | st.builds(lambda rows: {"inline_keyboard": rows}, st.lists(st.lists(BUTTONS, max_size=3), max_size=3))
)
VALUES = ANYTHING | LIKELY | LIKELY.map(json.dumps) | ANYTHING.map(json.dumps)
UPLOADS = st.sampled_from([Upload("a.png", "image/png", sample_photo()), Upload("", "", b"x")])


@pytest.mark.parametrize(
    "method", [method for method in METHODS.values() if method.run], ids=lambda m: m.name
)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_a_bot_sends_is_done_or_refused(method: Any, data: st.DataObject) -> None:
    playground = Playground(token="5:x", clock=lambda: NOON)
    playground.start(MAYA)
    playground._exchange.post(playground.person(MAYA), {"text": "News"}, by_bot=True)
    required = {"chat_id": st.just(str(MAYA)) | LEAVES} if "chat_id" in method.signature else {}
    optional = dict.fromkeys(method.signature.keys() - required.keys(), VALUES | UPLOADS)
    raw = data.draw(st.fixed_dictionaries(required, optional=optional))
    try:
        done = method.run(playground._exchange, typed(method.name, method.signature, raw))
    except Refusal as refusal:
        assert refusal.description.startswith(("Bad Request: ", "Forbidden: "))  # noqa: PT017 - either outcome is right
        return
    json.dumps(done.result, ensure_ascii=False).encode()
    json.dumps(list(playground._exchange.state.records()), ensure_ascii=False).encode()
