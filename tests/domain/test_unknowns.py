"""Why nobody knows whether a message arrived, and what it was."""

from __future__ import annotations

import pytest

from bot.domain.unknowns import Kind, Reason, Why, kind_of, reason
from bot.gateway.failures import CallFailed, receipt


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ("nobody has seen the end of sending this", Why.CRASH),
        ("", Why.CRASH),
        ("no answer in time", Why.NO_ANSWER),
        ("the connection broke (ServerDisconnectedError)", Why.BROKEN_OFF),
        ("status 502, and no answer of Telegram's", Why.NOT_TELEGRAMS),
        ("the result is no message", Why.NOT_TELEGRAMS),
        ("failed: ValueError", Why.OURS),
        ("no description", Why.SERVER_ERROR),
    ],
)
def test_our_own_sentences_are_known_and_nobodys_words_are_shown(kept: str, why: Why) -> None:
    assert reason(kept) == Reason(why)


@pytest.mark.parametrize(
    "words", ["Internal Server Error", "Bad Gateway", "status of the server", "Too Many Requests"]
)
def test_every_other_sentence_is_telegrams_and_is_kept(words: str) -> None:
    failure = CallFailed("sendMessage", 500, words)
    assert reason(receipt(failure).reason) == Reason(Why.SERVER_ERROR, words)


@pytest.mark.parametrize(
    ("dedupe", "broadcast_id", "kind"),
    [
        ("digest:7:2026-11-24:480", None, Kind.DIGEST),
        ("follow:7:12", None, Kind.STORY),
        ("broadcast:3:7", 3, Kind.BROADCAST),
        ("broadcast:3:7", None, Kind.BROADCAST),
        ("anything", 3, Kind.BROADCAST),
        ("answers:7:1", None, Kind.NOTICE),
        ("owner:disk:7", None, Kind.NOTICE),
    ],
)
def test_a_debt_is_known_by_its_name(dedupe: str, broadcast_id: int | None, kind: Kind) -> None:
    assert kind_of(dedupe, broadcast_id) is kind
