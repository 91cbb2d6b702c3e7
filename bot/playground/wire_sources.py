"""The sample wire's newspapers: invented hosts, their feeds and their stories, as `wire/*.json` tells them.

To add a story, add it to its newspaper's file. Its `text` is a list of lines: a plain one is a paragraph, `## `
begins a subheading, `> ` a quotation, `- ` an item of a list. A story with a `link` to another newspaper and no text
is a relay: it stands in the feed and has no page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime

FOLDER: Final = Path(__file__).with_name("wire")

DESKS: Final = ("World", "Politics", "Business", "Science", "Technology", "Health", "Culture", "Sport")


class FeedFormat(StrEnum):
    """What a feed is written in; the wire uses every format that the newsroom reads."""

    RSS = "rss"
    ATOM = "atom"
    RDF = "rdf"
    JSON = "json"


_CONTENT_TYPES: Final = {
    FeedFormat.RSS: "application/rss+xml",
    FeedFormat.ATOM: "application/atom+xml",
    FeedFormat.RDF: "application/rdf+xml",
    FeedFormat.JSON: "application/feed+json",
}


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of a newspaper.

    Attributes:
        path: where it stands on its host, without a slash in front.
        desk: its section, one of `DESKS`.
        form: what it is written in.
        full: whether it carries whole texts and not only teasers.
    """

    path: str
    desk: str
    form: FeedFormat
    full: bool = False

    @property
    def content_type(self) -> str:
        """The media type of its documents."""
        return _CONTENT_TYPES[self.form]


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the wire, dated.

    Attributes:
        host: the newspaper that lists it.
        desk: the section it belongs to.
        guid: its id inside its feed.
        path: where its page stands on its host; empty for a relay.
        link: the address that the feed gives.
        title: the headline.
        teaser: the summary.
        author: who wrote it.
        published: when.
        text: its lines, marked as the head of this module says.
        tags: its subjects.
        picture: what its picture shows; empty for none.
        note: a remark of the newspaper under the text; empty for none.
    """

    host: str
    desk: str
    guid: str
    path: str
    link: str
    title: str
    teaser: str
    author: str
    published: datetime
    text: tuple[str, ...]
    tags: tuple[str, ...] = ()
    picture: str = ""
    note: str = ""

    @property
    def canonical(self) -> str:
        """The address of its page, without what marks the way by which a reader came."""
        return address(self.host, self.path) if self.path else self.link

    @property
    def picture_path(self) -> str:
        """Where its picture stands on its host."""
        return f"pictures/{self.guid}.png"

    @property
    def picture_url(self) -> str:
        """The address of its picture."""
        return address(self.host, self.picture_path)

    def carries_text(self, feed: Feed) -> bool:
        """Whether `feed` gives its whole text and not only the teaser."""
        return feed.full and bool(self.text)


@dataclass(frozen=True, slots=True)
class Source:
    """One newspaper.

    Attributes:
        host: its invented host, under the name `example` that RFC 2606 keeps free for such use.
        title: its name.
        language: a two-letter code.
        country: a two-letter code (ISO 3166-1).
        about: its line under the name.
        imprint: what its pages say at the foot.
        reporter: who signs its town items; empty where it prints none.
        feeds: at most one a desk.
        stories: what it has printed before the wire was opened.
    """

    host: str
    title: str
    language: str
    country: str
    about: str
    imprint: str
    reporter: str
    feeds: tuple[Feed, ...]
    stories: tuple[Article, ...]


def address(host: str, path: str) -> str:
    """The public address of `path` on an invented host."""
    return f"https://{host}/{path}"


def read_sources(opened_at: datetime, folder: Path = FOLDER) -> tuple[Source, ...]:
    """All newspapers, by host.

    Args:
        opened_at: the moment that the stories' `minutes_before` count back from; aware.
        folder: where the files are; those named `town-*` are not newspapers.
    """
    files = sorted(path for path in folder.glob("*.json") if not path.name.startswith("town-"))
    return tuple(_source(json.loads(path.read_text("utf-8")), opened_at) for path in files)


def _source(written: dict[str, Any], opened_at: datetime) -> Source:
    host = written["host"]
    return Source(
        host=host,
        title=written["title"],
        language=written["language"],
        country=written["country"],
        about=written["about"],
        imprint=written["imprint"],
        reporter=written.get("reporter", ""),
        feeds=tuple(_feed(feed) for feed in written["feeds"]),
        stories=tuple(_story(host, story, opened_at) for story in written["stories"]),
    )


def _feed(written: dict[str, Any]) -> Feed:
    return Feed(
        written["path"], written["desk"], FeedFormat(written["format"]), full=written.get("full", False)
    )


def _story(host: str, written: dict[str, Any], opened_at: datetime) -> Article:
    text = tuple(written.get("text", ()))
    path = f"news/{written['slug']}" if text else ""
    return Article(
        host=host,
        desk=written["desk"],
        guid=written["slug"],
        path=path,
        link=written.get("link") or address(host, path),
        title=written["title"],
        teaser=written["teaser"],
        author=written["author"],
        published=opened_at - timedelta(minutes=written["minutes_before"]),
        text=text,
        tags=tuple(written.get("tags", ())),
        picture=written.get("picture", ""),
        note=written.get("note", ""),
    )
