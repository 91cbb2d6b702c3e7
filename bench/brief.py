"""How near our briefs come to summaries that people made, beside sumy's TextRank where that is installed.

    python bench/brief.py [--short]

The texts are 892 of the BBC with extractive summaries, looked for in ../shared/data/summaries. ROUGE-1 is the share of
words in common (F-measure, words by their stems). A leaning sentence begins with a word such as "it" or "but".
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bot.domain.articles import Block, BlockKind
from bot.domain.brief import SENTENCES, brief, leans, sentences
from bot.domain.words import weighty

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).resolve().parents[1] / "../shared/data/summaries"
Pick = "Callable[[tuple[Block, ...]], list[str]]"


def rouge(summary: str, picked: str) -> float:
    """The F-measure of the words that two texts share."""
    wanted, found = (Counter(word.stem for word in weighty(text, "en")) for text in (summary, picked))
    common = (wanted & found).total()
    return 2 * common / (wanted.total() + found.total()) if common else 0.0


def lead(blocks: tuple[Block, ...]) -> list[str]:
    """The first sentences."""
    return [one.text for one in sentences(blocks, "en")[:SENTENCES]]


def ours(blocks: tuple[Block, ...]) -> list[str]:
    """The weightiest ones."""
    return [one.text for one in brief(blocks, "en")]


def text_rank() -> Callable[[tuple[Block, ...]], list[str]] | None:
    """TextRank of sumy over our sentences; None where sumy is not installed."""
    try:
        models = importlib.import_module("sumy.models.dom")
        stemmers = importlib.import_module("sumy.nlp.stemmers")
        rank = importlib.import_module("sumy.summarizers.text_rank").TextRankSummarizer(
            stemmers.Stemmer("english")
        )
        rank.stop_words = importlib.import_module("sumy.utils").get_stop_words("english")
    except ImportError:
        return None

    class Words:
        def to_words(self, text: str) -> tuple[str, ...]:
            return tuple(text.lower().split())

    def pick(blocks: tuple[Block, ...]) -> list[str]:
        told = [models.Sentence(one.text, Words()) for one in sentences(blocks, "en")]
        document = models.ObjectDocumentModel([models.Paragraph(told)])
        return [str(one) for one in rank(document, SENTENCES)]

    return pick


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="60 texts instead of 300")
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"There are no texts at {DATA.name}: this needs the captured summaries.")
    texts: list[dict[str, Any]] = [
        json.loads(line) for file in sorted(DATA.glob("bbc-*.jsonl")) for line in file.open(encoding="utf-8")
    ]
    random.Random(1).shuffle(texts)
    texts = texts[: 60 if options.short else 300]
    table = Table("method", "texts a second", "ROUGE-1", "leaning")
    for name, pick in (("first three", lead), ("ours", ours), ("sumy TextRank", text_rank())):
        if pick is None:
            continue
        blocks = [
            tuple(Block(BlockKind.PARAGRAPH, part) for part in one["text"].split("\n") if part.strip())
            for one in texts
        ]
        began = time.process_time()
        picked = [pick(one) for one in blocks]
        took = time.process_time() - began
        score = sum(rouge(one["summary"], " ".join(found)) for one, found in zip(texts, picked, strict=True))
        leaning = sum(leans(one, "en") for found in picked for one in found)
        share = leaning / sum(len(found) for found in picked)
        table.add_row(name, f"{len(texts) / took:,.0f}", f"{score / len(texts):.3f}", f"{share:.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
