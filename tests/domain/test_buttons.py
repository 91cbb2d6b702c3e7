"""What buttons carry: small, readable back, and worth nothing when forged."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.buttons import CHANGING, LIMIT, Press, data, opened, sealed, token

KEY = b"k" * 32
CHAT = 7_100_000_001
VERBS = ("open", "page", "list", "go", "set", "save")
ARGUMENTS = st.lists(st.text(string.ascii_letters + string.digits + "/_-", max_size=9), max_size=3)


@given(st.sampled_from(VERBS), ARGUMENTS)
def test_what_is_sealed_fits_and_opens_again_in_its_chat(verb: str, arguments: list[str]) -> None:
    sent = sealed(data(verb, *arguments), KEY, CHAT)
    assert len(sent.encode()) <= LIMIT
    assert opened(sent, KEY, CHAT) == Press(verb, tuple(arguments))
    if verb in CHANGING:
        assert opened(sent, KEY, CHAT + 1) is None, "another chat"
        assert opened(sent, b"x" * 32, CHAT) is None, "another newsroom"
        assert opened(sent.partition("~")[0], KEY, CHAT) is None, "the signature cut off"
        assert all(opened(sent[:n], KEY, CHAT) is None for n in range(len(verb), len(sent))), "truncated"


def test_ten_thousand_random_values_change_nothing() -> None:
    chance = random.Random(4)
    letters = string.printable + "~~::ёжЁ\ud800😀"
    for _ in range(10_000):
        tail = "".join(chance.choices(letters, k=chance.randrange(60)))
        verb = chance.choice(("set", "save", "set:state:stopped~", "save:1:1~", ""))
        found = opened(verb + tail, KEY, CHAT)
        assert found is None or found.verb not in CHANGING


@given(st.text(st.characters(), max_size=80))
def test_any_text_can_be_read_as_a_press_or_is_none(received: str) -> None:
    found = opened(received, KEY, CHAT)
    assert found is None or all(0 <= found.number(place) < 10**15 for place in range(4))


@pytest.mark.parametrize(
    ("arguments", "number"),
    [(("12",), 12), (("007",), 7), (("",), 0), (("-1",), 0), (("١٢",), 0), (("9" * 16,), 0), ((), 0)],
)
def test_only_a_plain_number_is_a_number(arguments: tuple[str, ...], number: int) -> None:
    assert Press("open", arguments).number(0) == number


def test_what_cannot_be_read_back_is_refused() -> None:
    with pytest.raises(ValueError, match="separator"):
        data("set", "desks", "Tech: AI")
    with pytest.raises(ValueError, match="separator"):
        data("go", "a~b")
    with pytest.raises(ValueError, match="longer than 52 bytes"):
        data("set", "я" * 25)
    assert data("open", "x" * 59)
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        data("open", "x" * 60)


@given(st.text(st.characters(), max_size=80))
def test_every_name_has_a_token_that_fits_a_button(name: str) -> None:
    assert data("set", "desks", token(name), 1)
    assert token(name) == token(name)


def test_a_name_that_fits_is_its_own_token_and_others_differ() -> None:
    assert token("World") == "World"
    names = ("Tech: AI", "Tech; AI", "Наука и жизнь", "Наука и смерть", "x" * 21, "")
    assert len({token(name) for name in names}) == len(names)
