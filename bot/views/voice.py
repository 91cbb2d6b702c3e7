"""How a view speaks: in the reader's language, on the reader's clock."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.domain import cleaning
from bot.domain import message as m
from bot.domain.buttons import data
from bot.domain.message import Button, Rows, Text
from bot.domain.places import clock_of
from bot.texts.catalogue import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.domain.message import Styled
    from bot.domain.news import Reader
    from bot.texts.catalogue import Words

HEADLINE: Final = 110
"""UTF-16 units of a headline in a list, cut at a word's end."""
SHARED: Final = 14
"""Characters of a label that shares its row: at the largest font of a phone more are cut."""
ALONE: Final = 24
"""Characters of a label that has its row to itself."""
TICK: Final = "✓ "
CHOICES: Final = 16
"""Names to choose from on one page; a message takes 100 buttons, and a thumb fewer."""
_RIGHT: Final = frozenset({"R", "AL"})
_MARK: Final = "\u200f"
LEFT: Final = "\u200e"
"""The mark that keeps a line, or what follows a name, from left to right."""
_COMMAND: Final = re.compile(r"(?<![<\w])/[a-z]+(?: [0-9]+| [A-Z0-9]+(?:-[A-Z0-9]+)+)?")


@dataclass(frozen=True, slots=True)
class Voice:
    """A language, a clock and the present moment.

    Attributes:
        language: the interface's; English stands in for one that we lack.
        zone: the reader's place.
        now: the time of writing, which decides whether a clock time needs its date.
    """

    language: str
    zone: ZoneInfo
    now: datetime

    @classmethod
    def of(cls, reader: Reader, now: datetime) -> Voice:
        """How a reader is spoken to."""
        return cls(reader.language, clock_of(reader.zone), now)

    @property
    def words(self) -> Words:
        """The catalogue."""
        return words(self.language)

    def __call__(self, key: str, number: int | None = None, /, **values: Styled | int) -> Text:
        """A sentence with its places filled; `number` chooses the plural form and fills `{n}`.

        Commands and mentions in what is filled in do nothing.
        """
        tame = {
            name: cleaning.inert(value) if isinstance(value, str) else value for name, value in values.items()
        }
        template = directed(self.words, self.words.template(key, number))
        filled = m.fill(template, **_counted(tame, number))
        return filled if self.words.right_to_left else _levelled(filled)

    def label(self, key: str, number: int | None = None, /, **values: str | int) -> str:
        """A sentence as plain words, for a button."""
        return m.fill(self.words.template(key, number), **_counted(values, number)).plain

    def button(self, key: str, verb: str, *arguments: str | int) -> Button:
        """A button with a label of the catalogue."""
        return Button(self.label(key), data(verb, *arguments))

    def fitted(self, key: str, place: str, value: str, **others: str | int) -> str:
        """A label with a long value, cut so that it fits a row of its own; `place` is the value's."""
        room = ALONE - len(self.label(key, **others, **{place: ""}))
        return self.label(key, **others, **{place: cleaning.plain(value, room)})

    def foreign(self, text: str, limit: int | None = None) -> str:
        """A headline, source or name from outside: cleaned, without commands, kept from turning the line round."""
        clean = cleaning.plain(text, limit)
        turned = self.words.right_to_left or turns(clean)
        return cleaning.isolated(clean) if turned else cleaning.inert(clean)

    def desk(self, name: str) -> str:
        """A desk's name in this language; one that an operator invented keeps its own, and of a long one both ends."""
        key = f"desk.{name}"
        if self.words.has(key):
            return self.label(key)
        return cleaning.both_ends(name, ALONE - len(TICK)) or self.label("desks.none")

    def time(self, at: datetime) -> Text:
        """A moment that new clients show live: `06:40` today, `26 Nov 06:40` earlier in the year, else the date."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return m.clock(self.words.clock(at, self.zone), at, "t")
        if abs((today - local).days) < 300:
            written = f"{self.words.short_day(local.date())} {self.words.clock(at, self.zone)}"
            return m.clock(written, at, "dt")
        return m.clock(self.words.day_and_year(local.date()), at, "D")

    def hour(self, minute: int) -> str:
        """Minutes after midnight as `08:00`."""
        return f"{minute // 60:02}:{minute % 60:02}"

    def line(self, text: Styled) -> Text:
        """A line that no sentence of the catalogue begins: a headline, a desk's name, a teaser."""
        if self.words.right_to_left:
            return m.concat((_MARK, text) if text else ())
        return _levelled(m.concat((text,)))

    def listed(self, names: Sequence[str]) -> str:
        """Names one after the other, in the interface's order whatever their letters."""
        return self.words.comma.join(map(self.foreign, names))


def directed(words: Words, template: str) -> str:
    """In a right-to-left interface each line begins with a mark of that direction, and commands keep their own."""
    if not words.right_to_left:
        return template
    lines = _COMMAND.sub("\u2066\\g<0>\u2069", template).split("\n")
    return "\n".join(line and _MARK + line for line in lines)


def turns(text: str) -> bool:
    """Whether any of it is written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(letter) in _RIGHT for letter in text)


def _levelled(text: Text) -> Text:
    """Lines of a left-to-right interface, with a mark before each whose first letter is from right to left.

    Its name is isolated, but not all clients pass over what is isolated when they look for a line's direction.
    """
    if text.plain.isascii():
        return text
    lines, places, at = text.plain.split("\n"), [], 0
    for number, line in enumerate(lines):
        if _begins_right(line):
            lines[number] = LEFT + line
            places.append(at)
        at += m.units(line) + 1
    if not places:
        return text

    def moved(unit: int) -> int:
        return unit + sum(place < unit for place in places)

    entities = tuple(
        replace(one, offset=moved(one.offset), length=moved(one.end) - moved(one.offset))
        for one in text.entities
    )
    return Text("\n".join(lines), entities)


def _begins_right(line: str) -> bool:
    sides = (unicodedata.bidirectional(letter) for letter in line)
    return next((side for side in sides if side == "L" or side in _RIGHT), "L") in _RIGHT


def _counted(values: Mapping[str, Styled | int], number: int | None) -> Mapping[str, Styled | int]:
    return values if number is None else {**values, "n": number}


def capital(label: str) -> str:
    """A label with its first letter as a sentence begins, and the others as they are."""
    return label[:1].upper() + label[1:]


def ticked(label: str, *, on: bool) -> str:
    """A label, ticked where it stands for what is in force."""
    return f"{TICK}{label}" if on else label


def part(names: Sequence[str], page: int) -> tuple[Sequence[str], int, bool]:
    """A page of names to choose from, which page it is, and whether more follow; one too many shows the last."""
    page = min(page, max(len(names) - 1, 0) // CHOICES)
    end = (page + 1) * CHOICES
    return names[page * CHOICES : end], page, end < len(names)


def grid(buttons: Sequence[Button], width: int) -> Rows:
    """Buttons in rows of at most `width`; one whose label is too long to share has a row to itself."""
    rows: list[list[Button]] = [[]]
    for button in buttons:
        long = len(button.label) > SHARED
        if len(rows[-1]) == width or (rows[-1] and (long or len(rows[-1][-1].label) > SHARED)):
            rows.append([])
        rows[-1].append(button)
    return tuple(tuple(row) for row in rows if row)
