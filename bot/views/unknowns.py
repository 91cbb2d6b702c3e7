"""Deliveries in doubt, as they look in a chat: a list, one of them, and the question before many are settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import Button, Message, Text
from bot.domain.unknowns import Kind, Verdict, Why
from bot.views.voice import HEADLINE, grid

if TYPE_CHECKING:
    from bot.domain.message import Rows
    from bot.domain.unknowns import Asked, Doubt, Page, Settled
    from bot.views.voice import Voice

SCOPES: Final = 2
"""Broadcasts of a page that have a button to be seen alone."""
_NAME: Final = 30
_TITLE: Final = 60
_SAID: Final = 80
"""UTF-16 units of Telegram's own words."""
_WHY: Final = {
    Why.CRASH: "unknown.crash",
    Why.NO_ANSWER: "unknown.no_answer",
    Why.BROKEN_OFF: "unknown.broken_off",
    Why.SERVER_ERROR: "unknown.server_error",
    Why.NOT_TELEGRAMS: "unknown.not_telegrams",
    Why.OURS: "unknown.ours",
}


def listing(
    voice: Voice,
    page: Page,
    first: int,
    done: Settled | None = None,
    said: Text | None = None,
) -> Message:
    """What is in doubt; a number opens one.

    Args:
        voice: who reads.
        page: which part of it.
        first: how many stand on the pages before.
        done: what has just been settled.
        said: what else there is to say first.
    """
    head = m.join("\n", (said or Text(), _done(voice, done)))
    if not page.total:
        return Message(
            m.join("\n\n", (head, voice("unknown.none"))),
            tuple(row for row in (_undo(voice, done, page.only), _desk(voice)) if row),
        )
    title = voice("unknown.title", page.total)
    whose = _headline(voice, page.doubts[0]) if page.only else Text()
    blocks = [_row(voice, one, number) for number, one in enumerate(page.doubts, first + 1)]
    text = m.join("\n\n", (head, m.join("\n", (title, whose, voice("unknown.about"))), *blocks))
    return Message(text, _rows(voice, page, first, done))


def _done(voice: Voice, done: Settled | None) -> Text:
    """What has just been settled, and that something was before."""
    if done is None:
        return Text()
    if not done.done and not done.outdated:
        return voice("unknown.settled")
    settled = voice(f"unknown.done_{done.verdict}", done.done) if done.done else Text()
    outdated = voice("unknown.outdated", n=done.outdated) if done.outdated else Text()
    missed = voice("unknown.others", n=done.missed) if done.missed else Text()
    return m.join("\n", (settled, outdated, missed))


def _row(voice: Voice, one: Doubt, number: int | None = None) -> Text:
    """Whom, what, when; below it why."""
    name = m.bold(_name(voice, one) if number is None else f"{number}. {_name(voice, one)}")
    line = voice.line(m.join(" · ", (name, _kind(voice, one), voice.time(one.at))))
    said = voice.foreign(one.reason.said, _SAID)
    words = voice("unknown.said", words=said) if said else Text()
    return m.join("\n", (line, m.join(" ", (voice(_WHY[one.reason.why]), words))))


def _name(voice: Voice, one: Doubt) -> str:
    return voice.foreign(one.name, _NAME) or str(one.chat_id)


def _kind(voice: Voice, one: Doubt) -> str:
    if one.kind is Kind.BROADCAST and (title := voice.foreign(one.headline, _TITLE)):
        return voice.label("unknown.kind_headline", headline=title)
    return voice.label(f"unknown.kind_{one.kind}")


def _headline(voice: Voice, one: Doubt) -> Text:
    title = voice.foreign(one.headline, HEADLINE)
    return voice.line(m.bold(title)) if title else Text()


def _rows(voice: Voice, page: Page, first: int, done: Settled | None) -> Rows:
    numbers = [
        Button(str(number), data("unknown", one.id, page.number, page.only))
        for number, one in enumerate(page.doubts, first + 1)
    ]
    turns = []
    if page.number:
        turns.append(voice.button("button.back", "unknowns", page.number - 1, page.only))
    if first + len(page.doubts) < page.total:
        turns.append(voice.button("button.next", "unknowns", page.number + 1, page.only))
    every = (
        voice.button("unknown.leave_all", "unknownask", Verdict.LEAVE, page.only),
        voice.button("unknown.send_all", "unknownask", Verdict.AGAIN, page.only),
    )
    rows = (
        _undo(voice, done, page.only),
        *grid(numbers, 4),
        tuple(turns),
        *_scopes(voice, page),
        every if page.total > 1 else (),
        (voice.button("unknown.everything", "unknowns", 0, 0),) if page.only else (),
        _desk(voice),
    )
    return tuple(row for row in rows if row)


def _scopes(voice: Voice, page: Page) -> Rows:
    """Buttons that list one broadcast of the page alone."""
    titles = {one.broadcast_id: voice.foreign(one.headline) for one in page.doubts}
    return tuple(
        (
            Button(
                voice.fitted(
                    "unknown.only", "headline", titles[one] or voice.label("unknown.kind_broadcast"), n=number
                ),
                data("unknowns", 0, one),
            ),
        )
        for one, number in page.broadcasts[:SCOPES]
    )


def _undo(voice: Voice, done: Settled | None, only: int) -> tuple[Button, ...]:
    if done is None or not done.question_id:
        return ()
    return (voice.button("office.undo", "unsettle", done.question_id, done.only or only),)


def _desk(voice: Voice) -> tuple[Button]:
    return (voice.button("office.home", "office", "home", 0),)


def card(voice: Voice, one: Doubt, page: int, only: int) -> Message:
    """One in doubt, and what each decision means; `page` and `only` lead back to where it stood."""
    facts = [_row(voice, one)]
    if one.again:
        facts.append(voice("unknown.again"))
    means = [voice("unknown.means")]
    if one.away:
        means.append(voice("unknown.away"))
    rows = (
        (
            voice.button("unknown.leave", "settle", one.id, Verdict.LEAVE, page, only),
            voice.button("unknown.send", "settle", one.id, Verdict.AGAIN, page, only),
        ),
        (voice.button("button.back", "unknowns", page, only),),
    )
    return Message(m.join("\n\n", (m.join("\n", facts), m.join("\n", means))), rows)


def question(voice: Voice, asked: Asked) -> Message:
    """Asking before many are settled."""
    back = voice.button("button.back", "unknowns", 0, asked.only)
    if asked.verdict is Verdict.AGAIN:
        lines = (voice("unknown.ask_again", asked.messages), voice("unknown.twice", asked.readers))
        yes = voice.button("unknown.send_all", "settleall", asked.question_id)
    else:
        lines = (voice("unknown.ask_leave", asked.messages), voice("unknown.leaving"))
        yes = voice.button("unknown.leave_all", "settleall", asked.question_id)
    return Message(m.join("\n", lines), ((back, yes),))
