"""What people do in their Telegram client: start, write, edit, press, block."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.errors import PaperboyError
from bot.playground.attachments import attached, check_album, file_fields
from bot.playground.people import crowd
from bot.playground.rules.cleaning import clean, is_empty
from bot.playground.rules.detection import add_found
from bot.playground.rules.entities import place_entities
from bot.playground.rules.formatted import TEXT_LIMIT
from bot.playground.rules.refusal import Refusal
from bot.playground.samples import (
    SIDES,
    sample_film,
    sample_photo,
    sample_song,
    sample_sticker,
    sample_voice,
    sticker_fields,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.playground.exchange import Exchange
    from bot.playground.people import Person
    from bot.playground.rules.cleaning import Entity
    from bot.playground.state import Message, StoredFile

_FIRST_CALLBACK = 3_918_204_400_000_000_000
_FIRST_ALBUM = 13_800_000_000_000_000
_SHAPE = {"width": SIDES[0], "height": SIDES[1]}
_SAMPLES = {
    "photo": ("sunrise.png", "image/png", sample_photo, _SHAPE),
    "video": ("sunrise.mp4", "video/mp4", sample_film, {**_SHAPE, "duration": 7}),
    "animation": ("waves.mp4", "video/mp4", sample_film, {**_SHAPE, "duration": 2}),
    "document": ("notes.txt", "text/plain", b"Notes\n".__bytes__, {}),
    "audio": ("song.mp3", "audio/mpeg", sample_song, {"duration": 181}),
    "voice": ("voice.ogg", "audio/ogg", sample_voice, {"duration": 3}),
}
"""What people have at hand: name, type, bytes, and what a message says of it besides."""


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

    def say(
        self,
        person_id: int,
        text: str,
        reply_to: int | None = None,
        *,
        entities: Sequence[Entity] = (),
        origin: dict[str, Any] | None = None,
    ) -> Message:
        """Write a message, or forward one.

        Args:
            person_id: who.
            text: the words.
            reply_to: the message that is replied to; None for none.
            entities: how the words are formatted.
            origin: where a forwarded message is from (SPEC MessageOrigin); None for one's own.

        Raises:
            Impossible: the person has not started or has blocked the bot, the text is empty or too long, or the
                message that is replied to is not there.
        """
        person = self._writer(person_id)
        replied = self._message(person_id, reply_to) if reply_to is not None else None
        content = _content(text, entities) | ({"forward_origin": origin} if origin else {})
        return self._exchange.post(person, content, by_bot=False, reply_to=replied)

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

    def send(
        self,
        person_id: int,
        kind: str,
        caption: str = "",
        *,
        entities: Sequence[Entity] = (),
        origin: dict[str, Any] | None = None,
        covered: bool = False,
    ) -> Message:
        """Send what is at hand of a kind, or forward it.

        Args:
            person_id: who.
            kind: photo, video, animation, document, audio or voice.
            caption: the words under it; with Telegram Premium they may be as long as a text.
            entities: how the caption is formatted.
            origin: as for `say`.
            covered: blurred until it is tapped.

        Raises:
            Impossible: as for `say`.
        """
        file = self._sample(person_id, kind)
        more = {"has_media_spoiler": True} if covered else {}
        return self._post(person_id, {**attached(kind, file), **_under(caption, entities, origin), **more})

    def send_album(
        self,
        person_id: int,
        kinds: Sequence[str],
        caption: str = "",
        *,
        entities: Sequence[Entity] = (),
        origin: dict[str, Any] | None = None,
    ) -> list[Message]:
        """Send an album of what is at hand, the caption under its first part; the bot gets a message for each part.

        Raises:
            Impossible: as for `say`, or this is no album.
        """
        try:
            check_album(kinds)
        except Refusal as refusal:
            raise Impossible(refusal.description) from None
        files = [self._sample(person_id, kind) for kind in kinds]
        album = {"media_group_id": str(_FIRST_ALBUM + self._exchange.state.last_message)}
        words = [_under(caption, entities, origin)] + [_under("", (), origin)] * (len(kinds) - 1)
        return [
            self._post(person_id, {**album, **attached(kind, file), **under})
            for kind, file, under in zip(kinds, files, words, strict=True)
        ]

    def send_photo(self, person_id: int, caption: str = "") -> Message:
        """Send a small photo."""
        return self.send(person_id, "photo", caption)

    def send_sticker(self, person_id: int) -> Message:
        """Send a sticker."""
        stored = self._file(person_id, "newspaper.png", "image/png", sample_sticker(), kind="sticker")
        return self._post(person_id, {"sticker": {**file_fields(stored), **sticker_fields()}})

    def send_voice(self, person_id: int) -> Message:
        """Send a voice message of three seconds."""
        return self.send(person_id, "voice")

    def send_document(self, person_id: int, name: str, content_type: str, data: bytes) -> Message:
        """Send a document from one's own machine.

        Raises:
            Impossible: as for `say`, or the document is empty.
        """
        if not data:
            raise Impossible("a document has something in it")
        return self._post(person_id, attached("document", self._file(person_id, name, content_type, data)))

    def _sample(self, person_id: int, kind: str) -> StoredFile:
        if kind not in _SAMPLES:
            raise Impossible(f"nobody has a {kind} at hand")
        name, content_type, made, details = _SAMPLES[kind]
        return self._file(person_id, name, content_type, made(), details, kind=kind)

    def _file(
        self,
        person_id: int,
        name: str,
        content_type: str,
        data: bytes,
        details: dict[str, int] | None = None,
        kind: str = "document",
    ) -> StoredFile:
        self._writer(person_id)
        return self._exchange.keep_file(name, content_type, data, details, kind)

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


def _content(text: str, entities: Sequence[Entity] = ()) -> dict[str, Any]:
    text, found = _written(text, entities)
    if is_empty(text):
        raise Impossible("the message is empty")
    return {"text": text, **({"entities": found} if found else {})}


def _under(caption: str, entities: Sequence[Entity], origin: dict[str, Any] | None) -> dict[str, Any]:
    """The words under a picture or a file, and where both were forwarded from."""
    text, found = _written(caption, entities)
    content: dict[str, Any] = {"caption": text} if text else {}
    if text and found:
        content["caption_entities"] = found
    return content | ({"forward_origin": origin} if origin else {})


def _written(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Words as they arrive, with their own entities and those that Telegram finds."""
    try:
        text.encode()
        text, own = clean(text, place_entities(text, list(entities)))
    except UnicodeEncodeError:
        raise Impossible("a text is well-formed Unicode") from None
    except Refusal as refusal:
        raise Impossible(refusal.description) from None
    if len(text) > TEXT_LIMIT:
        raise Impossible("a client would send this as several messages")
    return text, add_found(text, own)
