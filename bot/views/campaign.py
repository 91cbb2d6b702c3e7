"""How broadcasts go: the message that is shown anew, the list of the last ones, and the report."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.broadcasts import (
    A_SECOND,
    CORRECTABLE,
    FINAL,
    GOING,
    GRACE,
    RESTING,
    Op,
    State,
    limit,
)
from bot.domain.buttons import data
from bot.domain.cleaning import plain
from bot.domain.message import Button, Message, Text
from bot.views.broadcast import SHORT, given_up, span
from bot.views.voice import ALONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.broadcasts import Broadcast
    from bot.domain.campaigns import Course, Standing
    from bot.domain.message import Rows
    from bot.views.voice import Voice

_REASON: Final = 120
"""UTF-16 units of Telegram's words for a failure."""


def board(voice: Voice, standing: Standing) -> Message:
    """How it stands; what may still leave can be paused and stopped, and what has left can be corrected."""
    found = standing.broadcast
    if found.state is State.STOPPED and found.begun_at is None and found.why is None:
        return given_up(voice)
    match found.state:
        case State.GRACE:
            words = [voice("campaign.in_grace", n=int(GRACE.total_seconds()))]
        case State.SCHEDULED:
            words = [voice("campaign.is_scheduled", time=voice.time(found.starts_at or voice.now))]
        case State.WAITING:
            words = [voice("campaign.waits_alone" if standing.alone else "campaign.waits", n=found.total)]
        case _:
            words = _figures(voice, standing)
    named = voice.foreign(standing.title, SHORT) or voice.label("story.untitled")
    name = voice.line(named) if found.op is Op.SEND else voice(f"campaign.name_{found.op}", title=named)
    first, *others = words
    return Message(m.join("\n", (first, name, *others)), _rows(voice, standing))


def _figures(voice: Voice, standing: Standing) -> list[Text]:
    found, how = standing.broadcast, standing.how
    lines = [voice(f"broadcast.is_{found.state}")]
    if found.why is not None and found.state in {State.HELD, State.STOPPING, State.STOPPED}:
        lines.append(why(voice, found))
    if found.state in (*GOING, *RESTING) and found.total:
        done = min(how.ended, found.total)
        share = 100 * done // found.total
        lines.append(voice("campaign.so_far", done=done, total=found.total, share=share))
    tried = limit(found.stage, found.total) if found.state is State.SENDING else None
    if tried is not None:
        lines.append(voice("campaign.trying", n=tried))
    elif found.state in GOING and how.waiting:
        lines.append(_pace(voice, standing))
    lines.append(voice("broadcast.sent" if found.op is Op.SEND else "campaign.changed", n=how.sent))
    numbers = (
        ("broadcast.waiting", how.waiting),
        ("campaign.gone", how.gone),
        ("campaign.failed", how.failed),
        ("broadcast.unknown", how.unknown),
        ("broadcast.cancelled", how.cancelled),
    )
    lines += [voice(key, n=number) for key, number in numbers if number]
    if found.state in FINAL and found.begun_at and found.ended_at:
        took = int((found.ended_at - found.begun_at).total_seconds())
        lines.append(voice("campaign.ended", time=voice.time(found.ended_at), span=span(voice, took)))
    if standing.opened:
        lines.append(voice("campaign.opened", n=standing.opened))
    return lines


def _pace(voice: Voice, standing: Standing) -> Text:
    """How fast it goes, and when it is done about; what quiet hours hold comes later."""
    left = max(standing.broadcast.total - standing.how.ended, standing.how.waiting)
    end = voice.time(voice.now + timedelta(seconds=left / (standing.rate or A_SECOND)))
    if standing.rate < 1:
        return voice("campaign.done_about", time=end)
    return voice("campaign.pace", rate=round(standing.rate), time=end)


def why(voice: Voice, found: Broadcast) -> Text:
    """Why it stopped by itself."""
    given = dict(found.why or {})
    key = str(given.pop("key", "campaign.why_story"))
    values = {name: voice.foreign(str(value), _REASON) for name, value in given.items()}
    return voice(key, **({"share": "", "reason": ""} | values)).strip()


def _rows(voice: Voice, standing: Standing) -> Rows:
    found = standing.broadcast
    desk = voice.button("office.home", "office", "home", 0)
    stop = voice.button("broadcast.stop", "unsend", found.id)
    rows: list[tuple[Button, ...]] = []
    match found.state:
        case State.GRACE:
            return ((stop,),)
        case State.SCHEDULED:
            return ((voice.button("button.cancel", "unsend", found.id), desk),)
        case State.WAITING:
            confirm = (voice.button("campaign.confirm", "sendyes", found.id),) if standing.alone else ()
            return ((*confirm, voice.button("button.cancel", "unsend", found.id)),)
        case State.SENDING | State.SPREAD:
            rows.append((voice.button("campaign.pause", "sendhold", found.id), stop))
        case State.PAUSED | State.HELD:
            rows.append((voice.button("campaign.resume", "sendgo", found.id), stop))
    if found.state in CORRECTABLE and found.op is Op.SEND and standing.how.sent:
        correct = voice.button("campaign.correct", "amend", found.id, "correct")
        rows.append((correct, voice.button("campaign.withdraw", "amend", found.id, "withdraw")))
    after: tuple[Button, ...] = (desk,)
    if found.state in (*FINAL, *RESTING) and found.begun_at is not None:
        after = (voice.button("campaign.report", "sendreport", found.id), desk)
    if standing.how.unknown:
        named = voice.label("campaign.unknown", n=standing.how.unknown)
        rows.append((Button(named, data("unknowns", 0, found.id)),))
    if found.parent_id is not None and found.state in FINAL:
        rows.append((voice.button("button.back", "sendlook", found.parent_id),))
    return (*rows, after)


def held(voice: Voice, found: Broadcast, title: str) -> Message:
    """Telling an editor that a broadcast has stopped by itself."""
    named = voice.foreign(title, SHORT) or voice.label("story.untitled")
    text = m.join("\n", (voice("campaign.held", title=named), why(voice, found)))
    return Message(text, ((voice.button("campaign.look", "sendlook", found.id),),))


def listing(voice: Voice, found: Sequence[tuple[Broadcast, str]]) -> Message:
    """The last broadcasts, each with how it stands, and a door to a new one."""
    lines = [voice("campaign.list_title" if found else "campaign.none")]
    buttons = []
    for one, title in found:
        named = voice.foreign(title, SHORT) or voice.label("story.untitled")
        at = voice.time(one.starts_at or one.made_at)
        lines.append(
            voice(
                "campaign.list_line", time=at, title=named, state=voice.label(f"campaign.state_{one.state}")
            )
        )
        label = plain(title, ALONE) or voice.label("story.untitled")
        buttons.append((Button(label, data("sendlook", one.id)),))
    new = (
        voice.button("campaign.new", "sendask", 0, "sendwhat"),
        voice.button("office.home", "office", "home", 0),
    )
    return Message(m.join("\n", lines), (*buttons, new))


def caption(voice: Voice, standing: Standing, found: Course) -> Text:
    """What the picture of a broadcast shows, in words: it is all that a screen reader has of it."""
    named = voice.foreign(standing.title, SHORT) or voice.label("story.untitled")
    told = voice(
        "campaign.caption",
        title=named,
        time=voice.time(found.begun_at),
        span=span(voice, found.seconds),
        sent=found.arrived[-1],
        **dict(found.failures),
    )
    opened = voice("campaign.opened", n=standing.opened) if standing.opened else Text()
    return m.join("\n", (told, opened))


def missed_caption(voice: Voice) -> Text:
    """What the list of chats holds that it did not reach for certain."""
    return voice("campaign.missed_caption")
