"""What travels to a chat: plain text, the entities over it, and the buttons under it.

Nothing is ever escaped, because markup is never part of the text: styling is a list of ranges beside it.
All offsets and lengths are UTF-16 code units, as Telegram counts them (Bot API, MessageEntity).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from string import Formatter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TEXT_LIMIT: Final = 4096
"""UTF-16 units in one message. Telegram counts code points, which are never more."""

CAPTION_LIMIT: Final = 1024
"""UTF-16 units of the words under a picture or a file, likewise."""

ALBUM_LIMIT: Final = 10
"""Pictures or files in one album (Bot API, sendMediaGroup)."""

ENTITY_LIMIT: Final = 100
"""Entities that Telegram keeps in one message; it drops the rest without a word."""


class Style(StrEnum):
    """Kinds of entity, by their Bot API names."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRUCK = "strikethrough"
    SPOILER = "spoiler"
    CODE = "code"
    PRE = "pre"
    LINK = "text_link"
    QUOTE = "blockquote"
    FOLDED = "expandable_blockquote"
    TIME = "date_time"


SOLID: Final = frozenset({Style.LINK, Style.CODE, Style.PRE, Style.TIME})
"""Styles whose range loses its sense when cut in two; splitting moves such a range whole."""


def units(text: str) -> int:
    """The length of `text` in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Entity:
    """One styled range.

    Attributes:
        style: what the range looks like.
        offset: where it begins, in UTF-16 units.
        length: how long it is, in UTF-16 units.
        url: where a LINK leads.
        at: the moment a TIME shows; clients render it in the reader's own zone.
        form: how a TIME is rendered: `r` or some of `w`, `d` or `D`, `t` or `T` (Bot API, date-time entity); of a
            PRE, the programming language.
    """

    style: Style
    offset: int
    length: int
    url: str = ""
    at: datetime | None = None
    form: str = ""

    @property
    def end(self) -> int:
        """The unit after the last one of the range."""
        return self.offset + self.length

    def moved(self, distance: int) -> Entity:
        """The range so many units further on; written out, since a digest moves 270 of them while it is put together."""
        return Entity(self.style, self.offset + distance, self.length, self.url, self.at, self.form)


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of styled text: pieces are added and joined, and only then sent."""

    plain: str = ""
    entities: tuple[Entity, ...] = ()

    def __add__(self, other: Styled) -> Text:
        return concat((self, other))

    def __radd__(self, other: str) -> Text:
        return concat((other, self))

    def __len__(self) -> int:
        return units(self.plain)

    def __bool__(self) -> bool:
        return bool(self.plain)

    def slice(self, start: int, end: int) -> Text:
        """The part from unit `start` to unit `end`; entities are cut to it and empty ones fall away."""
        encoded = self.plain.encode("utf-16-le", "surrogatepass")
        part = encoded[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")
        inside = (_clip(entity, start, end) for entity in self.entities)
        return Text(part, tuple(entity for entity in inside if entity.length > 0))

    def strip(self) -> Text:
        """Without white space at both ends."""
        lead = len(self.plain) - len(self.plain.lstrip())
        start = units(self.plain[:lead])
        return self.slice(start, start + units(self.plain.strip()))


Styled: TypeAlias = Text | str


def _clip(entity: Entity, start: int, end: int) -> Entity:
    begins, ends = max(entity.offset, start), min(entity.end, end)
    return replace(entity, offset=begins - start, length=ends - begins)


def concat(pieces: Iterable[Styled]) -> Text:
    """All pieces, one after the other."""
    words: list[str] = []
    entities: list[Entity] = []
    offset = 0
    for piece in pieces:
        if isinstance(piece, Text):
            entities += [entity.moved(offset) for entity in piece.entities] if offset else piece.entities
        plain = piece.plain if isinstance(piece, Text) else piece
        words.append(plain)
        offset += units(plain)
    entities.sort(key=lambda entity: (entity.offset, -entity.length))
    return Text("".join(words), tuple(entities))


def join(separator: Styled, pieces: Iterable[Styled]) -> Text:
    """All pieces with `separator` between them; empty pieces fall away."""
    present = [piece for piece in pieces if piece]
    between: list[Styled] = []
    for piece in present:
        between += (separator, piece) if between else (piece,)
    return concat(between)


def styled(style: Style, inner: Styled, *, url: str = "", at: datetime | None = None, form: str = "") -> Text:
    """`inner` with one more entity over all of it; nothing where there is no text."""
    piece = inner if isinstance(inner, Text) else Text(inner)
    if not piece:
        return piece
    cover = Entity(style, 0, len(piece), url=url, at=at, form=form)
    return Text(piece.plain, (cover, *piece.entities))


def bold(inner: Styled) -> Text:
    """`inner` in bold."""
    return styled(Style.BOLD, inner)


def link(inner: Styled, url: str) -> Text:
    """`inner` leading to `url`; plain where the address is empty."""
    return styled(Style.LINK, inner, url=url) if url else concat((inner,))


def quote(inner: Styled) -> Text:
    """`inner` as a quotation."""
    return styled(Style.QUOTE, inner)


def folded(inner: Styled) -> Text:
    """`inner` as a quotation that shows three lines until it is tapped."""
    return styled(Style.FOLDED, inner)


def clock(words: str, at: datetime, form: str = "t") -> Text:
    """A moment: `words` for old clients, the reader's own clock for new ones."""
    return styled(Style.TIME, words, at=at, form=form)


_TAG = re.compile(r"</?[bi]>")


def fill(template: str, **values: Styled | int) -> Text:
    """A template of the catalogue made into text.

    Args:
        template: words with `{name}` places and `<b>...</b>`, `<i>...</i>` ranges, which do not nest.
        values: what goes into the places; a styled value keeps its entities, and marks inside a value
            are shown as they are.

    Raises:
        KeyError: a place has no value.
    """
    pieces: list[Styled] = []
    open_style: Style | None = None
    inside: list[Styled] = []
    for token in _tokens(template, values):
        if token is None or isinstance(token, Style):
            pieces.append(styled(open_style, concat(inside)) if open_style else concat(inside))
            open_style, inside = token, []
        else:
            inside.append(token)
    pieces.append(styled(open_style, concat(inside)) if open_style else concat(inside))
    return concat(pieces)


def _tokens(template: str, values: dict[str, Styled | int]) -> Iterator[Styled | Style | None]:
    """The template as literal words, filled places, and changes of style (None: back to plain)."""
    for literal, name, _, _ in Formatter().parse(template):
        end = 0
        for tag in _TAG.finditer(literal):
            yield literal[end : tag.start()]
            yield {"<b>": Style.BOLD, "<i>": Style.ITALIC}.get(tag.group())
            end = tag.end()
        yield literal[end:]
        if name is not None:
            value = values[name]
            yield str(value) if isinstance(value, int) else value


@dataclass(frozen=True, slots=True)
class Button:
    """One button: `data` comes back to us when it is tapped, `url` opens a page; never both."""

    label: str
    data: str = ""
    url: str = ""


Rows: TypeAlias = tuple[tuple[Button, ...], ...]


class Kind(StrEnum):
    """Kinds of media, by the names of their Bot API fields."""

    PHOTO = "photo"
    VIDEO = "video"
    ANIMATION = "animation"
    DOCUMENT = "document"
    AUDIO = "audio"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or file that Telegram has.

    Attributes:
        file_id: by which this bot, and no other, can send it again.
        hidden: blurred until it is tapped; a photo, video or animation.
    """

    kind: Kind
    file_id: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What one chat message shows.

    Attributes:
        text: the words; under media at most CAPTION_LIMIT of them.
        rows: the keyboard under it, row by row.
        preview: the address of a large preview above the text; empty for none.
        silent: delivered without a sound.
        reply_to: the message of the same chat that it answers; 0 for none.
        media: what stands above the words; several are an album, which shows no buttons and no preview.
    """

    text: Text
    rows: Rows = ()
    preview: str = ""
    silent: bool = False
    reply_to: int = 0
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is sent: its name, its bytes, and its media type."""

    name: str
    content: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What an empty chat, a shared link and the menu show, in one language.

    Attributes:
        long: at most 512 characters (Bot API, setMyDescription).
        short: at most 120 characters (setMyShortDescription).
        commands: names with what they do (setMyCommands).
    """

    long: str
    short: str
    commands: tuple[tuple[str, str], ...]


def to_document(message: Message) -> dict[str, Any]:
    """The message as plain JSON values, for keeping; `from_document` reads it back."""
    document: dict[str, Any] = {
        "text": message.text.plain,
        "entities": [_entity_document(entity) for entity in message.text.entities],
        "rows": [[[b.label, b.data, b.url] for b in row] for row in message.rows],
        "preview": message.preview,
        "silent": message.silent,
    }
    if message.reply_to:
        document["reply_to"] = message.reply_to
    if message.media:
        document["media"] = [[one.kind.value, one.file_id, one.hidden] for one in message.media]
    return document


def _entity_document(entity: Entity) -> list[Any]:
    at = entity.at.timestamp() if entity.at else None
    return [entity.style.value, entity.offset, entity.length, entity.url, at, entity.form]


def from_document(document: dict[str, Any]) -> Message:
    """The message that `to_document` wrote."""
    entities = tuple(
        Entity(
            Style(style),
            offset,
            length,
            url,
            datetime.fromtimestamp(at, UTC) if at is not None else None,
            form,
        )
        for style, offset, length, url, at, form in document["entities"]
    )
    return Message(
        Text(document["text"], entities),
        tuple(tuple(Button(*button) for button in row) for row in document["rows"]),
        document["preview"],
        document["silent"],
        document.get("reply_to", 0),
        tuple(Media(Kind(kind), file_id, hidden) for kind, file_id, hidden in document.get("media", ())),
    )
