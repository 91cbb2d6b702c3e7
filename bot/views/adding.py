"""Feeds before they are taken in: what is asked, what one gives, what a list holds, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data, token
from bot.domain.links import host_of
from bot.domain.message import Button, Message
from bot.texts.catalogue import own_name
from bot.views import notices, subscriptions
from bot.views.voice import HEADLINE, SHARED, grid, ticked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.message import Text
    from bot.domain.news import FeedEntry
    from bot.domain.sampling import Proposal, Sample
    from bot.domain.subscriptions import Report
    from bot.errors import UserError
    from bot.views.voice import Voice

_NAME: Final = 60
"""UTF-16 units of a feed's name."""


def ask(voice: Voice, wrong: UserError | None = None) -> Message:
    """Asking for an address or a list; `wrong` is what was the matter with the one before."""
    asked = voice("adding.ask")
    text = m.join("\n\n", (notices.problem(voice, wrong).text, asked)) if wrong else asked
    return Message(text, ((voice.button("button.cancel", "office", "feeds", 0),),))


def proposal(voice: Voice, found: Proposal) -> Message:
    """A feed as it would be taken in, and whether it shall be."""
    cancel = voice.button("button.cancel", "office", "feeds", 0)
    desk = voice("office.feed_desk", desk=voice.desk(found.desk))
    text = m.join("\n\n", (_sample(voice, found.sample), desk))
    if found.known:
        known = m.join("\n\n", (_sample(voice, found.sample), voice("adding.known")))
        return Message(known, ((voice.button("office.look", "feed", found.known), cancel),))
    chosen = token(found.desk) if found.desk else ""
    add = Button(voice.label("adding.add"), data("addfeed", found.question_id, chosen))
    other = voice.button("office.other_desk", "addesk", found.question_id)
    return Message(text, ((add, other), (cancel,)))


def cure(voice: Voice, sample: Sample, feed_id: int) -> Message:
    """What stands at the address that the doctor found for a feed."""
    take = voice.button("office.take_new", "feedset", feed_id, "take")
    return Message(_sample(voice, sample), ((take, voice.button("button.back", "feed", feed_id)),))


def no_cure(voice: Voice, wrong: UserError, feed_id: int) -> Message:
    """What is the matter with the address that the doctor found for a feed."""
    return Message(notices.problem(voice, wrong).text, ((voice.button("button.back", "feed", feed_id),),))


def _sample(voice: Voice, sample: Sample) -> Text:
    feed = sample.feed
    name = voice.foreign(feed.title, HEADLINE) or voice.label("follow.unnamed")
    host = voice.line(voice.foreign(host_of(feed.url)))
    headlines = [
        voice.line(m.concat(("• ", voice.foreign(headline, HEADLINE)))) for headline in sample.headlines
    ]
    facts = [voice("adding.stories", sample.stories)]
    if sample.a_day is not None:
        facts.append(voice("adding.a_day", number=voice.words.decimal(sample.a_day)))
    if feed.language:
        facts.append(voice("adding.language", language=own_name(feed.language)))
    if sample.stories:
        facts.append(voice("office.gives_full" if sample.full else "office.gives_teasers"))
    title = m.join("\n", (voice.line(m.bold(m.link(name, feed.site or feed.url))), host))
    shown = m.join("\n", headlines) if headlines else voice("adding.no_headlines")
    return m.join("\n\n", (title, shown, m.join("\n", facts)))


def desks(voice: Voice, found: Proposal, names: Sequence[str]) -> Message:
    """Choosing the desk of a feed that is to be taken in; the likely one is ticked."""
    buttons = [
        Button(
            ticked(voice.desk(name), on=name == found.desk), data("sample", found.question_id, token(name))
        )
        for name in names
    ]
    name = voice.foreign(found.sample.feed.title, _NAME) or voice.label("follow.unnamed")
    back = voice.button("button.back", "sample", found.question_id)
    return Message(voice("office.which_desk", name=name), (*grid(buttons, 2), (back,)))


def nearby(voice: Voice, found: Sequence[FeedEntry], question_id: int) -> Message:
    """Feeds that were found near a page that is none."""
    lines = [
        voice(
            "follow.near",
            place=place,
            name=voice.foreign(entry.title or host_of(entry.url), _NAME) or voice.label("follow.unnamed"),
            address=voice.foreign(entry.url.partition("://")[2], _NAME),
        )
        for place, entry in enumerate(found, 1)
    ]
    buttons = [Button(str(place + 1), data("near", question_id, place)) for place in range(len(found))]
    cancel = voice.button("button.cancel", "office", "feeds", 0)
    return Message(m.join("\n", (voice("follow.nearby"), *lines)), (tuple(buttons), (cancel,)))


def report(voice: Voice, looked_at: Report) -> Message:
    """What a list holds, a line for each kind, and the question whether to take it in."""
    known = voice("adding.here", looked_at.contents.known) if looked_at.contents.known else None
    text = subscriptions.findings(voice, looked_at, known)
    if not looked_at.living:
        return Message(text, ((voice.button("office.feeds", "office", "feeds", 0),),))
    label = voice.label("adding.add_all", n=looked_at.living)
    every = Button(label, data("addall", looked_at.question_id))
    cancel = voice.button("button.cancel", "office", "feeds", 0)
    return Message(text, ((every, cancel),) if len(label) <= SHARED else ((every,), (cancel,)))


def added(voice: Voice, number: int, question_id: int) -> Message:
    """How many feeds a list has brought; within a day this can be undone."""
    feeds = voice.button("office.feeds", "office", "feeds", 0)
    if not number:
        return Message(voice("adding.nothing"), ((feeds,),))
    undo = voice.button("office.undo", "dropall", question_id)
    return Message(voice("adding.added", number), ((undo,), (feeds,)))


def taken_back(voice: Voice, number: int) -> Message:
    """How many feeds were removed again."""
    return Message(
        voice("adding.taken_back", number), ((voice.button("office.feeds", "office", "feeds", 0),),)
    )
