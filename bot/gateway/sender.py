"""Messages out: paced, signed, and with a plain word about what became of them."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bot.domain.delivery import Outcome, Receipt
from bot.domain.splitting import bare
from bot.errors import DatabaseError
from bot.gateway import failures, shape
from bot.gateway.door import Lane
from bot.gateway.failures import CallFailed
from bot.gateway.pacing import MustRest
from bot.gateway.request import patiently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.message import Document, Message, Rows, Text
    from bot.gateway.pacing import Pacer
    from bot.gateway.request import Api

T = TypeVar("T")

log = logging.getLogger(__name__)

TRIES: Final = 3
"""How often an answer to a reader is tried where trying again does no harm."""
LONGEST_WAIT: Final = 20.0
"""Seconds; an answer that would have to wait longer is given up."""


UNNAMED: Final = 5.0
"""Seconds that a chat rests after a 429 that names no number."""
LONG_REST: Final = 5.0
"""Seconds that a push waits here for a chat that must rest after a 429; a longer rest it spends in the outbox."""


class Sender:
    """Everything that leaves for a chat goes through here.

    Args:
        api: the Bot API.
        pacer: who may go when.
        key: the key that signs buttons that change something.
        pause: waits so many seconds between two tries.
        on_refusal: told of every 429: the chat, and the seconds that it must rest.
    """

    def __init__(
        self,
        api: Api,
        pacer: Pacer,
        key: bytes,
        pause: Callable[[float], Awaitable[None]] = patiently,
        on_refusal: Callable[[int, float], Awaitable[None]] | None = None,
    ) -> None:
        self._api = api
        self._pacer = pacer
        self._key = key
        self._pause = pause
        self._on_refusal = on_refusal

    async def send(self, chat_id: int, message: Message, *, reply_to: int | None = None) -> int:
        """Answer a reader and return the message's id; of an album, that of its first part.

        What certainly did not arrive is tried again; what may have arrived is not.

        Raises:
            CallFailed: it was not delivered, or nobody knows.
        """

        async def once() -> int:
            self._refuse_while_halted("a message", chat_id)
            try:
                return await self._take_turn(chat_id, message, reply_to)
            except CallFailed as failure:
                plain = _without_what_is_refused(message, failure)
            return await self._take_turn(chat_id, plain, reply_to)

        return await self._insist(once, frozenset({Outcome.RETRY}))

    async def deliver(
        self, chat_id: int, message: Message, before: Callable[[], Awaitable[bool]], *, paid: bool = False
    ) -> Receipt | None:
        """Push a message once.

        Args:
            chat_id: where to.
            message: what.
            before: called when the message may leave, immediately before its first byte; False withdraws it.
            paid: whether it may go at the pace that is paid for (Bot API, allow_paid_broadcast).

        Returns:
            What is known afterwards; None if it was withdrawn, or its chat must rest for long.
        """
        # Made before it is said to leave: what cannot be made has certainly not left.
        method, parameters = self._shown(chat_id, message)
        if paid:
            parameters["allow_paid_broadcast"] = True

        async def leave() -> int:
            return _id_of(method, await self._call(method, chat_id, parameters))

        lane, parts = Lane.PAID if paid else Lane.PUSH, len(message.media) or 1
        found = await self._push(chat_id, leave, before, lane, parts)
        if found is not None and found.about_content and bare(message) == message:
            return replace(found, about_content=False)
        return found

    async def alter(
        self, chat_id: int, message_id: int, message: Message | None, before: Callable[[], Awaitable[bool]]
    ) -> Receipt | None:
        """Change a message that was pushed, or delete it where `message` is None, once; paced like `deliver`.

        One that is gone already counts as done: nobody sees anything else there.
        """
        method, shown = shape.changing(chat_id, message, self._key) if message else ("deleteMessage", {})

        async def leave() -> int:
            try:
                await self._call(method, chat_id, {"message_id": message_id, **shown})
            except CallFailed as failure:
                if not failures.is_not_there(failure) and failures.outcome(failure) is not Outcome.SENT:
                    raise
            return message_id

        return await self._push(chat_id, leave, before)

    async def _push(
        self,
        chat_id: int,
        leave: Callable[[], Awaitable[int]],
        before: Callable[[], Awaitable[bool]],
        lane: Lane = Lane.PUSH,
        messages: int = 1,
    ) -> Receipt | None:
        """Do something once when its turn has come and `before` agrees; None also where the chat must rest for long."""
        try:
            await self._pacer.turn(chat_id, lane, patience=LONG_REST)
            async with self._pacer.door(chat_id, lane, patience=LONG_REST, messages=messages) as flight:
                if not await before():
                    return None
                flight.departs()
                return Receipt(Outcome.SENT, await leave())
        except MustRest:
            return None
        except CallFailed as failure:
            return failures.receipt(failure)

    def rests(self, chat_id: int) -> float:
        """Seconds that this chat alone must rest after a 429; 0 for none."""
        return self._pacer.rests(chat_id)

    def halted(self) -> float:
        """Seconds that every chat must rest after a 429; 0 for none."""
        return self._pacer.halted()

    async def _take_turn(self, chat_id: int, message: Message, reply_to: int | None = None) -> int:
        """Send as an answer, when its turn has come."""
        await self._pacer.turn(chat_id, Lane.ANSWER)
        async with self._pacer.door(chat_id, Lane.ANSWER, messages=len(message.media) or 1):
            return await self._show(chat_id, message, reply_to)

    async def _show(self, chat_id: int, message: Message, reply_to: int | None = None) -> int:
        method, parameters = self._shown(chat_id, message, reply_to)
        return _id_of(method, await self._call(method, chat_id, parameters))

    def _shown(
        self, chat_id: int, message: Message, reply_to: int | None = None
    ) -> tuple[str, dict[str, Any]]:
        """The method that shows a message, and what it takes."""
        method, parameters = shape.sending(chat_id, message, self._key)
        if reply_to := reply_to or message.reply_to:
            parameters["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
        return method, parameters

    async def send_document(self, chat_id: int, document: Document, caption: Text) -> int:
        """Answer a reader with a file and return the message's id; tried again like any answer.

        Raises:
            CallFailed: it was not delivered, or nobody knows.
        """
        more = {"disable_content_type_detection": True}
        return await self._send_file("sendDocument", chat_id, ("document", document), caption, more)

    async def send_photo(self, chat_id: int, photo: Document, caption: Text) -> int:
        """Answer a reader with a picture and return the message's id; tried again like any answer.

        Raises:
            CallFailed: it was not delivered, or nobody knows.
        """
        return await self._send_file("sendPhoto", chat_id, ("photo", photo), caption, {})

    async def _send_file(
        self, method: str, chat_id: int, file: tuple[str, Document], caption: Text, more: dict[str, Any]
    ) -> int:
        """Upload a file, named as the method calls it, when its turn has come."""
        parameters = shape.caption(caption) | more

        async def once() -> int:
            self._refuse_while_halted(method, chat_id)
            await self._pacer.turn(chat_id, Lane.ANSWER)
            async with self._pacer.door(chat_id, Lane.ANSWER):
                return _id_of(method, await self._call(method, chat_id, parameters, file))

        return await self._insist(once, frozenset({Outcome.RETRY}))

    async def show_doing(self, chat_id: int, doing: str) -> None:
        """Let a chat show for five seconds what is being done; where it does not, nothing is lost."""
        try:
            await self._call("sendChatAction", chat_id, {"action": doing})
        except CallFailed as failure:
            log.info("a sign was not shown: %s", failure.description)

    async def fetch(self, file_id: str, most: int) -> bytes:
        """The content of a file that a reader sent.

        Raises:
            CallFailed: it cannot be had, or has more than `most` bytes.
        """
        return await self._api.download(file_id, most)

    def _refuse_while_halted(self, method: str, chat_id: int) -> float:
        """How many seconds this chat must still rest after a 429.

        Raises:
            CallFailed: longer than an answer is worth.
        """
        wait = self._pacer.halted_for(chat_id)
        if wait > LONGEST_WAIT:
            raise CallFailed(method, 429, "this chat must rest", retry_after=wait, was_sent=False)
        return wait

    async def edit(self, chat_id: int, message_id: int, message: Message) -> None:
        """Show `message` in the place of an earlier one; that it already looks so is no failure.

        Raises:
            CallFailed: the message could not be changed.
        """

        async def show(shown: Message) -> None:
            method, parameters = shape.changing(chat_id, shown, self._key)
            await self._change(method, chat_id, message_id, parameters)

        try:
            await show(message)
        except CallFailed as failure:
            await show(_without_what_is_refused(message, failure))

    async def edit_buttons(self, chat_id: int, message_id: int, rows: Rows) -> None:
        """Change only the keyboard under an earlier message.

        Raises:
            CallFailed: the message could not be changed.
        """
        keyboard = {"reply_markup": shape.keyboard(chat_id, rows, self._key)}
        await self._change("editMessageReplyMarkup", chat_id, message_id, keyboard)

    async def _change(self, method: str, chat_id: int, message_id: int, shown: dict[str, Any]) -> None:
        async def once() -> None:
            if wait := self._refuse_while_halted(method, chat_id):
                await self._pause(wait)
            await self._call(method, chat_id, {"message_id": message_id, **shown})

        try:
            # A change may be made twice without harm, so what nobody knows is tried again too.
            await self._insist(once, frozenset({Outcome.RETRY, Outcome.UNKNOWN}))
        except CallFailed as failure:
            if failures.outcome(failure) is not Outcome.SENT:
                raise

    async def _call(
        self, method: str, chat_id: int, parameters: dict[str, Any], file: tuple[str, Document] | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """Call a method for a chat; a 429 makes everything else for that chat wait too."""
        parameters = {"chat_id": chat_id, **parameters}
        try:
            if file is not None:
                return await self._api.upload(method, parameters, *file)
            return await self._api.call(method, parameters)
        except CallFailed as failure:
            if failure.status == 429:
                rest = UNNAMED if failure.retry_after is None else failure.retry_after
                self._pacer.refused(chat_id, rest)
                await self._keep(chat_id, rest)
            raise

    async def _keep(self, chat_id: int, rest: float) -> None:
        """Let a rest be kept over a restart; where it cannot be, this run keeps it all the same."""
        try:
            if self._on_refusal is not None:
                await self._on_refusal(chat_id, rest)
        except DatabaseError as error:
            log.warning("a rest is not kept over a restart: %s", error)

    async def _insist(self, once: Callable[[], Awaitable[T]], again: frozenset[Outcome]) -> T:
        """Try until it is done, as long as the outcome is one of `again` and the wait is bearable."""
        for attempt in range(1, TRIES):
            try:
                return await once()
            except CallFailed as failure:
                wait = failure.retry_after or float(attempt)
                if failures.outcome(failure) not in again or wait > LONGEST_WAIT:
                    raise
            await self._pause(wait)
        return await once()

    async def answer_press(self, press_id: str) -> None:
        """End the waiting sign on a pressed button; one that is too old to answer is left alone."""
        try:
            await self._api.call("answerCallbackQuery", {"callback_query_id": press_id})
        except CallFailed as failure:
            log.info("a press was not answered: %s", failure.description)


def _without_what_is_refused(message: Message, failure: CallFailed) -> Message:
    """The plain words of a message whose content Telegram refused, as far as they fit one message.

    Raises:
        CallFailed: the same failure, where plain words would fare no better.
    """
    plain = bare(message)
    if not failures.is_about_content(failure) or plain == message:
        raise failure
    log.warning("a message goes out as plain text, since Telegram refused it: %s", failure.description)
    return plain


def _id_of(method: str, answer: Any) -> int:  # noqa: ANN401 - JSON
    """The id of the message that was sent, or of the first one of an album.

    Raises:
        CallFailed: the answer is no message.
    """
    if isinstance(answer, list) and answer:
        answer = answer[0]
    if isinstance(answer, dict) and isinstance(answer.get("message_id"), int):
        return int(answer["message_id"])
    raise CallFailed(method, 200, "the result is no message")
