"""A long text as pages of about the same height."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.articles import Block, BlockKind
from bot.domain.cleaning import inert
from bot.domain.splitting import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.message import Text

PAGE_UNITS: Final = {"short": 1800, "long": 2880, "whole": 2880}
"""UTF-16 units of text on one page: short is one and a half screens, long leaves room for headline and buttons."""
SPARE: Final = 1.25
"""How much longer than the others a page may be, to end with a paragraph or to leave no stub behind."""
MOST_ENTITIES: Final = 90
"""Entities on one page; with those of its head and foot a message stays under the 100 that Telegram keeps."""
_MOST_HEADINGS: Final = 8
"""Headings in a row that stay with the text below them."""
WORDS_A_MINUTE: Final = 220
_DENSE: Final = re.compile(r"[぀-ヿ㐀-鿿가-힯฀-๿]")


def reading_minutes(blocks: Sequence[Block]) -> int:
    """How long a reader needs, at least 1; scripts without spaces count two letters as a word."""
    text = " ".join(block.text for block in blocks)
    words = len(_DENSE.sub(" ", text).split()) + len(_DENSE.findall(text)) // 2
    return max(1, round(words / WORDS_A_MINUTE))


def styled_block(block: Block) -> Text:
    """One block as it looks in a chat; commands and mentions in it do nothing."""
    if block.kind is BlockKind.CODE:
        return m.styled(m.Style.PRE, block.text)
    words = inert(block.text)
    match block.kind:
        case BlockKind.HEADING:
            return m.bold(words)
        case BlockKind.QUOTE:
            return m.quote(words)
        case BlockKind.ITEM:
            return "• " + m.concat((words,))
        case _:
            return m.concat((words,))


def pages(blocks: Sequence[Block], size: int) -> list[Text]:
    """The text in pages of about `size` UTF-16 units, each ending with a paragraph where one is near.

    No page is longer than `SPARE` times `size`. A heading stays with the text below it; a paragraph longer than a
    page is cut at a sentence.
    """
    made: list[Text] = []
    page = m.Text()
    for piece in _pieces(blocks, size):
        longer = m.join("\n\n", (page, piece))
        if page and not _fits(longer, size * (SPARE if len(page) < size / 2 else 1)):
            made.append(page)
            longer = piece
        page = longer
    if made and len(page) < size * (SPARE - 1):
        longer = m.join("\n\n", (made[-1], page))
        if _fits(longer, size * SPARE):
            return [*made[:-1], longer]
    return [*made, page] if page else made


def _fits(page: Text, room: float) -> bool:
    return len(page) <= room and len(page.entities) <= MOST_ENTITIES


def _pieces(blocks: Sequence[Block], size: int) -> list[Text]:
    """Blocks ready for a page: headings go with what follows, items of one list stay together, long ones are cut."""
    pieces: list[Text] = []
    headings: list[Text] = []
    before: BlockKind | None = None
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            headings.append(styled_block(block))
        else:
            first, *rest = split(styled_block(block), size) or [m.Text()]
            in_list = block.kind is BlockKind.ITEM and before is BlockKind.ITEM
            if in_list and len(pieces[-1]) + len(first) < size:
                pieces[-1] = m.join("\n", (pieces[-1], first))
            elif first:
                pieces += _under(headings, first, size)
                headings = []
            pieces += rest
        before = block.kind
    return pieces + [part for heading in headings for part in split(heading, size)]


def _under(headings: list[Text], text: Text, size: int) -> list[Text]:
    """The text with its headings above it; too many or too long ones are pieces of their own."""
    above = m.join("\n\n", headings)
    if len(headings) <= _MOST_HEADINGS and len(above) + 2 <= size * (SPARE - 1):
        return [m.join("\n\n", (above, text))]
    return [*(part for heading in headings for part in split(heading, size)), text]
