"""The catalogues: the same sentences in every language, all of them used, in one voice."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import pytest
from babel.messages.pofile import read_po

from bot.texts.catalogue import FOLDER, LANGUAGES, days_and_months, own_name, words
from bot.views import notices

if TYPE_CHECKING:
    from babel.messages.catalog import Message

ROOT = Path(__file__).parents[2]
KEY = re.compile(r"[a-z]+\.[A-Za-z_]+")
ANY_WORD = "[A-Za-z]+"
MADE_KEY = re.compile(r"[a-z]+\\.(?:[a-z_]|\[A-Za-z\]\+)+")
TAG = re.compile(r"</?[a-z]+>")


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """All sentences of a language; a plural has as many forms as the language."""
    return {
        key: (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        for key, message in messages(language).items()
    }


@cache
def plurals(language: str) -> set[str]:
    """The sentences that count something; some languages have one form for all numbers."""
    return {key for key, message in messages(language).items() if message.pluralizable}


@cache
def messages(language: str) -> dict[str, Message]:
    with (FOLDER / f"{language}.po").open("rb") as file:
        found = read_po(file, locale=language)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in found
        if message.id
    }


ALL_KEYS = sorted(set().union(*(catalogue(language) for language in LANGUAGES)))


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_sentence_with_the_same_places_and_marks(language: str) -> None:
    assert sorted(catalogue("en")) == ALL_KEYS, "every sentence is in English"
    wrong = [
        f"{key}: {what}"
        for key in ALL_KEYS
        for what in differences(catalogue("en")[key], catalogue(language).get(key, ()))
    ]
    assert not wrong
    assert plurals(language) == plurals("en")


def differences(first: tuple[str, ...], forms: tuple[str, ...]) -> list[str]:
    """What a sentence in one language has unlike the English one."""
    if not forms or not all(forms):
        return ["missing or empty"]
    places = set().union(*map(fields, first)) - {"n"}
    wrong = []
    for form in forms:
        wrong += ["other places"] * (fields(form) - {"n"} != places)
        wrong += ["other marks"] * (sorted(TAG.findall(form)) != sorted(TAG.findall(first[-1])))
        wrong += ["other paragraphs"] * (form.count("\n\n") != first[0].count("\n\n"))
    return wrong


@cache
def used_keys() -> tuple[set[str], set[str]]:
    """The keys that stand in the code, and patterns of those that are put together there out of words."""
    whole: set[str] = set()
    patterns: set[str] = set()
    for path in [p for room in ("bot", "handlers", "jobs") for p in (ROOT / room).rglob("*.py")]:
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        joined = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        parts = {id(part) for node in joined for part in node.values}
        constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in parts]
        patterns |= {pattern(node) for node in joined}
        whole |= {node.value for node in constants if isinstance(node.value, str)}
    return (
        {one for one in whole if one == "minutes" or KEY.fullmatch(one)},
        {one for one in patterns if MADE_KEY.fullmatch(one)},
    )


def pattern(node: ast.JoinedStr) -> str:
    """What an f-string can make, as a regular expression."""
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ANY_WORD for part in node.values
    )


FAMILIES = {key.partition(".")[0] for key in ALL_KEYS}


def test_every_sentence_is_used() -> None:
    whole, patterns = used_keys()
    made = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
    assert not [key for key in ALL_KEYS if key not in whole and not made.fullmatch(key)]


def test_every_key_in_the_code_has_its_sentence() -> None:
    keys = {key for key in used_keys()[0] if key.partition(".")[0] in FAMILIES}
    assert keys <= set(ALL_KEYS), keys - set(ALL_KEYS)


NEVER = {
    "en": r"!|\bplease\b|\boops\b|\bsorry\b(?!; it was due)|\"",
    "ru": r"!|\b[Пп]ожалуйста\b|\b[Уу]пс\b|\b[Оо]й\b|[а-яё,;:—] В(?:ы|ас|ам|ами|аш\w*)\b|\"",
    "fr": r"!|s’il vous plaît|\boups\b|'|(?<!\u00a0)[:;?»](?!\w)|«(?!\u00a0)",
    "ar": r"[!?;,\u0660-\u0669]|من فضلك|الرجاء",
    "zh": r"[!！?;,()]|请|[\u4e00-\u9fff][.:]",
}
"""What no sentence of a language has: shouting and begging, foreign signs, capitals in вы, French signs that break loose."""


@pytest.mark.parametrize("language", NEVER)
def test_the_newsroom_speaks_plainly_and_never_shouts(language: str) -> None:
    never = re.compile(NEVER[language] + r"|\.\.\.|  ", re.IGNORECASE if language != "ru" else 0)
    assert not [key for key in ALL_KEYS for form in catalogue(language)[key] if never.search(form)]


ONE_WORD = {
    "de": (r"Ressort", r"(?:edit|sources|error|broadcast|deed)\.(?!ask_headline$)", r"Nachricht"),
    "fr": (r"[Rr]éaction", r"$", r"$"),
}
"""What a language never says, and in which sentences of the desk it does not say another word."""


@pytest.mark.parametrize("language", ONE_WORD)
def test_readers_and_editors_call_a_thing_by_the_same_word(language: str) -> None:
    never, where, there = (re.compile(one) for one in ONE_WORD[language])
    said = [(key, form) for key in ALL_KEYS for form in catalogue(language)[key]]
    assert not [key for key, form in said if never.search(form)]
    assert not [key for key, form in said if where.match(key) and there.search(form)]


LAST_TIME = {
    "en": "last time",
    "ru": "прошлого раза",
    "uk": "минулого разу",
    "de": "letzten Mal",
    "es": "última vez",
    "fr": "dernière fois",
    "ar": "آخر مرة",
    "zh": "上次",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_is_new_no_last_time_is_claimed(language: str) -> None:
    for key in ("notice.nothing_new", "notice.nothing_new_in"):
        assert LAST_TIME[language] not in catalogue(language)[key][0]


def forms_of(key: str, number: int) -> str:
    others = dict.fromkeys(("time", "source", "query", "minutes"), "…")
    return words("ru").template(key, number).format_map(others | {"n": str(number)})


@pytest.mark.parametrize(
    ("number", "sources", "stories", "minutes"),
    [
        (1, "1 источник", "1 материал", "1 минута"),
        (2, "2 источника", "2 материала", "2 минуты"),
        (4, "4 источника", "4 материала", "4 минуты"),
        (5, "5 источников", "5 материалов", "5 минут"),
        (11, "11 источников", "11 материалов", "11 минут"),
        (12, "12 источников", "12 материалов", "12 минут"),
        (14, "14 источников", "14 материалов", "14 минут"),
        (21, "21 источник", "21 материал", "21 минута"),
        (22, "22 источника", "22 материала", "22 минуты"),
        (100, "100 источников", "100 материалов", "100 минут"),
        (111, "111 источников", "111 материалов", "111 минут"),
    ],
)
def test_russian_counts_as_russians_do(number: int, sources: str, stories: str, minutes: str) -> None:
    assert sources in forms_of("list.meta_sources", number)
    assert stories in forms_of("digest.count", number)
    assert stories in forms_of("list.search", number)
    assert stories in forms_of("welcome.until_then", number)
    assert stories in forms_of("welcome.to_begin_with", number)
    assert stories in forms_of("error.number", number)
    assert forms_of("minutes", number) == minutes


@pytest.mark.parametrize(
    ("number", "stories"),
    [
        (1, "خبر واحد"),
        (2, "خبران"),
        (3, "3 أخبار"),
        (10, "10 أخبار"),
        (11, "11 خبرًا"),
        (99, "99 خبرًا"),
        (100, "100 خبر"),
        (102, "102 خبر"),
        (103, "103 أخبار"),
        (111, "111 خبرًا"),
    ],
)
def test_arabic_counts_as_arabs_do(number: int, stories: str) -> None:
    said = words("ar").template("digest.count", number)
    assert said.format(n=number, minutes="…") == f"{stories} · …"


@pytest.mark.parametrize(("number", "stories"), [(0, "0 article"), (1, "1 article"), (2, "2 articles")])
def test_french_counts_as_the_french_do(number: int, stories: str) -> None:
    assert words("fr").template("digest.count", number).format(n=number, minutes="…") == f"{stories} · …"


def test_chinese_does_not_change_with_the_number() -> None:
    assert {words("zh").template("digest.count", number) for number in range(120)} == {
        "{n} 篇报道 · {minutes}"
    }


def test_english_counts_as_the_english_do() -> None:
    say = words("en").template
    assert say("minutes", 1) == "{n} minute"
    assert say("minutes", 0) == say("minutes", 2) == "{n} minutes"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_profile_fits_telegram(language: str) -> None:
    profile = notices.profile(language, "N" * 64)
    assert 0 < len(profile.long) <= 512
    assert 0 < len(profile.short) <= 120
    assert 0 < len(profile.commands) <= 8
    for name, what in profile.commands:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 0 < len(what) <= 256


VOCABULARY = {
    "button.read": ("Read", "Читать"),
    "button.next": ("Next page", "Дальше"),
    "button.next_step": ("Next", "Дальше"),
    "button.back": ("Back", "Назад"),
    "button.save": ("Save", "Сохранить"),
    "button.saved": ("✓ Saved", "✓ Сохранено"),
    "button.share": ("Share", "Поделиться"),
    "button.source": ("Source page", "На сайт"),
    "button.whole": ("Whole text", "Весь текст"),
    "button.latest": ("Latest", "Новое"),
    "button.digest": ("Digest", "Сводка"),
    "button.settings": ("Settings", "Настройки"),
    "button.pause": ("Pause", "Пауза"),
}


def test_the_same_word_stands_for_the_same_thing() -> None:
    assert {key: (catalogue("en")[key][0], catalogue("ru")[key][0]) for key in VOCABULARY} == VOCABULARY


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_is_short_enough_to_share_its_row_or_stands_alone(language: str) -> None:
    wrong = []
    for key in [key for key in ALL_KEYS if key.startswith("button.")]:
        label = max(catalogue(language)[key], key=len)
        bare = re.sub(r"\{\w+\}", "", label)
        if not 0 < len(bare) <= (24 if bare != label or key in ALONE else 14):
            wrong.append(f"{key}: {label}")
    assert not wrong


ALONE = {
    "button.write_first",
    "button.hear",
    "button.show_list",
    "button.follow_site",
    "button.its_stories",
    "button.stop_all",
    "button.start_again",
    "button.pause_monday",
    "button.pause_open",
    "button.several",
    "button.week",
    "button.move",
    "button.erase_yes",
}
"""Labels that always have a row to themselves."""


def test_a_key_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        words("en").template("no.such_key")
    assert not words("en").has("no.such_key")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("en", "English"),
        ("ru", "Русский"),
        ("uk", "Українська"),
        ("xx", "xx"),
        ("not a language", "not a language"),
    ],
)
def test_a_language_calls_itself_by_its_own_name(code: str, name: str) -> None:
    assert own_name(code) == name


def test_a_language_that_we_lack_is_english_and_no_neighbour() -> None:
    neighbours = {"be", "bg", "kk", "uk"} - set(LANGUAGES)
    assert {words(code).language for code in neighbours} <= {"en"}
    assert words("ru-RU").language == "ru"
    assert words("").language == "en"


def test_a_code_that_somebodys_app_makes_up_loads_nothing() -> None:
    assert words("xx-made-up") is words("qq") is words("EN-gb") is words("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_zone_of_this_machine_has_a_name(language: str) -> None:
    names = {zone: words(language).place(zone) for zone in available_timezones()}
    assert all(name and "/" not in name for name in names.values())


def test_a_zone_that_the_locale_data_knows_by_an_older_name_has_its_citys() -> None:
    zones = ("Europe/Kyiv", "America/Argentina/Buenos_Aires")
    assert [words("en").place(zone) for zone in zones] == ["Kyiv", "Buenos Aires"]
    assert [words("ru").place(zone) for zone in zones] == ["Киев", "Буэнос-Айрес"]


def test_days_and_months_are_known_in_every_language_of_the_feeds() -> None:
    assert {"monday", "may"} <= days_and_months("en")
    assert {"понедельник", "ноября"} <= days_and_months("ru")
    assert days_and_months("") == days_and_months("xx") == frozenset()
