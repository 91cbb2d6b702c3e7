"""A new item of town news for every minute, for ever: the same minute always tells the same.

What is told comes from `wire/town-<language>.json`: lists of words, and templates with places for them.

- `{street}` is a word of the list `street`, the same one all through the item; `{street2}` is another one.
- `{street.on}` is another form of the same word, where the list gives its words in several forms.
- `{n:3-9}` is a number in that range and `{n}` the same number again.
- `{n|boat|boats}` is the form that goes with the number; three forms are one, few, many by the Slavic rule
  (Unicode CLDR, plural rules of `ru`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from math import gcd
from typing import TYPE_CHECKING, Any, Final

from bot.playground.wire_sources import FOLDER, Article, Feed, Source, address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PLACE: Final = re.compile(
    r"\{(?P<name>[a-z]+)(?P<other>2?)"
    r"(?:\.(?P<form>[a-z]+)|:(?P<low>\d+)-(?P<high>\d+)|\|(?P<forms>[^}]+))?\}"
)


@dataclass(frozen=True, slots=True)
class Template:
    """The words of one kind of item, with places; the first paragraph is its teaser too."""

    desk: str
    title: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """How one language tells the town's news.

    Attributes:
        words: lists of words by name; a word is a string or its forms by name, the plain one under "".
        templates: the kinds of item.
    """

    words: dict[str, list[str | dict[str, str]]]
    templates: tuple[Template, ...]

    def template(self, turn: int) -> Template:
        """The template whose turn it is; each comes once in a round, and each round has an order of its own."""
        count = len(self.templates)
        lap, place = divmod(turn, count)
        widths = _widths(count)
        width = widths[_chance(f"width {lap}") % len(widths)]
        return self.templates[(_chance(f"start {lap}") + place * width) % count]

    def fill(self, template: Template, minute: int) -> tuple[str, tuple[str, ...]]:
        """The headline and the paragraphs that the template gives in that minute."""
        ranges = {
            place["name"]: (int(place["low"]), int(place["high"]))
            for line in (template.title, *template.text)
            for place in _PLACE.finditer(line)
            if place["low"]
        }
        numbers = {
            name: low + _chance(f"{minute} {name}") % (high - low + 1) for name, (low, high) in ranges.items()
        }

        def put(place: re.Match[str]) -> str:
            if place["name"] in numbers:
                number = numbers[place["name"]]
                return _plural(number, place["forms"].split("|")) if place["forms"] else str(number)
            return self._word(minute, place["name"], place["form"] or "", 1 if place["other"] else 0)

        title, *text = (_capitalised(_PLACE.sub(put, line)) for line in (template.title, *template.text))
        return title, tuple(text)

    def _word(self, minute: int, name: str, form: str, step: int) -> str:
        words = self.words[name]
        word = words[(_chance(f"{minute} {name}") + step) % len(words)]
        return word if isinstance(word, str) else word[form]


@cache
def _widths(count: int) -> list[int]:
    """Steps of a width that shares no divisor with the count pass every place before the first comes again."""
    return [width for width in range(1, count) if gcd(width, count) == 1]


def _chance(seed: str) -> int:
    """A number that looks like chance and is always the same for the same seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])


def _plural(number: int, forms: list[str]) -> str:
    if len(forms) == 2:
        return forms[number != 1]
    if number % 10 == 1 and number % 100 != 11:
        return forms[0]
    few = 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14
    return forms[1 if few else 2]


def _capitalised(line: str) -> str:
    return line[:1].upper() + line[1:]


class Town:
    """Which newspaper tells what in which minute.

    Two minutes of three are told in English, the third in Russian. Every tenth is told by two newspapers that share
    its desk, under the same headline.

    Args:
        sources: all newspapers of the wire; those without a reporter tell nothing here.
        folder: where the grammars are.
    """

    def __init__(self, sources: Iterable[Source], folder: Path = FOLDER) -> None:
        self._tellers: dict[tuple[str, str], list[tuple[Source, Feed]]] = defaultdict(list)
        for source in sources:
            for feed in source.feeds if source.reporter else ():
                self._tellers[source.language, feed.desk].append((source, feed))
        self._grammars = {name: read_grammar(folder / f"town-{name}.json") for name in ("en", "ru")}
        self._shared = {
            name: self._of_shared_desks(name, grammar) for name, grammar in self._grammars.items()
        }

    def _of_shared_desks(self, language: str, grammar: Grammar) -> Grammar:
        templates = (t for t in grammar.templates if len(self._tellers[language, t.desk]) > 1)
        return replace(grammar, templates=tuple(templates))

    def article(self, source: Source, feed: Feed, minute: int) -> Article | None:
        """What one feed tells in a minute; None where it tells nothing then.

        Args:
            source: the newspaper.
            feed: which of its feeds.
            minute: minutes since 1970-01-01 00:00 UTC.
        """
        third, rest = divmod(minute, 3)
        language, turn = ("ru", third) if rest == 2 else ("en", 2 * third + rest)
        grammar = (self._grammars if minute % 10 else self._shared)[language]
        template = grammar.template(turn)
        tellers = self._tellers[language, template.desk]
        first = _chance(f"{minute} teller") % len(tellers)
        telling = [tellers[first]] if minute % 10 else [tellers[first], tellers[first - 1]]
        return (
            _article(source, feed, minute, *grammar.fill(template, minute))
            if (source, feed) in telling
            else None
        )


def _article(source: Source, feed: Feed, minute: int, title: str, text: tuple[str, ...]) -> Article:
    path = f"town/{minute}"
    return Article(
        host=source.host,
        desk=feed.desk,
        guid=str(minute),
        path=path,
        link=address(source.host, path),
        title=title,
        teaser=text[0],
        author=source.reporter,
        published=datetime.fromtimestamp(60 * minute, UTC),
        text=text,
    )


def read_grammar(path: Path) -> Grammar:
    """One language's grammar, from its file."""
    written: dict[str, Any] = json.loads(path.read_text("utf-8"))
    templates = (
        Template(template["desk"], template["title"], tuple(template["text"]))
        for template in written["templates"]
    )
    return Grammar(written["words"], tuple(templates))
