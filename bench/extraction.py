"""How much of the right text is taken out of web pages: ours beside trafilatura with its default settings.

Needs a folder with `articles/ground-truth.json` and `articles/html` (the article extraction benchmark of
ScrapingHub) in it; `articles/multilingual` and `articles/segments` are used where they are there. Precision, recall
and F1 are those of that benchmark: sequences of four words, each page weighing the same. Pages in Arabic, Chinese,
Japanese, Spanish and Thai are compared by sequences of four letters, since not all of these divide words. Of the
segments it is counted how many phrases that belong to a page were found, and how many that do not.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import trafilatura

from bot.errors import SourceError
from bot.feeds.charset import decoded
from bot.feeds.extract import read_page

if TYPE_CHECKING:
    from collections.abc import Callable

DATA: Final = Path(__file__).parents[2] / "shared" / "data"
WORD: Final = re.compile(r"\w+")


def main() -> None:
    """Extract all pages in both ways and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=DATA, help="the folder that holds articles/html")
    arguments.add_argument("--short", action="store_true", help="every fourth page only")
    given = arguments.parse_args()
    articles = given.data / "articles"
    if not (articles / "ground-truth.json").is_file():
        print(f"There are no pages with known text in {given.data}; nothing was measured.")
        return
    logging.disable()
    truth = json.loads((articles / "ground-truth.json").read_text("utf-8"))
    step = 4 if given.short else 1
    for name, extract in (("ours", ours), ("trafilatura's defaults", theirs)):
        began = time.perf_counter()
        pages = [
            ((articles / "html" / f"{key}.html").read_bytes(), told)
            for key, told in sorted(truth.items())[::step]
        ]
        scores = [
            shares(by_words(extract(page, told["url"])), by_words(told["articleBody"]))
            for page, told in pages
        ]
        print(f"{name}: {line(scores)}, {time.perf_counter() - began:.1f} s for {len(pages)} pages")
        if (articles / "multilingual").is_dir():
            print(f"  five languages, six pages: {line(multilingual(articles / 'multilingual', extract))}")
        if (articles / "segments" / "segments.json").is_file():
            print(f"  phrases: {phrases(articles / 'segments', extract, step)}")


def ours(page: bytes, url: str) -> str:
    """The text as the newsroom reads it."""
    try:
        return "\n".join(block.text for block in read_page(page, "text/html", url).blocks)
    except SourceError:
        return ""


def theirs(page: bytes, url: str) -> str:
    """The text by trafilatura's defaults, comments left out."""
    return trafilatura.extract(decoded(page, "text/html"), url=url, include_comments=False) or ""


def shares(have: Counter[str], want: Counter[str]) -> tuple[float, float, float]:
    """Of one page: the shares that are right, too much, and missing."""
    right = (have & want).total()
    much, missing = have.total() - right, want.total() - right
    whole = max(right + much + missing, 1)
    return right / whole, much / whole, missing / whole


def by_words(text: str) -> Counter[str]:
    """All sequences of four words."""
    words = WORD.findall(text)
    return Counter(" ".join(words[place : place + 4]) for place in range(max(len(words) - 3, 1)))


def by_letters(text: str) -> Counter[str]:
    """All sequences of four letters, whatever divides words."""
    letters = "".join(WORD.findall(text))
    return Counter(letters[place : place + 4] for place in range(max(len(letters) - 3, 1)))


def line(scores: list[tuple[float, float, float]]) -> str:
    """Precision, recall and F1 over all pages."""
    right, much, missing = (sum(values) for values in zip(*scores, strict=True))
    precision, recall = right / (right + much), right / (right + missing)
    return f"precision {precision:.3f}, recall {recall:.3f}, F1 {2 * precision * recall / (precision + recall):.3f}"


def multilingual(folder: Path, extract: Callable[[bytes, str], str]) -> list[tuple[float, float, float]]:
    """The shares of each page that has a text beside it."""
    return [
        shares(
            by_letters(extract(text.with_suffix(".html").read_bytes(), "")),
            by_letters(text.read_text("utf-8")),
        )
        for text in sorted(folder.glob("*.txt"))
    ]


def phrases(folder: Path, extract: Callable[[bytes, str], str], step: int) -> str:
    """How many of the phrases that belong to a page were found, and how many that do not."""
    listed = json.loads((folder / "segments.json").read_text("utf-8"))
    counts: Counter[str] = Counter()
    for name, told in sorted(listed.items())[::step]:
        text = extract((folder / name).read_bytes(), told["url"])
        for kind in ("with", "without"):
            counts[kind] += len(told[kind])
            counts[f"{kind} found"] += sum(phrase in text for phrase in told[kind])
    return (
        f"{counts['with found']} of {counts['with']} wanted, "
        f"{counts['without found']} of {counts['without']} unwanted"
    )


if __name__ == "__main__":
    main()
