"""What goes to many readers, and the screens before it leaves: the look before, whom it is for, its words, its time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data, token
from bot.domain.cleaning import plain
from bot.domain.message import CAPTION_LIMIT, TEXT_LIMIT, Button, Message, Text, from_document
from bot.texts.catalogue import own_name
from bot.views import notices
from bot.views.lists import source
from bot.views.voice import ALONE, HEADLINE, grid, ticked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.broadcasts import Broadcast
    from bot.domain.campaigns import Preflight
    from bot.domain.news import StoryLine
    from bot.errors import UserError
    from bot.views.voice import Voice

TEASER: Final = 400
"""UTF-16 units of the story's teaser."""
NOTE: Final = 1200
"""UTF-16 units of what the editors say; 500 characters have at most so many that are read."""
LANGUAGES: Final = 8
"""Languages that are offered, those that most readers read."""
SHORT: Final = 60
"""UTF-16 units of a title in a sentence."""
_NAME: Final = 40


def content(voice: Voice, found: Broadcast, line: StoryLine | None) -> Message:
    """Exactly what readers get: a story, or the editors' own message."""
    if line is not None:
        return story(voice, line, found.note)
    own = from_document(found.document or {})
    said = voice.line(voice.foreign(found.note, NOTE)) if found.note else Text()
    above = m.join("\n\n", (voice("broadcast.from_editors"), said))
    whole = m.join("\n\n", (above, own.text))
    # A long message is sent as it is rather than cut.
    fits = len(whole) <= (CAPTION_LIMIT if own.media else TEXT_LIMIT)
    return Message(whole if fits else own.text, own.rows, own.preview, media=own.media)


def story(voice: Voice, line: StoryLine, note: str) -> Message:
    """A story from the editors, with what they say to it."""
    title = voice.foreign(line.title or line.teaser, HEADLINE) or voice.label("story.untitled")
    told = voice("list.meta", source=source(voice, line.source, line.url), time=voice.time(line.shown_at))
    head = m.join("\n", (voice.line(m.bold(m.link(title, line.url))), told))
    said = voice.line(voice.foreign(note, NOTE)) if note else Text()
    teaser = voice.line(voice.foreign(line.teaser, TEASER)) if line.title else Text()
    rows = (
        (voice.button("button.read", "open", line.id), voice.button("button.related", "related", line.id)),
        (
            Button(voice.label("button.save"), data("save", line.id, 1)),
            voice.button("button.settings", "go", "settings"),
        ),
    )
    return Message(m.join("\n\n", (voice("broadcast.from_editors"), said, head, teaser)), rows)


def what(voice: Voice, opened: StoryLine | None, wrong: UserError | None = None) -> Message:
    """Asking which story shall be sent; `opened` is the one that the editor has read last."""
    asked = voice("broadcast.what")
    text = m.join("\n\n", (notices.problem(voice, wrong).text, asked)) if wrong else asked
    last: tuple[Button, ...] = ()
    if opened is not None:
        title = plain(opened.title, ALONE) or voice.label("story.untitled")
        last = (Button(title, data("sendstory", opened.id)),)
    latest = voice.button("button.latest", "go", "latest")
    rows = (last, (latest, voice.button("button.cancel", "office", "broadcasts", 0)))
    return Message(text, tuple(row for row in rows if row))


def title(voice: Voice, found: Preflight) -> str:
    """What a broadcast is called in a sentence."""
    named = found.line.title if found.line else str((found.broadcast.document or {}).get("text", ""))
    return voice.foreign(named, SHORT) or voice.label("story.untitled")


def preflight(voice: Voice, found: Preflight) -> Message:
    """Who gets it, how long it takes, and the last word before it leaves."""
    one, counted = found.broadcast, found.audience
    takes = counted.seconds(found.rate)
    end = voice.time(voice.now + timedelta(seconds=takes))
    facts = [
        *_aim(voice, one),
        voice("broadcast.to", n=counted.readers),
        voice("broadcast.takes", time=span(voice, takes), end=end),
    ]
    if stars := counted.stars(found.rate):
        facts.append(voice("broadcast.price", n=stars))
    if counted.quiet:
        facts.append(
            voice("broadcast.quiet", n=counted.quiet, time=voice.time(counted.quiet_until or voice.now))
        )
    left_out = (("had", counted.had), ("unwilling", counted.unwilling), ("over", counted.over))
    facts += [voice(f"broadcast.{why}", n=number) for why, number in left_out if number]
    if found.line is not None:
        ready = voice("campaign.text_ready", time=voice.label("story.minutes", found.minutes))
        facts.append(ready if found.minutes else voice("campaign.no_text"))
    copy = (voice.button("campaign.copy", "sendcopy", one.id),)
    send = (
        voice.button("broadcast.send", "sendout", one.id),
        voice.button("campaign.schedule", "sendask", one.id, "sendat"),
    )
    change = (
        voice.button("campaign.edit", "sendask", one.id, "sendnote"),
        voice.button("campaign.audience", "sendlook", one.id, "audience"),
    )
    cancel = (voice.button("button.cancel", "unsend", one.id),)
    rows = (copy, *((send,) if counted.readers else ()), change, cancel)
    head = voice("broadcast.title", title=title(voice, found))
    return Message(m.join("\n\n", (head, alike(voice, found), m.join("\n", facts))), rows)


def alike(voice: Voice, found: Preflight) -> Text:
    """Who prepared the same before."""
    if found.alike is None:
        return Text()
    name, at = found.alike
    return voice("campaign.alike", name=voice.foreign(name, _NAME), time=voice.time(at))


def _aim(voice: Voice, found: Broadcast) -> list[Text]:
    """Whom it is for, a line each."""
    aim = found.aim
    lines = []
    if aim.languages:
        lines.append(
            voice("campaign.aim_languages", names=voice.listed([own_name(one) for one in aim.languages]))
        )
    if aim.desk:
        lines.append(voice("campaign.aim_desk", desk=voice.foreign(voice.desk(aim.desk))))
    lines += [voice(f"campaign.aim_{name}") for name in ("lately", "again", "urgent") if getattr(aim, name)]
    return lines or [voice("campaign.aim_all")]


def audience(voice: Voice, found: Preflight) -> Message:
    """Whom it shall be for."""
    one, aim = found.broadcast, found.broadcast.aim
    by_language = found.audience.by_language
    read = sorted(by_language, key=lambda code: (-by_language[code], code))[:LANGUAGES]
    ticks = [
        Button(
            ticked(own_name(code), on=code in aim.languages),
            data("sendto", one.id, "lang", code, int(code not in aim.languages)),
        )
        for code in dict.fromkeys((*aim.languages, *read))
    ]
    chosen = voice.desk(aim.desk) if aim.desk else voice.label("campaign.all_desks")
    desk = Button(voice.fitted("campaign.desk", "desk", chosen), data("sendlook", one.id, "desk"))
    switches = ["lately", "urgent"] if found.line is None else ["lately", "again", "urgent"]
    wishes = [
        Button(
            ticked(voice.label(f"campaign.{name}"), on=getattr(aim, name)),
            data("sendto", one.id, name, int(not getattr(aim, name))),
        )
        for name in switches
    ]
    facts = m.join("\n", (*_aim(voice, one), voice("broadcast.to", n=found.audience.readers)))
    back = voice.button("button.back", "sendlook", one.id)
    text = m.join("\n\n", (voice("broadcast.which"), facts))
    return Message(text, (*grid(ticks, 2), (desk,), *((wish,) for wish in wishes), (back,)))


def desks(voice: Voice, found: Preflight, names: Sequence[str]) -> Message:
    """Choosing the desk whose readers shall have it."""
    one, aim = found.broadcast, found.broadcast.aim
    every = Button(
        ticked(voice.label("campaign.all_desks"), on=not aim.desk), data("sendto", one.id, "desk", "", 1)
    )
    buttons = [
        Button(ticked(voice.desk(name), on=name == aim.desk), data("sendto", one.id, "desk", token(name), 1))
        for name in names
    ]
    back = voice.button("button.back", "sendlook", one.id, "audience")
    return Message(voice("campaign.which_desk"), ((every,), *grid(buttons, 2), (back,)))


def ask_note(voice: Voice, found: Preflight) -> Message:
    """Asking for what the editors say to it."""
    none = voice.button("campaign.no_note", "sendto", found.broadcast.id, "note", 0)
    back = voice.button("button.back", "sendlook", found.broadcast.id)
    first = (none,) if found.broadcast.note else ()
    return Message(voice("campaign.ask_note"), tuple(row for row in (first, (back,)) if row))


def ask_time(voice: Voice, broadcast_id: int, wrong: UserError | None = None) -> Message:
    """Asking for the time at which it shall go out."""
    place = voice.words.place(voice.zone.key)
    asked = voice("campaign.ask_time", place=place, now=voice.words.clock(voice.now, voice.zone))
    text = m.join("\n\n", (notices.problem(voice, wrong).text, asked)) if wrong else asked
    return Message(text, ((voice.button("button.back", "sendlook", broadcast_id),),))


def confirm(voice: Voice, found: Broadcast, name: str, readers: int, shown: Message) -> Message:
    """Asking a second editor; below is what readers get, without its buttons."""
    asked = voice("campaign.confirm_asked", name=voice.foreign(name, _NAME), n=readers)
    rows = (
        (
            voice.button("campaign.confirm", "sendyes", found.id),
            voice.button("campaign.refuse", "unsend", found.id),
        ),
        (voice.button("campaign.copy", "sendcopy", found.id),),
    )
    room = TEXT_LIMIT - len(asked) - 2
    return Message(m.join("\n\n", (asked, shown.text.slice(0, room))), rows)


def given_up(voice: Voice) -> Message:
    """What is not sent."""
    return Message(voice("broadcast.given_up"), ((voice.button("office.home", "office", "home", 0),),))


def span(voice: Voice, seconds: int) -> str:
    """So many minutes, rounded up."""
    return voice.label("story.minutes", max(1, -(-seconds // 60)))
