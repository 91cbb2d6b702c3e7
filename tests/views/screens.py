"""What the tests of views share: stories of every kind, and Telegram's rules for what is made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.articles import Block, BlockKind
from bot.domain.message import CAPTION_LIMIT, ENTITY_LIMIT, TEXT_LIMIT, Message
from bot.domain.news import Listing, Offer, Reader, StoryLine, Telling
from bot.gateway import shape
from bot.playground.rules.formatted import caption_text, message_text
from bot.playground.rules.keyboards import read_keyboard
from bot.texts.catalogue import LANGUAGES
from bot.views.story import Copy, Home
from bot.views.voice import ALONE, SHARED, Voice

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
KYIV = ZoneInfo("Europe/Kyiv")
CHAT = 7_100_000_001
HOME = Home("The Quiet Hour", "paperboy_playground_bot")
VOICES = {language: Voice(language, KYIV, NOW) for language in LANGUAGES}
RIGHT_TO_LEFT_MARK = "\u200f"
TELLING = [VOICES[language] for language in ("ar", "de", "en")]
"""One from right to left, one with long words, and one like the others: what no nasty text breaks in these it breaks in none."""
LONG_WORD = "x" * 4096
NASTY = {
    "plain": "Can the US pry Russia away from China?",
    "long": "A headline that does not end " * 7 + "x" * 5,
    "emoji": "👩‍👩‍👧‍👦 A family 🇩🇪 and a flag ❤️‍🔥" * 4,
    "right to left": "اقتصاد: Reuters reports שלום and more",
    "overriding": "invoice \u202egpj.exe\u2066 and \u2067unclosed",
    "markup": "<b>bold</b> **x** _y_ [a](tg://x) {time} {0} %s `code` </b>",
    "commands": "/stop @admin #tag t.me/x?start=y /start@bot https://a.example/@b",
    "controls": "a\x00b\x1b[31mc\r\nd\te\u2028f\u200bg\ufeff",
    "zalgo": "Z" + "\u0335\u0336" * 300 + "algo",
    "one word": LONG_WORD,
    "invisible": "\u200b\u2060\u3164",
    "surrogate": "half \ud83d of a pair",
    "missing": "",
}
LONGEST = ("/a " * 80, "ß" * 200, "😀" * 200, "عنوان " * 60, LONG_WORD)


def story(number: int = 1, **changes: object) -> StoryLine:
    """A story with everything; `changes` are fields of `StoryLine`."""
    at = NOW - timedelta(minutes=number)
    fields = {
        "id": number,
        "title": f"Story number {number} has a headline",
        "url": f"https://herald.example/news/{number}",
        "source": "The Herald",
        "desk": "World",
        "language": "en",
        "teaser": "Somebody did something, and somebody else was not amused.",
        "first_seen_at": at,
        "shown_at": at,
        "sources": 1 + number % 3,
    }
    return StoryLine(**(fields | changes))  # type: ignore[arg-type]


def nasty_story(text: str, number: int = 1) -> StoryLine:
    """A story of which every word is `text`."""
    return story(number, title=text, source=text, teaser=text, desk=text[:64])


def copy_of(line: StoryLine, blocks: tuple[Block, ...] = (), size: str = "short", **changes: object) -> Copy:
    """A story as a reader has it open; `changes` are fields of `Telling`."""
    fields = {
        "article_id": 1,
        "url": line.url,
        "title": line.title,
        "source": line.source,
        "author": "",
        "teaser": line.teaser,
        "image": "",
        "language": "en",
        "shown_at": line.shown_at,
        "blocks": blocks,
        "origin": "page" if blocks else "",
    }
    telling = Telling(**(fields | changes))  # type: ignore[arg-type]
    return Copy(line, telling, saved=False, home=HOME, size=size, comments=12)


def long_text(paragraphs: int = 12) -> tuple[Block, ...]:
    return tuple(
        Block(BlockKind.PARAGRAPH, f"Paragraph {n}. " + "The master of the port explains it. " * 18)
        for n in range(1, paragraphs + 1)
    )


def listing(kind: str, ids: tuple[int | None, ...] = (), **about: object) -> Listing:
    return Listing(7, CHAT, kind, dict(about), NOW, 99, ids)


def reader(**changes: object) -> Reader:
    fields = {
        "chat_id": CHAT,
        "first_name": "Maya",
        "language": "en",
        "zone": "Europe/Kyiv",
        "languages": ("en",),
        "desks": ("World", "Science"),
        "digest_minutes": (480,),
        "few": "wait",
        "page": "short",
        "state": "active",
        "step": "done",
        "joined_at": NOW,
        "seen_at": NOW,
        "covered_until": NOW,
        "opened_story_id": None,
    }
    return Reader(**(fields | changes))  # type: ignore[arg-type]


OFFER = Offer(
    ("ar", "de", "en", "id", "ru", "uk", "zh"),
    (
        "World",
        "Politics",
        "Technology",
        "Tech: AI & machines",
        "Наука и жизнь во всей их полноте",
        "\u200b",
        "x" * 64,
    ),
)


def checked(message: Message) -> Message:
    """The message, after Telegram's rules and ours were held against it."""
    _, sent = shape.sending(CHAT, message, b"k" * 32)
    written, entities = ("caption", "caption_entities") if message.media else ("text", "entities")
    by_telegram = caption_text if message.media else message_text
    formatted = by_telegram(sent[written], "", sent[entities])
    assert formatted.text == sent[written], "Telegram would change the text"
    assert formatted.dropped == 0
    assert len(message.text) <= (CAPTION_LIMIT if message.media else TEXT_LIMIT)
    assert len(message.text.entities) <= ENTITY_LIMIT
    kinds = {entity["type"] for entity in formatted.entities}
    assert "mention" not in kinds
    read_keyboard(sent["reply_markup"])
    for row in message.rows:
        _check_row([button.label for button in row])
    return message


def _check_row(row: list[str]) -> None:
    room = SHARED if len(row) > 1 else ALONE
    assert all(0 < len(label) <= room for label in row), row
    if any(letter.isalpha() for label in row for letter in label):
        assert len(row) <= 2 or (len(row) == 3 and all(len(label) <= 7 for label in row)), row
    assert len(row) <= 5, row


def commands_in(message: Message) -> list[str]:
    """What Telegram would make a command of."""
    formatted = message_text(message.text.plain)
    encoded = message.text.plain.encode("utf-16-le")
    return [
        encoded[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in formatted.entities
        if e["type"] == "bot_command"
    ]
