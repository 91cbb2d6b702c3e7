"""The editors' desk for comments, as it looks in a chat: one case at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.comments import MUTES, REASONS, State
from bot.domain.message import Button, Message, Text
from bot.views.comments import because, headline, name, quotation
from bot.views.voice import grid

if TYPE_CHECKING:
    from bot.domain.comments import Case
    from bot.domain.message import Rows
    from bot.views.voice import Voice


def case(voice: Voice, shown: Case | None, place: int, number: int, done: str = "") -> Message:
    """What waits at a place of the queue.

    Args:
        voice: the editor's.
        shown: the comment; None where nothing waits.
        place: where in the queue, from 0.
        number: how many wait.
        done: what has just been decided: `approve`, `hide`, `mute` or `ban`.
    """
    said = voice(f"moderation.done_{done}") if done else Text()
    if shown is None:
        return Message(m.join("\n\n", (said, voice("moderation.nothing"))), (_to_desk(voice),))
    head = voice("moderation.title", place=place + 1, number=number)
    text = m.join("\n\n", (said, head, _about(voice, shown), _why(voice, shown), _author(voice, shown)))
    return Message(text, _rows(voice, shown, place, number))


def _about(voice: Voice, shown: Case) -> Text:
    comment = shown.comment
    who = voice("talk.who", name=name(voice, comment.name), time=voice.time(comment.posted_at))
    return m.join("\n", (voice.line(headline(voice, shown.title)), who, quotation(voice, comment)))


def _why(voice: Voice, shown: Case) -> Text:
    """Why it is on the desk."""
    comment = shown.comment
    held = comment.state == State.HELD
    waits = voice("moderation.held", why=voice.label(f"talk.waits_{comment.why}")) if held else Text()
    given = voice.words.comma.join(
        f"{shown.reports[reason]} × {because(voice, reason)}" for reason in REASONS if reason in shown.reports
    )
    reported = voice("moderation.reported", reasons=given) if given else Text()
    away = comment.state in {State.HIDDEN, State.REFUSED}
    objects = voice("moderation.objects", why=because(voice, comment.why)) if away else Text()
    return m.join("\n", (waits, reported, objects))


def _author(voice: Voice, shown: Case) -> Text:
    facts = voice("moderation.author", shown=shown.shown, away=shown.away)
    barred = Text()
    if shown.banned:
        barred = voice("moderation.banned")
    elif shown.muted_until is not None and shown.muted_until > voice.now:
        barred = voice("moderation.muted", time=voice.time(shown.muted_until))
    return m.join("\n", (facts, barred))


def _rows(voice: Voice, shown: Case, place: int, number: int) -> Rows:
    comment_id = shown.comment.id
    turns = []
    if place > 0:
        turns.append(voice.button("button.back", "reports", place - 1))
    if place < number - 1:
        turns.append(voice.button("button.next", "reports", place + 1))
    away = shown.comment.state in {State.HIDDEN, State.REFUSED}
    hide = voice.button("button.leave_hidden" if away else "button.hide", "case", comment_id, "hide", place)
    rows = (
        (voice.button("button.approve", "judge", comment_id, "approve", "-", place), hide),
        (
            voice.button("button.mute", "case", comment_id, "mute", place),
            voice.button("button.ban", "case", comment_id, "ban", place),
        ),
        tuple(turns),
        _to_desk(voice),
    )
    return tuple(row for row in rows if row)


def _to_desk(voice: Voice) -> tuple[Button]:
    return (voice.button("office.home", "office", "home", 0),)


def question(voice: Voice, shown: Case, what: str, place: int) -> Message:
    """Why a comment is taken away (`hide`), for how long its author writes nothing (`mute`), or whether for good."""
    comment = shown.comment
    back = voice.button("button.back", "reports", place)
    match what:
        case "hide":
            buttons = [
                Button(voice.label(f"button.because_{one}"), data("judge", comment.id, "hide", one, place))
                for one in REASONS
            ]
        case "mute":
            buttons = [
                Button(voice.label("button.days", days), data("judge", comment.id, "mute", days, place))
                for days in MUTES
            ]
        case _:
            buttons = [voice.button("button.ban", "judge", comment.id, "ban", "-", place)]
    asked = voice(f"moderation.which_{what}", name=name(voice, comment.name))
    return Message(m.join("\n\n", (quotation(voice, comment), asked)), (*grid(buttons, 2), (back,)))
