"""Web pages of the sample wire: a front page and articles in plain HTML5, with all that surrounds a text on the web.

Links between the pages are relative, so that they lead on whether a page is fetched from its invented host or looked
at under `/wire/<host>/` in a browser.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.playground.wire_sources import Article, Source

STYLE_PATH: Final = "paper.css"
"""Where the style sheet stands on each host."""

_MARKS: Final = {"## ": "h2", "> ": "blockquote", "- ": "li"}

_MONTHS: Final = {
    "en": """
        January February March April May June July August September October November December
    """.split(),
    "ru": """
        января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    """.split(),
}

_WORDS: Final = {
    "en": {
        "home": "Front page",
        "by": "By",
        "more": "More from this desk",
        "letter": "Our letter brings the week's best reports every Friday. It has no buttons.",
        "missing": "There is no such page",
        "try": "It may have been moved. The front page has all that is new.",
    },
    "ru": {
        "home": "Главная",
        "by": "Автор:",
        "more": "Ещё в этом разделе",
        "letter": "Лучшее за неделю приходит письмом каждую пятницу. Кнопок в нём нет.",
        "missing": "Такой страницы нет",
        "try": "Возможно, её перенесли. Всё новое стоит на главной.",
    },
}


def text_html(text: Sequence[str]) -> str:
    """An article's marked lines as HTML blocks."""
    blocks: list[str] = []
    for tag, lines in groupby(text, key=_tag):
        written = [f"<{tag}>{escape(line.removeprefix(_mark(line)), quote=False)}</{tag}>" for line in lines]
        blocks += ["<ul>", *written, "</ul>"] if tag == "li" else written
    return "\n".join(blocks)


def _mark(line: str) -> str:
    return next((mark for mark in _MARKS if line.startswith(mark)), "")


def _tag(line: str) -> str:
    return _MARKS.get(_mark(line), "p")


def article_page(source: Source, article: Article, others: Sequence[Article]) -> str:
    """The page of one article.

    Args:
        source: whose page it is.
        article: what it tells; it has a path.
        others: articles of the same newspaper that it points to, each with a path.
    """
    words = _WORDS[source.language]
    up = "../" * article.path.count("/")
    related = "\n".join(_teaser(other, up, "h3") for other in others)
    figure = (
        f'<figure><img src="{up}{escape(article.picture_path)}" alt="{escape(article.picture)}"'
        f' width="480" height="270"><figcaption>{escape(article.picture)}</figcaption></figure>\n'
        if article.picture
        else ""
    )
    note = f'<p class="note">{escape(article.note)}</p>\n' if article.note else ""
    body = (
        f"<main>\n<article>\n<h1>{escape(article.title)}</h1>\n"
        f'<p class="byline">{words["by"]} <span class="author">{escape(article.author)}</span>, '
        f"{_time(article.published, source.language)}</p>\n"
        f"{figure}{text_html(article.text)}\n{note}</article>\n"
        f'<aside><h2>{words["more"]}</h2>\n{related}\n<p class="letter">{words["letter"]}</p></aside>\n</main>'
    )
    return _page(source, up, article.title, body, _about(source, article))


def front_page(source: Source, articles: Sequence[Article]) -> str:
    """A newspaper's front page, which also says where its feeds are."""
    body = "<main>\n" + "\n".join(_teaser(article, "", "h2") for article in articles) + "\n</main>"
    return _page(
        source, "", source.title, body, f'<meta name="description" content="{escape(source.about)}">'
    )


def missing_page(source: Source, up: str) -> str:
    """What a newspaper says where it has no page; `up` leads to its front page."""
    words = _WORDS[source.language]
    body = f"<main>\n<h1>{words['missing']}</h1>\n<p>{words['try']}</p>\n</main>"
    return _page(source, up, words["missing"], body, '<meta name="robots" content="noindex">')


def _about(source: Source, article: Article) -> str:
    """What machines are told about an article (Open Graph, ogp.me)."""
    graph = {
        "og:type": "article",
        "og:site_name": source.title,
        "og:title": article.title,
        "og:description": article.teaser,
        "og:url": article.canonical,
        "article:published_time": article.published.isoformat(),
        "article:author": article.author,
    }
    if article.picture:
        graph["og:image"] = article.picture_url
    return "\n".join(
        [
            f'<link rel="canonical" href="{escape(article.canonical)}">',
            f'<meta name="author" content="{escape(article.author)}">',
            *[f'<meta property="{name}" content="{escape(value)}">' for name, value in graph.items()],
        ]
    )


def _teaser(article: Article, up: str, heading: str) -> str:
    return (
        f'<section class="teaser"><{heading}><a href="{up}{escape(article.path)}">{escape(article.title)}</a>'
        f"</{heading}>\n<p>{escape(article.teaser)}</p></section>"
    )


def _time(moment: datetime, language: str) -> str:
    month = _MONTHS[language][moment.month - 1]
    words = f"{moment.day} {month} {moment.year}, {moment:%H:%M} UTC"
    return f'<time datetime="{moment.isoformat()}">{words}</time>'


def _page(source: Source, up: str, title: str, body: str, about: str) -> str:
    home = up or "./"
    feeds = "\n".join(
        f'<link rel="alternate" type="{feed.content_type}" title="{escape(source.title)}: {feed.desk}"'
        f' href="{up}{feed.path}">'
        for feed in source.feeds
    )
    ways = "\n".join(f'<li><a href="{up}{feed.path}">{feed.desk}</a></li>' for feed in source.feeds)
    heading = title if title == source.title else f"{title} | {source.title}"
    return f"""<!doctype html>
<html lang="{source.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(heading)}</title>
{about}
{feeds}
<link rel="stylesheet" href="{up}{STYLE_PATH}">
</head>
<body>
<header><p class="name"><a href="{home}">{escape(source.title)}</a></p><p>{escape(source.about)}</p></header>
<nav><ul>
<li><a href="{home}">{_WORDS[source.language]["home"]}</a></li>
{ways}
</ul></nav>
{body}
<footer><p>{escape(source.imprint)}</p></footer>
</body>
</html>
"""
