"""A message that Telegram refuses for one reader after the other: after how many it goes out another way, or not at all."""

from __future__ import annotations

import sqlalchemy as sa

from bot.domain.delivery import State, Transition
from bot.domain.message import Message, Text
from bot.storage import ledger, outbox
from bot.storage.claims import AS_IT_IS, PLAIN, STOPPED, Delivery
from bot.storage.ledger import POISONED, Ending
from bot.storage.outbox import Debt
from bot.storage.tables import deliveries, messages
from tests.storage.archive import DAY, HOUR, NOW, Archive

WRONG = "Bad Request: can't parse entities"


def owe(archive: Archive, words: str = "Good morning", *, state: State = State.SENDING) -> int:
    """Owe a reader a message, which has come so far; returns its number."""
    archive.reader()
    (message,) = outbox.keep_all(archive.connection, [Message(Text(words))], NOW)
    outbox.plan_all(archive.connection, [Debt(message, 7, words)], NOW, NOW + HOUR)
    its = sa.update(deliveries).where(deliveries.c.message_id == message)
    archive.connection.execute(its.values(state=state, ended_at=NOW if state is State.SENT else None))
    return message


def refuse(archive: Archive, times: int, message_id: int = 1, last: str = WRONG) -> dict[int, str]:
    """Let Telegram refuse a message for its content, for so many readers; `last` is what it says to the last one."""
    delivery = Delivery(0, 7, message_id, Message(Text("Good morning")), 0, NOW + HOUR)
    reasons = [WRONG] * (times - 1) + [last]
    endings = [Ending(delivery, Transition(State.FAILED, reason=one), about_content=True) for one in reasons]
    return ledger.judge_messages(archive.connection, endings)


def judged(archive: Archive, message_id: int = 1) -> tuple[str, int]:
    """How a message goes out, and for how many it was refused since that is so."""
    found = archive.connection.execute(sa.select(messages).where(messages.c.id == message_id)).one()
    return found.mode, found.refused


def test_a_message_that_twenty_readers_cannot_get_goes_out_in_plain_words_and_then_not_at_all(
    archive: Archive,
) -> None:
    assert POISONED == 20
    owe(archive)
    for mode, following in ((AS_IT_IS, PLAIN), (PLAIN, STOPPED)):
        assert refuse(archive, 18) == {}
        assert refuse(archive, 1) == {}
        assert judged(archive) == (mode, 19)
        assert refuse(archive, 1) == {1: following}
        assert judged(archive) == (following, 0), "its next refusals are counted anew"
    assert refuse(archive, 20) == {}
    assert judged(archive) == (STOPPED, 20), "what was under way is answered still"


def test_refusals_that_are_written_down_together_are_one_step(archive: Archive) -> None:
    owe(archive)
    assert refuse(archive, 45) == {1: PLAIN}
    assert judged(archive) == (PLAIN, 0)


def test_only_refusals_of_its_content_and_of_that_message_count(archive: Archive) -> None:
    made = [Message(Text("Good morning")), Message(Text("Good evening"))]
    one, other = outbox.keep_all(archive.connection, made, NOW)
    delivery = Delivery(1, 7, one, made[0], 0, NOW + HOUR)
    ending = Ending(delivery, Transition(State.FAILED, reason="Bad Request: chat not found"))
    assert ledger.judge_messages(archive.connection, [ending] * 40) == {}
    assert judged(archive, one) == (AS_IT_IS, 0)
    assert refuse(archive, 19, one) == {}
    assert refuse(archive, 20, other) == {other: PLAIN}
    assert judged(archive, one) == (AS_IT_IS, 19)
    assert refuse(archive, 20, 99) == {}, "one that is not kept any more"


def test_why_a_message_is_refused_is_kept_in_telegrams_last_words(archive: Archive) -> None:
    owe(archive)
    said = sa.select(messages.c.refusal)
    for last in ("Bad Request: message is too long", WRONG):
        refuse(archive, 2, last=last)
        assert archive.connection.execute(said).scalar_one() == last


def test_a_message_that_somebody_has_got_is_no_poison_even_when_that_is_long_ago(archive: Archive) -> None:
    owe(archive, state=State.SENT)
    accepted = sa.select(messages.c.accepted)
    assert refuse(archive, 19) == {}
    assert archive.connection.execute(accepted).scalar_one() is False, "nobody has had to ask"
    assert refuse(archive, 1) == {}
    assert judged(archive) == (AS_IT_IS, 20)
    assert archive.connection.execute(accepted).scalar_one() is True
    assert outbox.prune(archive.connection, NOW + DAY, 10) == 1
    assert refuse(archive, 40) == {}
    assert judged(archive) == (AS_IT_IS, 60)


def test_a_message_that_somebody_may_get_yet_is_poison_all_the_same(archive: Archive) -> None:
    owe(archive)
    owe(archive, "Good evening", state=State.SENT)
    assert refuse(archive, 20) == {1: PLAIN}, "another message that was got says nothing"
