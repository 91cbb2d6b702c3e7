"""The editors' desk: its first screen, its feeds, and its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.domain import message as m
from bot.domain.buttons import data, token
from bot.domain.doctor import advice, silent
from bot.domain.links import host_of
from bot.domain.message import Button, Message, Text
from bot.domain.news import TEXTS
from bot.domain.numbers import fullest
from bot.domain.people import Role
from bot.views import notices
from bot.views.numbers import share
from bot.views.troubles import plainly
from bot.views.voice import HEADLINE, grid, ticked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.desk import FeedCard, State, Wrong
    from bot.domain.message import Rows
    from bot.domain.news import Feed
    from bot.domain.numbers import Hour
    from bot.domain.people import Deed, Right
    from bot.errors import UserError
    from bot.views.voice import Voice

PAGE: Final = 8
"""Feeds on one page."""
_NAME: Final = 30
_TROUBLE: Final = 200
_BARS: Final = "·▁▂▃▄▅▆▇█"


def home(
    voice: Voice,
    newsroom: str,
    state: State,
    rights: frozenset[Right],
    reports: int,
    hours: Sequence[Hour] = (),
) -> Message:
    """Is anything wrong; then figures; then doors, to what this person may open. `hours` are those of the next day."""
    failing = state.failing
    wrong = state.trouble
    full = fullest(hours, 1)
    crowded = [hour for hour in full if hour.crowded]
    well = not (wrong or failing or crowded)
    title = voice("office.well" if well else "office.wrong", newsroom=voice.foreign(newsroom))
    figures, last = state.figures, state.figures.last_story_at
    lines = [
        title,
        *(_wrong(voice, one) for one in wrong),
        *(voice("office.crowded", time=voice.time(one.at), share=share(one)) for one in crowded),
        voice("office.readers", figures.readers, joined=figures.joined, gone=figures.gone),
        voice("office.last_story", time=voice.time(last)) if last else voice("office.no_story"),
        voice("office.feeds_line", state.active, failing=len(failing)),
        *(voice("office.hour", time=voice.time(one.at), share=share(one)) for one in full if not crowded),
    ]
    if state.figures.unknown:
        lines.append(voice("office.unknown", state.figures.unknown))
    doors = []
    if "broadcast" in rights and state.figures.unknown:
        doors.append(Button(voice.label("unknown.door", n=state.figures.unknown), data("unknowns", 0, 0)))
    if "feeds" in rights:
        if failing:
            doors.append(Button(voice.label("office.failing", n=len(failing)), data("office", "failing", 0)))
        doors.append(voice.button("office.feeds", "office", "feeds", 0))
    if "stories" in rights:
        doors.append(voice.button("edit.stories", "office", "stories", 0))
    if "broadcast" in rights:
        doors.append(voice.button("campaign.door", "office", "broadcasts", 0))
    if "comments" in rights and reports:
        doors.append(Button(voice.label("office.reports", n=reports), data("office", "reports", 0)))
    rooms = [room for room in ("numbers", "people", "log") if room in rights]
    doors += [voice.button(f"office.{room}", "office", room, 0) for room in rooms]
    return Message(m.join("\n", lines), grid(doors, 2))


def _wrong(voice: Voice, one: Wrong) -> Text:
    """What is wrong with the newsroom, in a line."""
    match one.kind:
        case "disk":
            return voice("health.disk", free=one.free)
        case "database":
            return voice.line(voice.foreign(one.plain, _TROUBLE))
        case kind:
            since = voice.time(one.since or voice.now)
            return voice("health.late", time=since, what=voice.label(f"health.{kind}"))


def feeds(voice: Voice, found: Sequence[Feed], page: int, kind: str) -> Message:
    """Feeds with how each is; a number opens one. `kind` is `feeds` or `failing`."""
    page = min(page, max(len(found) - 1, 0) // PAGE)
    shown = found[page * PAGE : (page + 1) * PAGE]
    blocks = [voice(f"office.{kind}_title", len(found))]
    for number, feed in enumerate(shown, page * PAGE + 1):
        title = m.bold(f"{number}. " + voice.foreign(feed.title or feed.url, HEADLINE))
        name = voice.line(m.concat((title, " · ", voice.foreign(voice.desk(feed.desk)))))
        blocks.append(m.join("\n", (name, _how(voice, feed))))
    if not shown:
        blocks.append(voice("office.no_feeds"))
    buttons = [
        Button(str(number), data("feed", feed.id)) for number, feed in enumerate(shown, page * PAGE + 1)
    ]
    turns = []
    if page:
        turns.append(voice.button("button.back", "office", kind, page - 1))
    if (page + 1) * PAGE < len(found):
        turns.append(voice.button("button.next", "office", kind, page + 1))
    add = (voice.button("office.add", "newfeed"),) if kind == "feeds" else ()
    rows = (*grid(buttons, 4), tuple(turns), add, (_to_desk(voice),))
    return Message(m.join("\n\n", blocks), tuple(row for row in rows if row))


def _how(voice: Voice, feed: Feed) -> Text:
    """How a feed is, in plain words, and what the doctor found for it."""
    found = advice(feed)
    parts = [_state(voice, feed)]
    if found.url and feed.state != "removed":
        parts.append(
            voice("office.advice", found.stories, host=voice.foreign(host_of(found.url)), same=found.same)
        )
    return m.join("\n", parts)


def _state(voice: Voice, feed: Feed) -> Text:
    if feed.state != "active":
        return voice(f"office.state_{feed.state}")
    if feed.trouble:
        return voice(
            "office.state_failing", trouble=_why(voice, feed.trouble), time=voice.time(feed.next_check_at)
        )
    if silent(feed, voice.now):
        since = voice.time(feed.newest_at or feed.added_at)
        return voice("office.state_silent", time=since)
    if feed.newest_at:
        return voice("office.state_fine", time=voice.time(feed.newest_at))
    return voice("office.state_new")


def _why(voice: Voice, trouble: dict[str, Any]) -> str:
    """Why a feed fails, in the editor's language; words that no language has are kept apart from the sentence."""
    key, said = str(trouble.get("key", "")), plainly(trouble, voice.words)
    return said if voice.words.has(key) and said != key else voice.foreign(said)


def feed(voice: Voice, card: FeedCard, done: str = "") -> Message:
    """One feed: how it is, what it brought, and what can be done with it; `done` is what was just done."""
    one = card.feed
    title = voice.line(m.bold(m.link(voice.foreign(one.title or one.url, HEADLINE), one.site or one.url)))
    total = sum(card.days)
    bar = "".join(_BARS[_height(number, max(card.days))] for number in card.days)
    facts = [
        voice("office.feed_desk", desk=voice.desk(one.desk)),
        _how(voice, one),
        voice("office.feed_days", total, a_day=voice.words.decimal(total / len(card.days))),
        *([voice(f"office.gives_{card.gives}")] if card.gives else []),
        *([voice(f"office.shows_{one.texts}")] if one.texts != "full" else []),
        voice.line(m.styled(m.Style.CODE, bar)) if total else Text(),
    ]
    text = m.join("\n\n", (voice(f"office.done_{done}") if done else Text(), m.join("\n", (title, *facts))))
    return Message(text, _feed_rows(voice, one, done))


def _height(number: int, highest: int) -> int:
    return 0 if not number else max(1, round(number / highest * (len(_BARS) - 1)))


def _feed_rows(voice: Voice, one: Feed, done: str) -> Rows:
    back = (voice.button("office.feeds", "office", "feeds", 0), _to_desk(voice))
    if one.state == "removed":
        return ((voice.button("office.undo", "feedset", one.id, "resume"),), back)
    rest = "resume" if one.state == "paused" else "pause"
    cure: tuple[Button, ...] = ()
    if advice(one).url:
        look = voice.button("office.look", "feedlook", one.id)
        cure = (voice.button("office.take_new", "feedset", one.id, "take"), look)
    elif done == "take":
        cure = (voice.button("office.old_address", "feedset", one.id, "return"),)
    return (
        *((cure,) if cure else ()),
        (
            voice.button("office.try_now", "feedset", one.id, "try"),
            voice.button(f"office.{rest}", "feedset", one.id, rest),
        ),
        (
            voice.button("office.other_desk", "feedask", one.id, "desk"),
            voice.button("office.rename", "feedask", one.id, "name"),
        ),
        (
            voice.button("office.texts", "feedask", one.id, "texts"),
            voice.button("office.remove", "feedask", one.id, "remove"),
        ),
        back,
    )


def remove(voice: Voice, card: FeedCard) -> Message:
    """Asking before a feed is removed."""
    name = voice.foreign(card.feed.title or card.feed.url, _NAME)
    yes = voice.button("office.remove", "feedset", card.feed.id, "remove")
    lines = [voice("office.ask_remove", name=name)]
    if card.followers:
        lines.append(voice("office.followers", card.followers))
    lines.append(voice("office.stories_stay", card.stories))
    return Message(m.join("\n", lines), ((voice.button("button.back", "feed", card.feed.id), yes),))


def ask_name(voice: Voice, card: FeedCard, wrong: UserError | None = None) -> Message:
    """Asking for a feed's name; `wrong` is what was the matter with the one before."""
    name = voice.foreign(card.feed.title or card.feed.url, _NAME)
    said = notices.problem(voice, wrong).text if wrong else Text()
    text = m.join("\n\n", (said, voice("office.ask_name", name=name)))
    return Message(text, ((voice.button("button.cancel", "feed", card.feed.id),),))


def texts(voice: Voice, card: FeedCard) -> Message:
    """Choosing how much of a feed's stories readers may see here; what is in force is ticked."""
    one = card.feed
    buttons = [
        Button(
            ticked(voice.label(f"office.texts_{choice}"), on=choice == one.texts),
            data("feedset", one.id, "texts", choice),
        )
        for choice in TEXTS
    ]
    name = voice.foreign(one.title or one.url, _NAME)
    back = voice.button("button.back", "feed", one.id)
    return Message(voice("office.ask_texts", name=name), (*((button,) for button in buttons), (back,)))


def desks(voice: Voice, card: FeedCard, names: Sequence[str]) -> Message:
    """Choosing the desk of a feed; the one it is on is ticked."""
    one = card.feed
    buttons = [
        Button(ticked(voice.desk(name), on=name == one.desk), data("feedset", one.id, "desk", token(name)))
        for name in names
    ]
    back = voice.button("button.back", "feed", one.id)
    name = voice.foreign(one.title or one.url, _NAME)
    return Message(voice("office.which_desk", name=name), (*grid(buttons, 2), (back,)))


def log(voice: Voice, deeds: Sequence[Deed], page: int, entries: int) -> Message:
    """What was done at the desk: who, when, what."""
    lines = [voice("office.log_title")]
    for deed in deeds[:entries]:
        values = {name: _about(voice, name, str(value)) for name, value in deed.about.items()}
        what = voice(f"deed.{deed.what}", **_complete(values))
        who = voice.foreign(deed.name or str(deed.user_id), _NAME)
        lines.append(voice("office.log_line", time=voice.time(deed.at), who=who, what=what))
    if not deeds:
        lines.append(voice("office.log_empty"))
    turns = []
    if page:
        turns.append(voice.button("button.newer", "office", "log", page - 1))
    if len(deeds) > entries:
        turns.append(voice.button("button.older", "office", "log", page + 1))
    rows = (tuple(turns), (_to_desk(voice),))
    return Message(m.join("\n", lines), tuple(row for row in rows if row))


def _about(voice: Voice, name: str, value: str) -> str:
    """What a deed was about, in the editor's words; `name` says what kind of value it is."""
    if name == "role" and value in set(Role):
        return voice.label(f"role.{value}")
    if name == "desk" and value:
        return voice.foreign(voice.desk(value))
    return voice.foreign(value, _NAME)


def _complete(values: dict[str, str]) -> dict[str, str]:
    """Every place that some deed has, so that an older entry without one can be read."""
    return {"role": "", "who": "", "feed": "", "story": "", "desk": "", "n": ""} | values


def _to_desk(voice: Voice) -> Button:
    return voice.button("office.home", "office", "home", 0)
