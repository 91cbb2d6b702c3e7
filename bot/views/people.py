"""Who runs the newsroom: the list, invitations, and letting somebody go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import Button, Message
from bot.domain.people import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.people import Person
    from bot.views.voice import Voice

_NAME: Final = 30
SHOWN: Final = 20
"""People in one list: more is no newsroom of this kind."""


def people(voice: Voice, everybody: Sequence[Person], done: str = "") -> Message:
    """Everybody with a role; those whom the operator's settings name are none of these."""
    lines = [
        voice(
            "people.line",
            name=_name(voice, one),
            role=voice.label(f"role.{one.role}"),
            time=voice.time(one.since),
        )
        for one in everybody[:SHOWN]
    ]
    blocks = (voice(f"people.done_{done}") if done else m.Text(), voice("people.title"), m.join("\n", lines))
    text = m.join("\n\n", (*blocks, *(() if lines else (voice("people.none"),))))
    dismissals = tuple(
        (
            Button(
                voice.fitted("people.dismiss", "name", one.name or str(one.user_id)),
                data("letgo", one.user_id),
            ),
        )
        for one in everybody[:6]
    )
    invitations = (
        voice.button("people.invite_editor", "invite", Role.EDITOR.value),
        voice.button("people.invite_moderator", "invite", Role.MODERATOR.value),
    )
    home = voice.button("office.home", "office", "home", 0)
    return Message(text, (*((one,) for one in invitations), *dismissals, (home,)))


def invitation(voice: Voice, role: str, link: str) -> Message:
    """A link that makes whoever opens it first an editor or moderator."""
    text = voice("people.invitation", role=voice.label(f"role.{role}"), link=link)
    return Message(text, ((voice.button("office.people", "office", "people", 0),),))


def ask_dismiss(voice: Voice, one: Person) -> Message:
    """Asking before somebody is let go."""
    back = voice.button("button.back", "office", "people", 0)
    yes = voice.button("people.let_go", "dismiss", one.user_id)
    return Message(
        voice("people.ask", name=_name(voice, one), role=voice.label(f"role.{one.role}")), ((back, yes),)
    )


def welcome(voice: Voice, newsroom: str, role: str) -> Message:
    """The word to somebody who has just become one of them."""
    text = voice("people.welcome", newsroom=voice.foreign(newsroom), role=voice.label(f"role.{role}"))
    return Message(text, ((voice.button("office.home", "office", "home", 0),),))


def _name(voice: Voice, one: Person) -> str:
    return voice.foreign(one.name or str(one.user_id), _NAME)
