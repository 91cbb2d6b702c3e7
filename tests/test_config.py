"""Settings: what is taken, what is refused and how that is said, and that no secret is ever said."""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import config
from bot.errors import SettingsError

if TYPE_CHECKING:
    from bot.config import Settings

TOKEN = "1000000001:AAtest_token_that_must_never_be_seen_anywhere"
NAMES = {name.upper() for name in config.Settings.model_fields}


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def read(text: str | bytes) -> Settings:
    """The settings of a file `.env` with this text."""
    Path(".env").write_bytes(text.encode() if isinstance(text, str) else text)
    return config.load()


def refused(text: str | bytes) -> list[str]:
    """What is said about a file `.env` with this text, a line each, without the heading."""
    with pytest.raises(SettingsError) as told:
        read(text)
    return str(told.value).splitlines()[1:]


def test_without_anything_the_defaults_hold() -> None:
    found = config.load()
    assert not found.has_token
    assert (found.http_host, found.http_port) == ("127.0.0.1", 8080)
    assert (found.default_language, found.default_timezone) == ("en", "UTC")
    assert (found.admin_ids, found.fetch_allow_networks) == ((), ())


def test_the_environment_overrules_the_file_and_a_caller_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "2")
    assert read("HTTP_PORT=1\nNEWSROOM_NAME=The Wire").http_port == 2
    assert config.load(http_port=3).http_port == 3
    assert config.load().newsroom_name == "The Wire"
    assert config.load(None).newsroom_name == "Newsroom"


@pytest.mark.parametrize(
    "line",
    [
        f"TELEGRAM_BOT_TOKEN={TOKEN}",
        f"TELEGRAM_BOT_TOKEN = {TOKEN}  ",
        f'TELEGRAM_BOT_TOKEN="{TOKEN}"',
        f"TELEGRAM_BOT_TOKEN='{TOKEN}'",
        f"TELEGRAM_BOT_TOKEN=' {TOKEN} '",
        f"TELEGRAM_BOT_TOKEN={TOKEN} # from BotFather",
        f"export TELEGRAM_BOT_TOKEN={TOKEN}",
        f"telegram_bot_token={TOKEN}",
        f"\ufeffTELEGRAM_BOT_TOKEN={TOKEN}",
        f"# a comment\r\n\r\nTELEGRAM_BOT_TOKEN={TOKEN}\r\n",
    ],
)
def test_a_line_may_be_written_in_many_ways(line: str) -> None:
    token = read(line).telegram_bot_token
    assert token is not None
    assert token.get_secret_value() == TOKEN


@pytest.mark.parametrize(
    "line", ["TELEGRAM_BOT_TOKEN=", "TELEGRAM_BOT_TOKEN=''", "#TELEGRAM_BOT_TOKEN=x", "", "\n\n"]
)
def test_an_empty_value_means_not_set(line: str) -> None:
    assert not read(line).has_token


GOOD: dict[str, list[tuple[str, Any]]] = {
    "telegram_api_url": [
        ("http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
        ("https://bots.example/api", "https://bots.example/api"),
        ("http://[::1]:8081", "http://[::1]:8081"),
    ],
    "database_url": [
        ("sqlite:///news.db", "sqlite:///news.db"),
        ("sqlite:////var/n.db", "sqlite:////var/n.db"),
    ],
    "admin_ids": [("1, 2,3,", (1, 2, 3)), (" 7100000009 ", (7100000009,)), (",", ())],
    "newsroom_name": [
        ("  Вечірня газета ", "Вечірня газета"),
        ("N" * 64, "N" * 64),
        ("'The \"Wire\"'", 'The "Wire"'),
    ],
    "poll_interval_min": [("1", 1), ("14400", 14_400)],
    "poll_interval_max": [("300", 300), ("604800", 604_800)],
    "fetch_allow_networks": [
        ("10.0.0.0/8, fd00::/8", (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))),
        ("192.168.1.7", (ip_network("192.168.1.7/32"),)),
    ],
    "http_host": [("0.0.0.0", "0.0.0.0"), ("::1", "::1")],
    "http_port": [("0", 0), ("65535", 65_535)],
    "default_language": [("uk", "uk"), ("fil", "fil")],
    "default_timezone": [("Europe/Kyiv", "Europe/Kyiv"), ("UTC", "UTC")],
    "log_level": [("DEBUG", "DEBUG")],
    "log_format": [("json", "json")],
    "retention_days": [("7", 7), ("36500", 36_500)],
    "backup_keep": [("0", 0), ("365", 365)],
    "comments": [("off", "off")],
    "comment_words": [("casino, lottery ticket,", ("casino", "lottery ticket"))],
    "disk_min_free": [("0", 0), ("2000", 2000)],
    "paid_broadcast_rate": [("0", 0), ("1000", 1000)],
    "broadcast_daily_cap": [("0", 0), ("100", 100)],
    "broadcast_confirm_over": [("0", 0), ("10000", 10_000)],
}
BAD: dict[str, list[str]] = {
    "telegram_bot_token": [
        "123456",
        ":abc",
        "123456:",
        "abc:def",
        "١٢٣:abc",
        "123:a b",
        "123:a/b",
        "bot123:abc",
    ],
    "telegram_api_url": [
        "api.telegram.org",
        "ftp://x.example",
        "http://",
        "http://h:99999",
        "http://h:0",
        "http://[::1",
        "http://h/?a=1",
        "http://a b",
    ],
    "database_url": [
        "news.db",
        "sqlite://news.db",
        "sqlite:///",
        "sqlite:////",
        "sqlite:///data/",
        "sqlite:///:memory:",
        "sqlite:///n.db?timeout=3",
        "postgresql://db/news",
        "sqlite:///data/playground.db",
        "sqlite:///PLAYGROUND.DB",
    ],
    "admin_ids": ["@maya", "1;2", "1 2", "1.5"],
    "newsroom_name": ["'   '", '"two\\nlines"', "N" * 65],
    "feeds_file": ["missing.opml", "."],
    "poll_interval_min": ["0", "-5", "five", "1.5", "604801"],
    "poll_interval_max": ["0", "999999999999"],
    "fetch_allow_networks": ["10.0.0.1/8", "localhost", "10.0.0.0/33"],
    "http_port": ["-1", "65536", "http"],
    "default_language": ["English", "e", "uk-UA", "EN"],
    "default_timezone": ["Kyiv", "+02:00", "Europe/Kiyv"],
    "log_level": ["info", "LOUD"],
    "log_format": ["xml"],
    "retention_days": ["6", "36501", "for ever"],
    "backup_keep": ["-1", "366", "all"],
    "comments": ["no", "OFF"],
    "comment_words": ["casino,***", "!"],
    "disk_min_free": ["-1", "1000001", "2 GB"],
    "paid_broadcast_rate": ["-1", "1001", "fast"],
    "broadcast_daily_cap": ["-1", "101", "few"],
    "broadcast_confirm_over": ["-1", "100000001", "many"],
}


def test_every_setting_has_good_and_bad_values_here() -> None:
    fields = set(config.Settings.model_fields)
    assert fields - set(GOOD) == {"telegram_bot_token", "feeds_file"}, "these have tests of their own"
    assert fields - set(BAD) == {"http_host"}, "any name may be one"


@pytest.mark.parametrize(
    ("name", "text", "value"), [(name, *pair) for name, pairs in GOOD.items() for pair in pairs]
)
def test_good_values_are_taken(name: str, text: str, value: object) -> None:
    other = "POLL_INTERVAL_MAX=20000\n" if name == "poll_interval_min" else ""
    assert getattr(read(f"{other}{name.upper()}={text}"), name) == value


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_bad_values_are_refused_in_a_sentence_that_quotes_them(name: str, text: str) -> None:
    (told,) = refused(f"{name.upper()}={text}")
    assert told.startswith(f"  {name.upper()}: ")
    if name == "telegram_bot_token":
        assert "it is" not in told, "not even a wrong one is quoted"
    elif name != "admin_ids" and "\\" not in text:
        assert repr(text.strip("'" if name == "newsroom_name" else "")) in told
    assert "Input should" not in told, "pydantic's words are for programmers"


def test_all_problems_are_told_at_once() -> None:
    told = refused("HTTP_PORT=eighty\nLOG_LEVEL=loud\nHTTP_PROT=1\nRETENTION_DAYS=3\nNEWSROOM NAME\n")
    assert [re.match(r"  ([A-Z_]+|\.env, line \d)", line).group(1) for line in told] == [  # type: ignore[union-attr]
        ".env, line 5",
        "HTTP_PORT",
        "LOG_LEVEL",
        "RETENTION_DAYS",
        "HTTP_PROT",
    ]


def test_a_misspelt_name_is_an_error_with_a_suggestion() -> None:
    assert refused("HTTP_PROT=1") == ["  HTTP_PROT: there is no such setting; did you mean HTTP_PORT?"]
    assert refused("COLOUR=red") == ["  COLOUR: there is no such setting"]


def test_the_environment_may_hold_other_programs_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROT", "1")
    config.load()


@pytest.mark.parametrize("line", ["HTTP_PORT", "HTTP_PORT 8080", "=8080", f"TELEGRAM_BOT_TOKEN {TOKEN}"])
def test_a_line_that_sets_nothing_is_an_error(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert refused(f"LOG_LEVEL=INFO\n{line}\n") == ["  .env, line 2: must be NAME=value"]
    assert capfd.readouterr().err == ""


def test_intervals_must_be_in_order() -> None:
    assert refused("POLL_INTERVAL_MIN=600\nPOLL_INTERVAL_MAX=300") == [
        "  POLL_INTERVAL_MIN is larger than POLL_INTERVAL_MAX"
    ]


def test_a_file_that_is_no_text_is_told() -> None:
    with pytest.raises(SettingsError, match=r"The file \.env cannot be read"):
        read(b"HTTP_PORT=\xff")


def test_a_missing_file_is_none_and_a_folder_in_its_place_is_told() -> None:
    Path(".env").mkdir()
    with pytest.raises(SettingsError, match=r"The file \.env cannot be read"):
        config.load()
    assert config.load(Path("nowhere/.env")).http_port == 8080


def test_a_list_of_feeds_must_be_there() -> None:
    Path("feeds.opml").touch()
    assert read("FEEDS_FILE=feeds.opml").feeds_file == Path("feeds.opml")


def test_a_near_place_is_suggested() -> None:
    (told,) = refused("DEFAULT_TIMEZONE=europe/kyiv")
    assert "perhaps Europe/Kyiv" in told
    (told,) = refused("DEFAULT_TIMEZONE=zzzzz")
    assert "perhaps" not in told


def test_a_home_folder_is_found() -> None:
    path = config.load(None, database_url="sqlite:///~/news.db").database_path(playground=False)
    assert path == Path("~/news.db").expanduser()
    assert path.is_absolute()


@pytest.mark.parametrize(
    "name", sorted(NAMES - {"TELEGRAM_BOT_TOKEN", "NEWSROOM_NAME", "HTTP_HOST", "COMMENT_WORDS"})
)
def test_a_token_in_the_wrong_place_is_not_quoted(name: str) -> None:
    (told,) = refused(f"{name}={TOKEN}")
    assert TOKEN not in told
    assert "[token]" in told


def test_no_password_of_an_address_is_quoted() -> None:
    (told,) = refused("DATABASE_URL=postgresql://joe:hunter2@db.example/news")
    assert "hunter2" not in told
    assert "db.example" in told


def test_no_message_and_no_printing_of_the_settings_holds_the_token() -> None:
    found = read(f"TELEGRAM_BOT_TOKEN={TOKEN}")
    for text in (repr(found), str(found), found.model_dump_json(), f"{found.telegram_bot_token}"):
        assert TOKEN not in text
    told = refused(f"TELEGRAM_BOT_TOKEN={TOKEN}\nHTTP_PORT=x\nTELEGRAM_BOT_TOKN={TOKEN}")
    assert not any(TOKEN in line for line in told)


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        config.load().http_port = 1  # type: ignore[misc]


lines = st.lists(
    st.tuples(
        st.sampled_from([*sorted(NAMES), "HTTP_PROT", "export HTTP_PORT", "#", ""]), st.text(max_size=20)
    ),
    max_size=5,
)


@settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines, st.sampled_from(["=", " = ", "='", '="', " ", ""]))
def test_whatever_stands_in_the_file_there_are_settings_or_sentences(
    lines: list[tuple[str, str]], between: str
) -> None:
    text = "\n".join(f"{name}{between}{value}" for name, value in lines)
    with suppress(SettingsError):
        assert read(text.encode("utf-8", "surrogatepass")).http_port >= 0
