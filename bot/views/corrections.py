"""Corrections and withdrawals of what was sent: what readers see, and what editors are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import message as m
from bot.domain.broadcasts import Op
from bot.domain.message import CAPTION_LIMIT, TEXT_LIMIT, Button, Message, from_document
from bot.views.broadcast import NOTE, SHORT

if TYPE_CHECKING:
    from bot.domain.broadcasts import Broadcast
    from bot.domain.campaigns import Repair
    from bot.domain.message import Media, Text
    from bot.views.voice import Voice


def corrected(voice: Voice, found: Broadcast, now: Message) -> Message:
    """What was wrong, and below it the text as it is now."""
    text = m.join("\n\n", (_said(voice, "campaign.corrected", found), now.text))
    most = CAPTION_LIMIT if now.media else TEXT_LIMIT
    return Message(text.slice(0, most), now.rows, now.preview, media=now.media)


def withdrawn(voice: Voice, found: Broadcast, media: tuple[Media, ...] = ()) -> Message:
    """That it was withdrawn, and why; nothing of the text stays, and of what had pictures only these."""
    said = _said(voice, "campaign.withdrawn", found)
    return Message(said.slice(0, CAPTION_LIMIT) if media else said, media=media)


def told(voice: Voice, found: Broadcast) -> Message:
    """The short answer by which who has read the wrong text hears of it."""
    return Message(_said(voice, "campaign.told", found))


def _said(voice: Voice, key: str, found: Broadcast) -> Text:
    at = found.begun_at or voice.now
    return voice(key, time=voice.time(at), words=voice.foreign(found.note, NOTE))


def how(voice: Voice, broadcast_id: int) -> Message:
    """Asking how serious a correction is."""
    rows = (
        (
            voice.button("campaign.small", "amend", broadcast_id, "small"),
            voice.button("campaign.serious", "amend", broadcast_id, "serious"),
        ),
        (voice.button("button.back", "sendlook", broadcast_id),),
    )
    return Message(voice("campaign.how_serious"), rows)


def ask(voice: Voice, broadcast_id: int, what: str) -> Message:
    """Asking for the words of a correction, or for the reason of a withdrawal."""
    key = "campaign.ask_reason" if what == "withdraw" else "campaign.ask_words"
    return Message(voice(key), ((voice.button("button.cancel", "sendlook", broadcast_id),),))


def preflight(voice: Voice, found: Repair) -> Message:
    """How many messages change, and the last word before they do."""
    one = found.broadcast
    title = voice.foreign(found.title, SHORT) or voice.label("story.untitled")
    facts = [voice(f"campaign.name_{one.op}", title=title), voice("campaign.changes", n=found.messages)]
    if one.serious:
        facts.append(voice("campaign.also_told"))
    if found.too_old:
        facts.append(voice("campaign.too_old", n=found.too_old))
    if found.unknown:
        facts.append(voice("campaign.beyond", n=found.unknown))
    send = (voice.button("broadcast.send", "amendout", one.id),) if found.messages else ()
    other: tuple[Button, ...] = ()
    own = found.parent.document
    is_album = own is not None and len(from_document(own).media) > 1
    if one.op is Op.WITHDRAW and not is_album:
        other = (voice.button("campaign.delete_instead", "amendto", one.id, "delete"),)
    elif one.op is Op.DELETE:
        other = (voice.button("campaign.explain_instead", "amendto", one.id, "withdraw"),)
    rows = (other, (*send, voice.button("button.cancel", "unsend", one.id)))
    return Message(m.join("\n", facts), tuple(row for row in rows if row))
