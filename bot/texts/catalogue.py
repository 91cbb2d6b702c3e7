"""Catalogues of words with plural rules, and dates, names of languages and places as each language writes them."""

from __future__ import annotations

from datetime import date
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_location
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

FOLDER: Final = Path(__file__).parent
LANGUAGES: Final = tuple(sorted(path.stem for path in FOLDER.glob("*.po")))
"""Interface languages, by their two-letter codes."""
FALLBACK: Final = "en"
_KNOWN_AS: Final = {
    "America/Argentina/Buenos_Aires": "America/Buenos_Aires",
    "Asia/Ho_Chi_Minh": "Asia/Saigon",
    "Asia/Kathmandu": "Asia/Katmandu",
    "Asia/Kolkata": "Asia/Calcutta",
    "Asia/Yangon": "Asia/Rangoon",
    "Europe/Kyiv": "Europe/Kiev",
}
"""Zones whose cities the locale data lists under an older name of the zone."""
RIGHT_TO_LEFT: Final = frozenset({"ar", "he", "fa", "ur"})
_COMMAS: Final = {"ar": "، ", "fa": "، ", "ur": "، ", "zh": "、", "ja": "、"}
"""What stands between the names of a list, where it is no comma and space."""


class Words:
    """One language's words. Keys stand for sentences; a key that is missing is a bug, and a test finds it.

    Args:
        language: one of `LANGUAGES`.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.right_to_left = language in RIGHT_TO_LEFT
        self.comma = _COMMAS.get(language, ", ")
        self._locale = Locale.parse(language)
        catalogue = BytesIO()
        with (FOLDER / f"{language}.po").open("rb") as source:
            write_mo(catalogue, read_po(source, locale=language))
        catalogue.seek(0)
        self._translations = GNUTranslations(catalogue)

    def template(self, key: str, number: int | None = None) -> str:
        """The sentence of a key, in the plural form that `number` takes.

        Raises:
            KeyError: there is no such key.
        """
        found = (
            self._translations.gettext(key)
            if number is None
            else self._translations.ngettext(key, key, number)
        )
        if found == key:
            raise KeyError(key)
        return found

    def has(self, key: str) -> bool:
        """Whether the catalogue knows a key."""
        return (
            key != "" and self._translations.gettext(key) != key
        )  # the empty key holds the file's own header

    def decimal(self, value: float) -> str:
        """As `12` or `0.4`, with the language's own sign before the tenths."""
        return format_decimal(round(value, 1), "#,##0.#", self._locale)

    def weekday_and_day(self, day: date) -> str:
        """As `Thursday 26 November`."""
        return format_date(day, self.template("date.weekday_and_day"), self._locale)

    def weekday(self, number: int, *, short: bool = False) -> str:
        """As `Thursday`, or `Thu`; Monday is 0."""
        # The first of January 2024 was a Monday.
        return format_date(date(2024, 1, 1 + number), "ccc" if short else "cccc", self._locale)

    def short_day(self, day: date) -> str:
        """As `26 Nov`."""
        return format_date(day, self.template("date.short_day"), self._locale)

    def day_and_year(self, day: date) -> str:
        """As `15 March 2025`."""
        return format_date(day, self.template("date.day_and_year"), self._locale)

    def clock(self, moment: datetime, zone: ZoneInfo) -> str:
        """As `06:40` on the clock of `zone`."""
        return format_time(moment, "HH:mm", zone, self._locale)

    def place(self, zone: str) -> str:
        """The city that a zone is named after, as `Kyiv`."""
        known = self._locale.time_zones.get(_KNOWN_AS.get(zone, zone), {})
        try:
            city = str(known.get("city") or get_timezone_location(zone, self._locale, return_city=True))
        except LookupError:
            # The machine's zones hold a few names, such as `localtime`, that the locale data does not.
            return zone
        return city.rpartition("/")[2]


@cache
def city_names(language: str, zones: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """What the city of each zone is called: in a language, in English, and in the zone's own name."""
    own, english = words(language), words(FALLBACK)
    return {
        zone: frozenset((own.place(zone), english.place(zone), zone.rpartition("/")[2].replace("_", " ")))
        for zone in zones
    }


def words(language: str) -> Words:
    """The words of a language, as any app may call it; English where we have no catalogue of it."""
    code = language.split("-", maxsplit=1)[0].lower()
    return _words(code if code in LANGUAGES else FALLBACK)


_words = cache(Words)


@cache
def own_name(language: str) -> str:
    """What a language calls itself, with a capital letter; its code where nobody knows."""
    try:
        name = Locale.parse(language).get_display_name(language) or language
    except (UnknownLocaleError, ValueError):
        return language
    return name[:1].upper() + name[1:]


@cache
def days_and_months(language: str) -> frozenset[str]:
    """The names of days and months in a language, in lower case, as the middle of a sentence has them; CLDR's."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return frozenset()
    names = (*locale.days["format"]["wide"].values(), *locale.months["format"]["wide"].values())
    return frozenset(name.lower() for name in names)
