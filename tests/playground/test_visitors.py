"""What people can do in their client, and what no client lets them do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.playground.people import CAST, EDITH, Person
from bot.playground.playground import Playground
from bot.playground.samples import sample_photo
from bot.playground.visitors import Impossible

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.playground.conftest import Clock

MAYA = CAST[0].id


@pytest.fixture
def playground(clock: Clock) -> Playground:
    made = Playground(token="5:x", clock=clock)
    made.start(MAYA)
    return made


def newest_update(playground: Playground) -> dict[str, Any]:
    _, update = list(playground._exchange.state.pending.values())[-1]
    return update


def test_the_cast_speaks_three_languages_and_edith_is_there() -> None:
    assert [person.language_code for person in CAST] == ["en", "ru", "ar", "en"]
    assert CAST[3].id == EDITH
    assert CAST[3].first_name == "Edith"
    assert not any(person.started for person in CAST)


def test_a_chat_begins_with_start(playground: Playground) -> None:
    irina = CAST[1].id
    with pytest.raises(Impossible, match="begins with Start"):
        playground.say(irina, "hello")
    started = playground.start(irina, "story-17_x")
    assert started["text"] == "/start story-17_x"
    assert started["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert playground.person(irina).started
    assert playground.say(irina, "hello")["from"]["language_code"] == "ru"


@pytest.mark.parametrize("payload", ["x" * 65, "a b", "я", "a=b"])
def test_a_start_link_carries_only_what_clients_follow(playground: Playground, payload: str) -> None:
    with pytest.raises(Impossible, match="start link"):
        playground.start(MAYA, payload)


def test_restart_unblocks_first(playground: Playground) -> None:
    playground.block(MAYA)
    assert newest_update(playground)["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    waiting = playground.waiting_updates
    playground.block(MAYA)
    assert playground.waiting_updates == waiting
    playground.start(MAYA)
    assert not playground.person(MAYA).blocked
    assert playground.waiting_updates == waiting + 2


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda p: p.say(17, "a"), "nobody with the id 17"),
        (lambda p: p.say(MAYA, " \n\u200b"), "message is empty"),
        (lambda p: p.say(MAYA, "a" * 4097), "several messages"),
        (lambda p: p.say(MAYA, "\ud83d"), "well-formed"),
        (lambda p: p.say(MAYA, "a", reply_to=99), "no message 99"),
        (lambda p: p.edit(MAYA, 99, "a"), "no message 99"),
        (lambda p: p.edit(MAYA, p.send_photo(MAYA)["message_id"], "a"), "only texts of one's own"),
        (lambda p: p.press(MAYA, 1, 0, 0), "no such button"),
        (lambda p: p.block(CAST[1].id), "never started"),
    ],
)
def test_what_no_client_does_is_impossible(
    playground: Playground, act: Callable[[Playground], Any], reason: str
) -> None:
    with pytest.raises(Impossible, match=reason):
        act(playground)


def test_who_blocked_or_is_gone_cannot_write(playground: Playground) -> None:
    playground.block(MAYA)
    with pytest.raises(Impossible, match="bot is blocked"):
        playground.say(MAYA, "hello")
    playground.deactivate(MAYA)
    with pytest.raises(Impossible, match="account is deleted"):
        playground.send_voice(MAYA)


def test_a_text_is_cleaned_and_its_entities_found(playground: Playground) -> None:
    message = playground.say(MAYA, "  /read 3\r\n ")
    assert message["text"] == "/read 3"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 5}]


def test_an_edit_is_announced_with_its_date(playground: Playground, clock: Clock) -> None:
    own = playground.say(MAYA, "/stop")
    clock.forward(minutes=1)
    playground.edit(MAYA, own["message_id"], "never mind")
    edited = newest_update(playground)["edited_message"]
    assert (edited["text"], edited["edit_date"]) == ("never mind", own["date"] + 60)
    assert "entities" not in edited


def post(playground: Playground, *buttons: dict[str, Any]) -> int:
    content = {"text": "a", "reply_markup": {"inline_keyboard": [list(buttons)]}}
    message = playground._exchange.post(playground.person(MAYA), content, by_bot=True)
    return int(message["message_id"])


def test_a_press_carries_the_data_of_its_button_and_the_message(playground: Playground) -> None:
    message_id = post(playground, {"text": "a", "callback_data": "x"}, {"text": "b", "callback_data": "y"})
    pressed = [playground.press(MAYA, message_id, 0, column) for column in (1, 0)]
    query = newest_update(playground)["callback_query"]
    assert (query["id"], query["data"], query["message"]["message_id"]) == (pressed[1], "x", message_id)
    assert pressed[0] != pressed[1]


@pytest.mark.parametrize(
    "button", [{"text": "a", "url": "https://a.example/"}, {"text": "a", "copy_text": {"text": "x"}}]
)
def test_the_bot_does_not_hear_of_buttons_that_open_or_copy(
    playground: Playground, button: dict[str, Any]
) -> None:
    with pytest.raises(Impossible, match="does not hear of it"):
        playground.press(MAYA, post(playground, button), 0, 0)


@pytest.mark.parametrize(("row", "column"), [(1, 0), (0, 1), (-1, 0), (0, -1)])
def test_there_are_no_buttons_beside_the_keyboard(playground: Playground, row: int, column: int) -> None:
    with pytest.raises(Impossible, match="no such button"):
        playground.press(MAYA, post(playground, {"text": "a", "callback_data": "x"}), row, column)


def test_forged_data_reaches_the_bot_even_for_a_message_that_is_gone(playground: Playground) -> None:
    playground.press_data(MAYA, 999, "admin:everything")
    query = newest_update(playground)["callback_query"]
    assert query["data"] == "admin:everything"
    assert query["message"] == {"chat": CAST[0].as_chat(), "message_id": 999, "date": 0}


def test_photos_stickers_and_voice_messages_are_small_and_complete(playground: Playground) -> None:
    photo = playground.send_photo(MAYA)["photo"][0]
    assert playground._exchange.state.files[photo["file_id"]].data == sample_photo()
    assert photo["file_size"] < 10_000
    assert playground.send_sticker(MAYA)["sticker"]["emoji"] == "📰"
    document = playground.send_document(MAYA, "feeds.opml", "text/x-opml", b"<opml/>")["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == (
        "feeds.opml",
        "text/x-opml",
        7,
    )
    with pytest.raises(Impossible, match="something in it"):
        playground.send_document(MAYA, "nothing.txt", "text/plain", b"")
    assert playground.send_voice(MAYA)["voice"]["duration"] == 3


def test_a_crowd_has_started_and_is_the_same_each_time(playground: Playground, clock: Clock) -> None:
    ids = playground.add_people(1000)
    assert len(set(ids)) == 1000
    assert all(playground.person(number).started for number in ids)
    assert Playground(token="5:x", clock=clock).add_people(1000) == ids
    assert "username" not in playground.person(ids[0]).as_user()


def test_others_can_be_let_in(clock: Clock) -> None:
    playground = Playground(token="5:x", clock=clock, people=[Person(9, "Nine", started=True)])
    assert playground.say(9, "hello")["chat"] == {"id": 9, "first_name": "Nine", "type": "private"}
    playground.add_person(Person(10, "Ten", language_code="de"))
    assert playground.person(10).language_code == "de"


async def test_waiting_ends_with_what_was_found_or_in_time(playground: Playground) -> None:
    with pytest.raises(LookupError):
        playground.last(MAYA)
    with pytest.raises(TimeoutError):
        await playground.wait_for(lambda: playground.last(MAYA), timeout=0.01)
    assert await playground.wait_for(lambda: playground.messages(MAYA)[0]["text"]) == "/start"


async def test_a_press_without_an_answer_gives_none(playground: Playground) -> None:
    pressed = playground.press_data(MAYA, 1, "x")
    assert await playground.callback_answer(pressed, timeout=0.01) is None
