"""Ends of texts: invitations and footers go, and a text cut short is known as such."""

from __future__ import annotations

import pytest

from bot.domain.articles import Block, BlockKind
from bot.feeds.endings import looks_complete, without_ending

LONG = "A sentence of a real article that goes on for a while. " * 20


def blocks(*texts: str) -> tuple[Block, ...]:
    return tuple(Block(BlockKind.PARAGRAPH, text) for text in texts)


@pytest.mark.parametrize(
    "ending",
    [
        "Read more",
        "Read more »",
        "[Read more...]",
        "Read the full story",
        "Read more: Another story",
        "Continue reading",
        "Continue reading A headline of this article →",
        "Continue reading...",
        "Click here for the full story",
        "Click here to read more",
        "More",
        "★",
        "* * *",
        "∞ Permalink",
        "Weiterlesen",
        "Zum Artikel",
        "Lire la suite",
        "Leer más",
        "Seguir leyendo",
        "Leggi tutto",
        "Leia mais",
        "Читать далее",
        "Подробнее…",
        "Читати далі",
        "اقرأ المزيد",
        "阅读全文",
        "続きを読む",
        "The post A headline appeared first on The Site.",
        "The post A headline first appeared on The Site",
        "Der Beitrag Titel erschien zuerst auf Seite.",
        "L’article Titre est apparu en premier sur Site.",
        "La entrada Título se publicó primero en Sitio.",
        "Сообщение Заголовок появились сначала на Сайт.",
    ],
)
def test_invitations_and_footers_at_the_end_go(ending: str) -> None:
    assert without_ending(blocks("Real text.", ending)) == blocks("Real text.")


@pytest.mark.parametrize(
    "ending",
    [
        (
            "Read more books, the minister said, and the country will be better for it in ten years, as all studies "
            "of the last decade have shown, from Finland to Singapore, and from schools to prisons."
        ),
        "Moreover, nothing happened.",
        "The postman appeared on time.",
        "He said: continue.",
        "Подробности выясняются.",
        "Suite 14 was empty.",
        "More than 20 people came.",
    ],
)
def test_sentences_of_the_text_stay(ending: str) -> None:
    assert without_ending(blocks("Real text.", ending)) == blocks("Real text.", ending)


def test_several_endings_go_and_endings_in_the_middle_stay() -> None:
    text = blocks("One.", "Read more", "Two. Read more →", "Read more", "The post X appeared first on Y.")
    assert without_ending(text) == blocks("One.", "Read more", "Two.")


def test_a_text_of_nothing_but_endings_is_empty() -> None:
    assert without_ending(blocks("Read more", "Weiterlesen")) == ()


@pytest.mark.parametrize(
    "ending", [(), ("The post X appeared first on Y.",), ("And that was all.",), ("“So it is.”",)]
)
def test_a_long_text_with_an_end_is_whole(ending: tuple[str, ...]) -> None:
    assert looks_complete(blocks(LONG, *ending))


@pytest.mark.parametrize(
    "ending",
    [
        "and then it…",
        "and then it...",
        "and then it […]",
        "and then it [&hellip;]",
        "and then it [...]",
        "and then it (more)",
        "Read more",
        "Click here for the full story.",
        "It ends here. Continue reading »",
        "Читать далее",
    ],
)
def test_a_text_cut_short_is_not_whole(ending: str) -> None:
    assert not looks_complete(blocks(LONG, ending))
    assert not looks_complete(blocks(LONG, ending, "The post X appeared first on Y."))


def test_a_short_text_is_not_whole() -> None:
    assert not looks_complete(blocks("Just a teaser."))
    assert not looks_complete(())
