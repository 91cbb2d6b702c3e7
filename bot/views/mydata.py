"""What is kept about a reader, in plain words: downloaded, moved to another account, or deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import message as m
from bot.domain.message import Message, Style

if TYPE_CHECKING:
    from bot.domain.message import Text
    from bot.views.voice import Voice


def kept(voice: Voice, *, known: bool = True) -> Message:
    """What is kept, and what can be done about it; of somebody who never pressed Start there is nothing."""
    if not known:
        return Message(voice("data.kept"), ((voice.button("button.set_up", "go", "start"),),))
    rows = (
        (voice.button("button.download", "download"),),
        (voice.button("button.move", "code"),),
        (voice.button("button.back", "ask", "settings"),),
        (voice.button("button.erase", "ask", "erase"),),
    )
    return Message(voice("data.kept"), rows)


def caption(voice: Voice) -> Text:
    """What stands under the file."""
    return voice("data.file")


def code(voice: Voice, shown: str) -> Message:
    """The code that the new account sends, to be copied by a tap."""
    return Message(
        voice("move.code", code=m.styled(Style.CODE, shown)), ((voice.button("button.back", "ask", "data"),),)
    )


def moved_here(voice: Voice) -> Message:
    """On the new account, when everything is there."""
    below = (
        voice.button("button.settings", "go", "settings"),
        voice.button("button.saved_list", "go", "saved"),
    )
    return Message(voice("move.here"), (below,))


def moved_away(voice: Voice) -> Message:
    """On the old account: whoever did not want this hears of it."""
    return Message(voice("move.away"), ((voice.button("button.my_data", "ask", "data"),),))


def erase(voice: Voice, *, again: bool = False, runs_it: bool = False) -> Message:
    """Asked twice, in words what goes, and what stays of somebody who runs the newsroom."""
    last = (
        voice.button("button.erase_yes", "erase")
        if again
        else voice.button("button.erase", "ask", "erase_again")
    )
    text = voice("data.erase_again" if again else "data.erase")
    return Message(_but(voice, text, runs_it), ((voice.button("button.back", "ask", "data"),), (last,)))


def erased(voice: Voice, *, runs_it: bool = False) -> Message:
    """When nothing is left, or nothing but the role of somebody who runs the newsroom."""
    return Message(
        _but(voice, voice("data.erased"), runs_it), ((voice.button("button.set_up", "go", "start"),),)
    )


def _but(voice: Voice, text: Text, runs_it: bool) -> Text:  # noqa: FBT001 - of this room alone
    return m.join("\n\n", (text, voice("data.newsroom"))) if runs_it else text
