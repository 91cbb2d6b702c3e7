"""What people do in their Telegram client: start, write, edit, press, block."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.errors import PaperboyError
from bot.playground.methods.sending import document_of, photo_of
from bot.playground.people import crowd
from bot.playground.rules.cleaning import clean, is_empty
from bot.playground.rules.detection import find_entities
from bot.playground.rules.formatted import TEXT_LIMIT
from bot.playground.samples import SIDES, sample_photo, sample_sticker, sample_voice, sticker_fields

if TYPE_CHECKING:
    from bot.playground.exchange import Exchange
    from bot.playground.people import Person
    from bot.playground.state import Message, StoredFile

_FIRST_CALLBACK = 3_918_204_400_000_000_000


class Impossible(PaperboyError):
    """Something that no Telegram client lets its user do; `str()` says why."""


class Visitors:
    """The people's side of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def person(self, person_id: int) -> Person:
        """Somebody by id.

        Raises:
            Impossible: there is nobody with this id.
        """
        person = self._exchange.state.people.get(person_id)
        if person is None:
            raise Impossible(f"there is nobody with the id {person_id}")
        return person

    def add_person(self, person: Person) -> None:
        """Let one more person in, or change one who is there."""
        self._exchange.record("person", **person.as_record())

    def add_people(self, size: int) -> list[int]:
        """Let in a crowd of readers who have pressed Start; their ids."""
        people = list(crowd(size))
        for person in people:
            self.add_person(person)
        return [person.id for person in people]

    def start(self, person_id: int, payload: str = "") -> Message:
        """Press Start, Restart, or a link to the bot.

        Args:
            person_id: who.
            payload: what the link carries.

        Raises:
            Impossible: the payload is one that a client does not follow (SPEC "Deep linking").
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
            raise Impossible("a start link carries at most 64 of A-Z a-z 0-9 _ -")
        person = self.person(person_id)
        if person.blocked:
            self.block(person_id, blocked=False)
        if not person.started:
            self.add_person(replace(self.person(person_id), started=True))
        return self.say(person_id, f"/start {payload}".rstrip())

    def say(self, person_id: int, text: str, reply_to: int | None = None) -> Message:
        """Write a message.

        Raises:
            Impossible: the person has not started or has blocked the bot, the text is empty or too long, or the
                message that is replied to is not there.
        """
        person = self._writer(person_id)
        replied = self._message(person_id, reply_to) if reply_to is not None else None
        return self._exchange.post(person, _content(text), by_bot=False, reply_to=replied)

    def edit(self, person_id: int, message_id: int, text: str) -> Message:
        """Change a message of one's own.

        Raises:
            Impossible: as for `say`, or the message is not a text of this person's.
        """
        self._writer(person_id)
        message = self._message(person_id, message_id)
        if self._exchange.is_from_bot(message) or "text" not in message:
            raise Impossible("only texts of one's own can be edited")
        revised = self._exchange.revise(message, _content(text))
        self._exchange.announce("edited_message", revised)
        return revised

    def press(self, person_id: int, message_id: int, row: int, column: int) -> str:
        """Press a button, counted from 0; the id of the callback query.

        Raises:
            Impossible: there is no such button, or it is none that the bot hears of.
        """
        message = self._message(person_id, message_id)
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
            raise Impossible("there is no such button")
        button = rows[row][column]
        if "callback_data" not in button:
            raise Impossible("this button opens a page or copies a text; the bot does not hear of it")
        return self.press_data(person_id, message_id, button["callback_data"])

    def press_data(self, person_id: int, message_id: int, data: str) -> str:
        """Send data as if a button of the message held it, as a forged client can (SPEC CallbackQuery)."""
        person = self._writer(person_id)
        message = self._exchange.find(person_id, message_id)
        gone = {"chat": person.as_chat(), "message_id": message_id, "date": 0}
        callback_id = str(_FIRST_CALLBACK + self._exchange.state.last_callback + 1)
        self._exchange.record("callback", id=callback_id, at=self._exchange.clock().timestamp())
        query = {
            "id": callback_id,
            "from": person.as_user(),
            "message": message or gone,
            "chat_instance": str(-(person_id * 31)),
            "data": data,
        }
        self._exchange.announce("callback_query", query)
        return callback_id

    def block(self, person_id: int, *, blocked: bool = True) -> None:
        """Block the bot, or let it write again; it is told either way (SPEC Update, my_chat_member).

        Raises:
            Impossible: the person never started the bot.
        """
        person = self.person(person_id)
        if not person.started:
            raise Impossible("who never started the bot cannot block it")
        if person.blocked == blocked:
            return
        self.add_person(replace(person, blocked=blocked))
        member = {"user": self._exchange.bot, "status": "member"}
        kicked = {"user": self._exchange.bot, "status": "kicked", "until_date": 0}
        change = {
            "chat": person.as_chat(),
            "from": person.as_user(),
            "date": self._exchange.unix(),
            "old_chat_member": member if blocked else kicked,
            "new_chat_member": kicked if blocked else member,
        }
        self._exchange.announce("my_chat_member", change)

    def deactivate(self, person_id: int) -> None:
        """Delete the account, of which a bot is not told."""
        self.add_person(replace(self.person(person_id), deactivated=True))

    def send_photo(self, person_id: int) -> Message:
        """Send a small photo."""
        details = {"width": SIDES[0], "height": SIDES[1]}
        stored = self._file(person_id, "sunrise.png", "image/png", sample_photo(), details)
        return self._post(person_id, {"photo": photo_of(stored)})

    def send_sticker(self, person_id: int) -> Message:
        """Send a sticker."""
        stored = self._file(person_id, "newspaper.png", "image/png", sample_sticker())
        return self._post(person_id, {"sticker": {**_file_fields(stored), **sticker_fields()}})

    def send_voice(self, person_id: int) -> Message:
        """Send a voice message of three seconds."""
        stored = self._file(person_id, "voice.ogg", "audio/ogg", sample_voice())
        fields = {**_file_fields(stored), "duration": 3, "mime_type": "audio/ogg"}
        return self._post(person_id, {"voice": fields})

    def send_document(self, person_id: int, name: str, content_type: str, data: bytes) -> Message:
        """Send a document from one's own machine.

        Raises:
            Impossible: as for `say`, or the document is empty.
        """
        if not data:
            raise Impossible("a document has something in it")
        return self._post(
            person_id, {"document": document_of(self._file(person_id, name, content_type, data))}
        )

    def _file(
        self,
        person_id: int,
        name: str,
        content_type: str,
        data: bytes,
        details: dict[str, int] | None = None,
    ) -> StoredFile:
        self._writer(person_id)
        return self._exchange.keep_file(name, content_type, data, details)

    def _post(self, person_id: int, content: dict[str, Any]) -> Message:
        return self._exchange.post(self.person(person_id), content, by_bot=False)

    def _writer(self, person_id: int) -> Person:
        person = self.person(person_id)
        if person.deactivated:
            raise Impossible("the account is deleted")
        if not person.started:
            raise Impossible("the chat begins with Start")
        if person.blocked:
            raise Impossible("the bot is blocked")
        return person

    def _message(self, person_id: int, message_id: int) -> Message:
        message = self._exchange.find(person_id, message_id)
        if message is None:
            raise Impossible(f"there is no message {message_id} in this chat")
        return message


def _content(text: str) -> dict[str, Any]:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Impossible("a text is well-formed Unicode") from None
    text, _ = clean(text, [])
    if is_empty(text):
        raise Impossible("the message is empty")
    if len(text) > TEXT_LIMIT:
        raise Impossible("a client would send this as several messages")
    entities = find_entities(text)
    return {"text": text, **({"entities": entities} if entities else {})}


def _file_fields(stored: StoredFile) -> dict[str, Any]:
    return {
        "file_id": stored.id,
        "file_unique_id": f"unique-{stored.id}",
        "file_size": len(stored.data),
    }
