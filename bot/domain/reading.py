"""A long text as pages of about the same height."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.domain import message as m
from bot.domain.articles import Block, BlockKind
from bot.domain.splitting import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.message import Text

PAGE_UNITS: Final = {"short": 1800, "long": 3600, "whole": 3600}
"""UTF-16 units of text on one page: short is one and a half screens, long leaves room for headline and buttons."""
SPARE: Final = 1.25
"""How much longer than the others a page may be, to end with a paragraph or to leave no stub behind."""
WORDS_A_MINUTE: Final = 220
_DENSE: Final = re.compile(r"[぀-ヿ㐀-鿿가-힯฀-๿]")


def reading_minutes(blocks: Sequence[Block]) -> int:
    """How long a reader needs, at least 1; scripts without spaces count two letters as a word."""
    text = " ".join(block.text for block in blocks)
    words = len(_DENSE.sub(" ", text).split()) + len(_DENSE.findall(text)) // 2
    return max(1, round(words / WORDS_A_MINUTE))


def styled_block(block: Block) -> Text:
    """One block as it looks in a chat."""
    match block.kind:
        case BlockKind.HEADING:
            return m.bold(block.text)
        case BlockKind.QUOTE:
            return m.quote(block.text)
        case BlockKind.ITEM:
            return "• " + m.concat((block.text,))
        case BlockKind.CODE:
            return m.styled(m.Style.PRE, block.text)
        case BlockKind.PARAGRAPH:
            return m.concat((block.text,))


def pages(blocks: Sequence[Block], size: int) -> list[Text]:
    """The text in pages of about `size` UTF-16 units, each ending with a paragraph where one is near.

    A heading is never the last line of a page; a paragraph longer than a page is cut at a sentence.
    """
    made: list[Text] = []
    page = m.Text()
    for piece in _pieces(blocks, size):
        longer = m.join("\n\n", (page, piece))
        if page and len(longer) > size * (SPARE if len(page) < size / 2 else 1):
            page, carried = _without_last_heading(page)
            if page:
                made.append(page)
            longer = m.join("\n\n", (carried, piece))
        page = longer
    if page and made and len(page) < size * (SPARE - 1) and len(made[-1]) + len(page) <= size * SPARE:
        made[-1] = m.join("\n\n", (made[-1], page))
    elif page:
        made.append(page)
    return made


def _pieces(blocks: Sequence[Block], size: int) -> list[Text]:
    """Blocks ready for a page: items of one list stay together, long blocks are cut."""
    pieces: list[Text] = []
    before: BlockKind | None = None
    for block in blocks:
        text = styled_block(block)
        if block.kind is BlockKind.ITEM and before is BlockKind.ITEM and len(pieces[-1]) + len(text) < size:
            pieces[-1] = m.join("\n", (pieces[-1], text))
        else:
            pieces += split(text, size) if len(text) > size * SPARE else [text]
        before = block.kind
    return [piece for piece in pieces if piece]


def _without_last_heading(page: Text) -> tuple[Text, Text]:
    """The page, and the heading that must go to the next one with its text."""
    cut = page.plain.rfind("\n\n")
    last = m.units(page.plain[: cut + 2]) if cut >= 0 else 0
    is_heading = any(
        entity.style is m.Style.BOLD and entity.offset == last and entity.end == len(page)
        for entity in page.entities
    )
    if not is_heading:
        return page, m.Text()
    return page.slice(0, last).strip(), page.slice(last, len(page))
