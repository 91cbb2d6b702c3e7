"""A story at the editors' desk: what it is made of, and the questions before it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data, token
from bot.domain.message import Button, Message, Text
from bot.views import notices
from bot.views.lists import source
from bot.views.sources import paper
from bot.views.voice import HEADLINE, grid, ticked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.editing import Concerns, Report, Sheet
    from bot.domain.message import Rows
    from bot.errors import UserError
    from bot.views.voice import Voice

PAGE: Final = 8
"""Stories on one page of what needs the editors."""
LISTED: Final = 8
"""Reports that are named, and that have a button where one is asked for."""
_NAME: Final = 60


def concerns(voice: Voice, found: Concerns, page: int = 0) -> Message:
    """The stories that readers doubt, then those that were taken down; a number opens one.

    Args:
        voice: who reads.
        found: all of them.
        page: from 0; one too many shows the last.
    """
    total = len(found.doubted) + len(found.withdrawn)
    page = min(page, max(total - 1, 0) // PAGE)
    here = range(page * PAGE, min((page + 1) * PAGE, total))
    doubted, taken_down, buttons = [], [], []
    for place in here:
        number, beyond = place + 1, place - len(found.doubted)
        if beyond < 0:
            one = found.doubted[place]
            title = _numbered(voice, number, one.title)
            doubted.append(m.join(" · ", (title, voice("edit.doubts", one.readers))))
            story_id = one.id
        else:
            story_id, headline = found.withdrawn[beyond]
            taken_down.append(_numbered(voice, number, headline))
        buttons.append(Button(str(number), data("edit", story_id)))
    blocks = [voice("edit.concerns")]
    if doubted:
        blocks.append(m.join("\n", (voice("edit.doubted"), *doubted)))
    if taken_down:
        blocks.append(m.join("\n", (voice("edit.taken_down"), *taken_down)))
    if not total:
        blocks.append(voice("edit.no_concerns"))
    turns = []
    if page:
        turns.append(voice.button("button.back", "office", "stories", page - 1))
    if here.stop < total:
        turns.append(voice.button("button.next", "office", "stories", page + 1))
    rows = (*grid(buttons, 4), tuple(turns), (voice.button("office.home", "office", "home", 0),))
    return Message(m.join("\n\n", blocks), tuple(row for row in rows if row))


def _numbered(voice: Voice, number: int, title: str) -> Text:
    return voice.line(m.join(" ", (m.bold(f"{number}."), _named(voice, title))))


def _named(voice: Voice, title: str, limit: int = HEADLINE) -> str:
    return voice.foreign(title, limit) or voice.label("story.untitled")


def sheet(voice: Voice, shown: Sheet, done: str = "") -> Message:
    """A story with its reports and what can be done with it; `done` is what was just done."""
    facts = [
        voice.line(m.bold(_named(voice, shown.title))),
        voice("edit.number", story=f"s{shown.id}", desk=voice.desk(shown.desk)),
        voice("edit.readers", opened=shown.opened, comments=shown.comments),
    ]
    if shown.withdrawn:
        facts.append(voice("edit.withdrawn"))
    head = voice(f"edit.done_{done}") if done else Text()
    return Message(m.join("\n\n", (head, m.join("\n", facts), *_reports(voice, shown))), _rows(voice, shown))


def _reports(voice: Voice, shown: Sheet) -> list[Text]:
    """The reports by their numbers, and how many more there are."""
    named = [_report(voice, place, one) for place, one in enumerate(shown.reports[:LISTED], 1)]
    more = len(shown.reports) - LISTED
    return [*named, voice("sources.more", more)] if more > 0 else named


def _report(voice: Voice, place: int, one: Report) -> Text:
    title = voice.line(m.join(" ", (f"{place}.", m.link(_named(voice, one.title), one.url))))
    facts = voice("list.meta", source=source(voice, one.source, one.url), time=voice.time(one.shown_at))
    lines = [title, facts]
    if one.doubts:
        lines.append(voice("edit.doubts", one.doubts))
    return m.join("\n", lines)


def _rows(voice: Voice, shown: Sheet) -> Rows:
    number = shown.id
    down = (
        voice.button("edit.put_back", "editset", number, "back")
        if shown.withdrawn
        else voice.button("edit.take_down", "editask", number, "down")
    )
    buttons = [
        down,
        voice.button("office.other_desk", "editask", number, "desk"),
        voice.button("edit.headline", "editask", number, "headline"),
        voice.button("edit.merge", "editask", number, "merge"),
    ]
    if shown.headline:
        buttons.append(voice.button("edit.papers_own", "editset", number, "original"))
    if len(shown.reports) > 1:
        buttons.append(voice.button("edit.split", "editask", number, "split"))
    if any(one.doubts for one in shown.reports):
        buttons.append(voice.button("edit.settle", "editset", number, "settle"))
    return (*grid(buttons, 2), (voice.button("office.home", "office", "home", 0),))


def ask_down(voice: Voice, shown: Sheet) -> Message:
    """Asking before a story is taken down."""
    yes = voice.button("edit.take_down", "editset", shown.id, "down")
    return Message(
        voice("edit.ask_down", title=_named(voice, shown.title, _NAME)), ((_back(voice, shown), yes),)
    )


def desks(voice: Voice, shown: Sheet, names: Sequence[str]) -> Message:
    """Choosing the desk of a story; the one it is on is ticked."""
    buttons = [
        Button(
            ticked(voice.desk(name), on=name == shown.desk), data("editset", shown.id, "desk", token(name))
        )
        for name in names
    ]
    text = voice("office.which_desk", name=_named(voice, shown.title, _NAME))
    return Message(text, (*grid(buttons, 2), (_back(voice, shown),)))


def ask_words(voice: Voice, shown: Sheet, kind: str, wrong: UserError | None = None) -> Message:
    """Asking for a headline, or for the story to merge with; the next message answers.

    `wrong` is what was the matter with the one before.
    """
    said = notices.problem(voice, wrong).text if wrong else Text()
    text = m.join("\n\n", (said, voice(f"edit.ask_{kind}", title=_named(voice, shown.title, _NAME))))
    return Message(text, ((voice.button("button.cancel", "sheet", shown.id),),))


def ask_merge(voice: Voice, first: Sheet, second: Sheet) -> Message:
    """Asking before two stories are made one."""
    text = voice("edit.sure_merge", first=_named(voice, first.title), second=_named(voice, second.title))
    yes = voice.button("edit.merge", "editset", first.id, "merge", second.id)
    return Message(text, ((voice.button("button.cancel", "sheet", first.id), yes),))


def ask_split(voice: Voice, shown: Sheet) -> Message:
    """Which report shall be a story of its own?"""
    rows = tuple(
        (Button(paper(voice, place, one.source, one.url), data("editset", shown.id, "split", one.id)),)
        for place, one in enumerate(shown.reports[:LISTED], 1)
    )
    asked = voice("edit.ask_split", title=_named(voice, shown.title, _NAME))
    return Message(m.join("\n\n", (*_reports(voice, shown), asked)), (*rows, (_back(voice, shown),)))


def _back(voice: Voice, shown: Sheet) -> Button:
    return voice.button("button.back", "sheet", shown.id)
