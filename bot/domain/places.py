"""Places whose clock a reader's clock may be; only IANA names, since a bare offset loses the summer-time rule."""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

_DAY: Final = 24 * 60
_BEGINNING: Final = 3
"""Letters that tell a city whose name is not written out; fewer begin many names."""

_NAMES: Final = """
    Pacific/Honolulu America/Anchorage America/Los_Angeles America/Vancouver America/Tijuana America/Phoenix
    America/Denver America/Edmonton America/Chicago America/Mexico_City America/Guatemala America/Winnipeg
    America/New_York America/Toronto America/Bogota America/Lima America/Havana America/Jamaica America/Caracas
    America/La_Paz America/Santiago America/Santo_Domingo America/Halifax America/St_Johns America/Sao_Paulo
    America/Argentina/Buenos_Aires America/Montevideo America/Noronha Atlantic/Azores Atlantic/Cape_Verde
    Europe/London Europe/Dublin Europe/Lisbon Africa/Casablanca Africa/Accra Africa/Dakar Africa/Abidjan
    Atlantic/Reykjavik Europe/Berlin Europe/Paris Europe/Madrid Europe/Rome Europe/Warsaw Europe/Vienna
    Europe/Zurich Europe/Prague Europe/Amsterdam Europe/Brussels Europe/Stockholm Europe/Oslo Europe/Copenhagen
    Europe/Budapest Europe/Belgrade Africa/Lagos Africa/Algiers Africa/Tunis Africa/Kinshasa Europe/Kyiv
    Europe/Helsinki Europe/Athens Europe/Bucharest Europe/Sofia Europe/Vilnius Europe/Riga Europe/Tallinn
    Europe/Chisinau Africa/Cairo Africa/Johannesburg Africa/Tripoli Asia/Jerusalem Asia/Beirut Europe/Kaliningrad
    Europe/Moscow Europe/Minsk Europe/Istanbul Asia/Riyadh Asia/Baghdad Asia/Qatar Africa/Nairobi Africa/Addis_Ababa
    Asia/Tehran Europe/Samara Asia/Dubai Asia/Tbilisi Asia/Yerevan Asia/Baku Asia/Kabul Asia/Tashkent Asia/Almaty
    Asia/Yekaterinburg Asia/Karachi Asia/Dushanbe Asia/Ashgabat Asia/Kolkata Asia/Colombo Asia/Kathmandu Asia/Omsk
    Asia/Bishkek Asia/Dhaka Asia/Yangon Asia/Novosibirsk Asia/Krasnoyarsk Asia/Bangkok Asia/Jakarta Asia/Ho_Chi_Minh
    Asia/Shanghai Asia/Hong_Kong Asia/Taipei Asia/Singapore Asia/Manila Asia/Kuala_Lumpur Asia/Irkutsk
    Asia/Ulaanbaatar Australia/Perth Asia/Tokyo Asia/Seoul Asia/Yakutsk Australia/Adelaide Australia/Darwin
    Australia/Sydney Australia/Brisbane Asia/Vladivostok Pacific/Guam Asia/Magadan Pacific/Noumea Pacific/Auckland
    Asia/Kamchatka Pacific/Fiji Pacific/Tongatapu Pacific/Apia
"""
PLACES: Final = tuple(_NAMES.split())
"""The cities offered, from west to east, the largest of an hour first."""

LIKELY: Final = {
    "ar": "Asia/Riyadh",
    "de": "Europe/Berlin",
    "en": "Europe/London",
    "es": "Europe/Madrid",
    "fr": "Europe/Paris",
    "it": "Europe/Rome",
    "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul",
    "pl": "Europe/Warsaw",
    "pt": "America/Sao_Paulo",
    "ru": "Europe/Moscow",
    "tr": "Europe/Istanbul",
    "uk": "Europe/Kyiv",
    "zh": "Asia/Shanghai",
}
"""Where most people live whose app speaks a language: a first guess that one tap corrects."""


_zone = cache(ZoneInfo)
"""`ZoneInfo` itself keeps eight, and would read the rest from the disk again for every question."""


def clock_of(zone: str) -> ZoneInfo:
    """The clock of a place; one that is not known any more has UTC's."""
    try:
        return _zone(zone)
    except (KeyError, OSError, ValueError):
        return _zone("UTC")


def offset(zone: str, at: datetime) -> int:
    """Minutes that the clock of a zone is ahead of UTC at a moment."""
    ahead = at.astimezone(_zone(zone)).utcoffset() or timedelta()
    return round(ahead / timedelta(minutes=1))


def offsets(at: datetime) -> list[int]:
    """All differences to UTC, in minutes, that some offered place has at a moment, from west to east."""
    return sorted({offset(zone, at) for zone in PLACES})


def nearest(minute: int, at: datetime) -> int:
    """Minutes ahead of UTC of the clock that is nearest to this minute of the day: people round what they read off."""
    utc = at.astimezone(UTC)
    ahead = minute - (utc.hour * 60 + utc.minute)

    def away(one: int) -> int:
        return abs((ahead - one + _DAY // 2) % _DAY - _DAY // 2)

    return min(offsets(at), key=away)


def named(said: str, names: Mapping[str, Collection[str]]) -> list[str]:
    """The zones whose city is called like this; those that only begin so where none is.

    Args:
        said: what somebody wrote.
        names: what each zone's city is called.
    """
    wanted = _bare(said)
    if not wanted:
        return []
    called = {zone: {_bare(name) for name in known} for zone, known in names.items()}
    whole = [zone for zone, known in called.items() if wanted in known]
    if whole or len(wanted) < _BEGINNING:
        return whole
    return [zone for zone, known in called.items() if any(one.startswith(wanted) for one in known)]


def _bare(name: str) -> str:
    """Letters and digits alone, without accents and in lower case."""
    return "".join(sign for sign in normalize("NFKD", name).casefold() if sign.isalnum())


def sharing(minutes: int, at: datetime) -> list[str]:
    """The places whose clock is `minutes` ahead of UTC at a moment."""
    return [zone for zone in PLACES if offset(zone, at) == minutes]


def guess(app_language: str, default: str) -> str:
    """A first guess at a reader's zone: the operator's, unless that is only UTC and the app's language says more."""
    if default != "UTC":
        return default
    return LIKELY.get(app_language.split("-", maxsplit=1)[0].lower(), default)
