"""Who runs the newsroom: the list, invitations, and letting somebody go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import Button, Message
from bot.domain.people import Role
from bot.views.voice import grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.people import Person
    from bot.views.voice import Voice

_NAME: Final = 30
PAGE: Final = 8
"""People on one page."""


def people(voice: Voice, everybody: Sequence[Person], page: int = 0, done: str = "") -> Message:
    """Everybody with a role, a number lets somebody go; those whom the operator's settings name are none of these.

    Args:
        voice: who reads.
        everybody: in the order in which they are shown.
        page: from 0; one too many shows the last.
        done: what was just done.
    """
    page = min(page, max(len(everybody) - 1, 0) // PAGE)
    shown = dict(enumerate(everybody[page * PAGE : (page + 1) * PAGE], page * PAGE + 1))
    lines = [
        voice(
            "people.line",
            place=place,
            name=_name(voice, one),
            role=voice.label(f"role.{one.role}"),
            time=voice.time(one.since),
        )
        for place, one in shown.items()
    ]
    said = voice(f"people.done_{done}") if done else m.Text()
    how = voice("people.how" if lines else "people.none")
    text = m.join("\n\n", (said, voice("people.title"), m.join("\n", lines), how))
    numbers = [Button(str(place), data("letgo", one.user_id, page)) for place, one in shown.items()]
    turns = []
    if page:
        turns.append(voice.button("button.back", "office", "people", page - 1))
    if (page + 1) * PAGE < len(everybody):
        turns.append(voice.button("button.next", "office", "people", page + 1))
    invitations = (
        voice.button("people.invite_editor", "invite", Role.EDITOR.value),
        voice.button("people.invite_moderator", "invite", Role.MODERATOR.value),
    )
    home = voice.button("office.home", "office", "home", 0)
    rows = (*grid(numbers, 4), tuple(turns), *((one,) for one in invitations), (home,))
    return Message(text, tuple(row for row in rows if row))


def invitation(voice: Voice, role: str, link: str) -> Message:
    """A link that makes whoever opens it first an editor or moderator."""
    text = voice("people.invitation", role=voice.label(f"role.{role}"), link=link)
    return Message(text, ((voice.button("office.people", "office", "people", 0),),))


def ask_dismiss(voice: Voice, one: Person, page: int = 0) -> Message:
    """Asking before somebody is let go; `page` is the one of the list to go back to."""
    back = voice.button("button.back", "office", "people", page)
    yes = voice.button("people.let_go", "dismiss", one.user_id, page)
    return Message(
        voice("people.ask", name=_name(voice, one), role=voice.label(f"role.{one.role}")), ((back, yes),)
    )


def welcome(voice: Voice, newsroom: str, role: str) -> Message:
    """The word to somebody who has just become one of them."""
    text = voice("people.welcome", newsroom=voice.foreign(newsroom), role=voice.label(f"role.{role}"))
    return Message(text, ((voice.button("office.home", "office", "home", 0),),))


def _name(voice: Voice, one: Person) -> str:
    return voice.foreign(one.name or str(one.user_id), _NAME)
