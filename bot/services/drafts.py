"""What every use case of broadcasts needs: what one brings, what it is called, whose it is, and the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.domain.broadcasts import A_SECOND
from bot.domain.cleaning import plain
from bot.domain.message import from_document
from bot.domain.people import Deed
from bot.errors import UserError
from bot.storage import broadcasts, people, readers, stories

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.broadcasts import Broadcast
    from bot.domain.message import Media
    from bot.domain.news import Reader, StoryLine
    from bot.storage.database import Connection

TITLE: Final = 80
"""UTF-16 units by which the log names a message of the editors' own."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator has decided about broadcasts.

    Attributes:
        cap: how many a reader gets a day at most; 0 for any number.
        confirm_over: with more readers a second editor confirms; 0 for never.
        rate: messages a second at which they go.
    """

    cap: int = 3
    confirm_over: int = 10_000
    rate: int = A_SECOND


def get(connection: Connection, broadcast_id: int) -> Broadcast:
    """A broadcast by its number.

    Raises:
        UserError: there is none.
    """
    found = broadcasts.get(connection, broadcast_id)
    if found is None:
        raise UserError("error.old_button")
    return found


def content(connection: Connection, found: Broadcast) -> StoryLine | None:
    """The story of a broadcast; None for a message of the editors' own.

    Raises:
        UserError: its story is there no more.
    """
    if found.document is not None:
        return None
    lines = stories.lines(connection, [found.story_id] if found.story_id is not None else [])
    if not lines:
        raise UserError("error.story_gone")
    return lines[0]


def media_of(found: Broadcast) -> tuple[Media, ...]:
    """The pictures and files of a message of the editors' own."""
    return from_document(found.document).media if found.document is not None else ()


def title_of(connection: Connection, found: Broadcast) -> str:
    """What a broadcast is called at the desk; a correction like what it corrects."""
    if found.parent_id is not None:
        return title_of(connection, get(connection, found.parent_id))
    if found.document is not None:
        return plain(str(found.document["text"]), TITLE)
    lines = stories.lines(connection, [found.story_id] if found.story_id is not None else [])
    return lines[0].title if lines else ""


def note_deed(connection: Connection, editor: Reader, deed: str, title: str, now: datetime) -> None:
    """Write down what an editor did with a broadcast."""
    people.note(connection, Deed(now, editor.chat_id, editor.first_name, deed, {"story": title}))


def whose(connection: Connection, found: Broadcast) -> tuple[str, datetime]:
    """Who prepared a broadcast, and when."""
    editor = readers.get(connection, found.editor_id) if found.editor_id is not None else None
    return (editor.first_name if editor else people.NOBODY), found.made_at
