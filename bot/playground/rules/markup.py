"""Telegram's HTML, read as its parser reads it (TD `parse_html`); times after SPEC "HTML style"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bot.domain.message import units
from bot.playground.rules.entities import check_form
from bot.playground.rules.links import check_link, is_mention
from bot.playground.rules.refusal import Refusal, bad_request, unknown_here

if TYPE_CHECKING:
    from bot.playground.rules.cleaning import Entity

_STYLES: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TAGS: Final = frozenset({*_STYLES, "a", "pre", "code", "blockquote", "tg-time", "tg-emoji"})
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(r"&(?:#x([0-9A-Fa-f]*)|#([0-9]*)|([A-Za-z]+));?")
_NAME_TOKEN: Final = re.compile(r"[A-Za-z0-9.-]*")
_SPACE: Final = " \t\r\n\v\0"
_END: Final = "\0"
"""Stands after the last character, as in the C string that the parser walks over."""


@dataclass(slots=True)
class _Tag:
    name: str
    offset: int
    begins: int
    attributes: dict[str, str] = field(default_factory=dict)


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The text and the entities that `source` means.

    Raises:
        Refusal: the markup is broken or has an unknown tag; with the byte offset, as Telegram tells it.
    """
    return _Parser(source).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source + _END
        self._at = 0
        self._words: list[str] = []
        self._units = 0
        self._open: list[_Tag] = []
        self._entities: list[Entity] = []

    def run(self) -> tuple[str, list[Entity]]:
        last = len(self._source) - 1
        while self._at < last:
            character = self._source[self._at]
            if character == "<":
                self._tag()
            elif character == "&" and (decoded := self._reference()):
                self._add(decoded)
            else:
                self._add(character)
                self._at += 1
        if self._open:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        return self._text(), self._entities

    def _text(self) -> str:
        text = "".join(self._words)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _broken(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            ) from None
        return text

    def _add(self, words: str) -> None:
        self._words.append(words)
        self._units += units(words)

    def _reference(self) -> str:
        """The character that a reference names, which is then passed over; empty where it is none."""
        found = _REFERENCE.match(self._source, self._at)
        if not found:
            return ""
        hexadecimal, decimal, name = found.groups()
        if name is not None:
            decoded = _NAMED.get(name, "")
        else:
            long = len(found[0].rstrip(";")) >= 10
            code = 0 if long else int(hexadecimal or "0", 16) or int(decimal or "0")
            decoded = chr(code) if 0 < code < 0x10FFFF else ""
        if decoded:
            self._at = found.end()
        return decoded

    def _tag(self) -> None:
        begin = self._at
        self._at += 1
        if self._source[self._at] == "/":
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _skip_until(self, stops: str) -> str:
        start = self._at
        while self._source[self._at] not in stops:
            self._at += 1
        return self._source[start : self._at]

    def _skip_space(self) -> None:
        while self._here() in _SPACE and self._here() != _END:
            self._at += 1

    def _here(self) -> str:
        return self._source[self._at]

    def _start_tag(self, begin: int) -> None:
        name = self._skip_until(_SPACE + ">").lower()
        if self._here() == _END:
            raise self._unclosed(begin)
        if name not in _TAGS:
            raise _broken(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        tag = _Tag(name, self._units, len(self._words))
        while True:
            self._skip_space()
            if self._here() == ">":
                break
            key, value = self._attribute(name, begin)
            tag.attributes[key] = value
        self._at += 1
        if name == "span" and tag.attributes.get("class") != "tg-spoiler":
            raise _broken(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self._open.append(tag)

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        key = self._skip_until(_SPACE + "=>/\"'")
        if not key:
            if self._here() == _END:
                raise self._unclosed(begin)
            raise _broken(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
        self._skip_space()
        if self._here() != "=":
            if self._here() == _END:
                raise self._unclosed(begin)
            return key, ""
        self._at += 1
        self._skip_space()
        value = self._quoted() if self._here() in "'\"" else self._name_token()
        if self._here() == _END:
            raise self._unclosed(begin)
        return key, value

    def _name_token(self) -> str:
        begin = self._at
        found = _NAME_TOKEN.match(self._source, begin)
        self._at = found.end() if found else begin
        if self._here() not in _SPACE + ">":
            raise _broken(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return self._source[begin : self._at].lower()

    def _quoted(self) -> str:
        mark = self._here()
        self._at += 1
        value: list[str] = []
        while self._here() not in mark + _END:
            if self._here() == "&" and (decoded := self._reference()):
                value.append(decoded)
            else:
                value.append(self._here())
                self._at += 1
        if self._here() == mark:
            self._at += 1
        return "".join(value)

    def _end_tag(self, begin: int) -> None:
        if not self._open:
            raise _broken(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self._at += 1
        name = self._skip_until(_SPACE + ">").lower()
        self._skip_space()
        if self._here() != ">":
            raise _broken(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self._at += 1
        tag = self._open.pop()
        if name and name != tag.name:
            raise _broken(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{tag.name}>", found "</{name}>"'
            )
        if self._units > tag.offset:
            self._close(tag)

    def _close(self, tag: _Tag) -> None:
        place = {"offset": tag.offset, "length": self._units - tag.offset}
        if tag.name in _STYLES:
            self._entities.append({"type": _STYLES[tag.name], **place})
        elif tag.name == "blockquote":
            kind = "expandable_blockquote" if "expandable" in tag.attributes else "blockquote"
            self._entities.append({"type": kind, **place})
        elif tag.name == "a":
            self._close_link(tag, place)
        elif tag.name == "tg-time":
            self._entities.append({"type": "date_time", **place, **_time(tag.attributes)})
        elif tag.name == "tg-emoji":
            raise unknown_here("custom emoji")
        else:
            self._close_code(tag, place)

    def _close_link(self, tag: _Tag, place: dict[str, int]) -> None:
        """A link without an address is its own text; one that leads nowhere becomes plain text."""
        url = tag.attributes.get("href") or "".join(self._words[tag.begins :])
        if is_mention(url):
            raise unknown_here("links to people")
        try:
            self._entities.append({"type": "text_link", **place, "url": check_link(url)})
        except ValueError:
            return

    def _close_code(self, tag: _Tag, place: dict[str, int]) -> None:
        """`<pre><code class="language-x">` over the same text is one block of code in language x."""
        language = _language(tag)
        last = self._entities[-1] if self._entities else {}
        other = "pre" if tag.name == "code" else "code"
        over_same = {key: last.get(key) for key in ("type", *place)} == {"type": other, **place}
        if over_same and (known := language or last.get("language")):
            self._entities[-1] = {"type": "pre", **place, "language": known}
        elif language and self._open and self._open[-1].name == "pre":
            self._entities.append({"type": "code", **place, "language": language})
        else:
            self._entities.append({"type": tag.name, **place})

    def _byte(self, at: int) -> int:
        return len(self._source[:at].encode("utf-8", "surrogatepass"))

    def _unclosed(self, begin: int) -> Refusal:
        return _broken(f"Unclosed start tag at byte offset {self._byte(begin)}")


def _language(tag: _Tag) -> str:
    name = tag.attributes.get("class", "") if tag.name == "code" else ""
    return name.removeprefix("language-") if name.startswith("language-") else ""


def _time(attributes: dict[str, str]) -> dict[str, Any]:
    unix = attributes.get("unix", "")
    if not re.fullmatch(r"-?\d{1,12}", unix, re.ASCII):
        raise _broken("Invalid unix time specified")
    return {"unix_time": int(unix), **check_form(attributes.get("format", ""))}


def _broken(reason: str) -> Refusal:
    return bad_request(f"can't parse entities: {reason}")
