"""Log lines: one record a line, in two formats, and never a secret in any of them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import warnings
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "1000000001:AAtest_token_that_must_never_be_seen_anywhere"
OTHER = "7654321:BBanother-token_of_nobody_whom_we_know"
FORMS = {"text": logs.TextFormat, "json": logs.JsonFormat}


@pytest.fixture(params=FORMS)
def written(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Logs are set up in each form; a call gives what was written."""
    stream = io.StringIO()
    logs.set_up("INFO", request.param, (TOKEN,), stream)
    return stream.getvalue


log = logging.getLogger("bot.gateway")


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    told = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("bot.gateway", logging.INFO, __file__, 1, message, arguments, told)


def failure(text: str, cause: BaseException | None = None) -> ValueError:
    """An exception that was really raised."""
    try:
        raise ValueError(text) from cause  # noqa: TRY301 - that it is raised is the point
    except ValueError as error:
        return error


def test_a_text_line_has_time_level_room_message_and_work() -> None:
    logs.work_id.set("update 17")
    line = logs.TextFormat().format(record("%d new", 3))
    logs.work_id.set("")
    assert line[:4].isdecimal()
    assert line[19:] == " INFO bot.gateway: 3 new [update 17]"


def test_a_json_line_has_the_same() -> None:
    logs.work_id.set("feed 3")
    line = json.loads(logs.JsonFormat().format(record("%d new", 3)))
    logs.work_id.set("")
    assert line.pop("at").endswith("+00:00")
    assert line == {"level": "INFO", "logger": "bot.gateway", "message": "3 new", "work": "feed 3"}
    assert "work" not in json.loads(logs.JsonFormat().format(record("idle")))


async def test_each_task_has_its_own_work(written: Callable[[], str]) -> None:
    async def work(number: int) -> None:
        logs.work_id.set(f"update {number}")
        await asyncio.sleep(0)
        log.info("answer %d", number)

    await asyncio.gather(*(work(n) for n in range(3)))
    for line in written().splitlines():
        answered = line.partition("answer ")[2][0]
        assert f"update {answered}" in line


@pytest.mark.parametrize("secret", [TOKEN, OTHER, quote(OTHER, safe="")])
def test_no_token_is_written(written: Callable[[], str], secret: str) -> None:
    url = f"https://api.telegram.org/bot{secret}/sendMessage"
    log.info("calling %s", url)
    log.info("line\n%s", secret)
    log.info({"url": url})
    log.info("%s", [secret, {"token": secret}])
    log.error("failed", exc_info=failure(secret, failure(f"cannot connect to {url}")))
    text = written()
    assert secret not in text
    assert text.count("failed") == 1
    assert "cannot connect to" in text


@pytest.mark.parametrize("form", FORMS)
def test_a_call_whose_arguments_do_not_fit_is_written_without_secrets(form: str) -> None:
    class Odd:
        def __str__(self) -> str:
            raise OSError(TOKEN)

        def __repr__(self) -> str:
            return f"<odd {TOKEN}>"

    formatter = FORMS[form]((TOKEN,))
    for one in (record("%d is no number", TOKEN), record("%s %s and", TOKEN), record("%s", Odd())):
        line = formatter.format(one)
        assert TOKEN not in line
        assert str(one.msg) in line


def test_no_credentials_of_an_address_are_written(written: Callable[[], str]) -> None:
    log.info("fetching https://joe:hunter2@paper.example/rss and http://joe@paper.example/")
    assert "hunter2" not in written()
    assert "joe" not in written()
    assert "paper.example/rss" in written()


def test_an_exception_is_told_with_its_traceback(written: Callable[[], str]) -> None:
    log.error("failed", exc_info=failure("broken\n2026-11-24 06:00:00 INFO bot.app: all is well"))
    lines = written().splitlines()
    assert any("ValueError: broken" in line for line in lines)
    assert not any(line.startswith("2026-11-24 06:00:00 INFO bot.app") for line in lines), "no forged record"


def test_no_message_can_forge_a_line_or_move_the_cursor(written: Callable[[], str]) -> None:
    log.info("title\r\n2026-11-24 06:00:00 INFO bot.app: all is well\x1b[2J\x85\u2028end")
    (line,) = written().splitlines()
    assert "\x1b" not in line
    assert "title" in line
    assert "end" in line


def test_libraries_that_print_addresses_are_quiet(written: Callable[[], str]) -> None:
    for name in ("httpx", "apscheduler.scheduler", "alembic.runtime", "aiohttp.access"):
        logging.getLogger(name).info("chatter")
    logging.getLogger("apscheduler.scheduler").warning("late")
    assert "chatter" not in written()
    assert "late" in written()


def test_warnings_of_python_are_logged(written: Callable[[], str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"deprecated {TOKEN}", DeprecationWarning, stacklevel=1)
    assert "deprecated" in written()
    assert TOKEN not in written()


def test_the_level_is_kept() -> None:
    stream = io.StringIO()
    logs.set_up("ERROR", "text", (), stream)
    log.warning("small")
    log.error("large")
    logging.getLogger("httpx").warning("small")
    assert stream.getvalue().count("\n") == 1


def test_no_secret_is_no_secret() -> None:
    assert logs.redact("nothing to hide", ("",)) == "nothing to hide"
    assert logs.redact("at 12:30, chat 123:45") == "at 12:30, chat 123:45", "times and short numbers stay"


@given(
    st.lists(st.one_of(st.text(max_size=20), st.just(TOKEN), st.just(OTHER)), max_size=6),
    st.sampled_from([*FORMS]),
)
def test_no_formatted_line_holds_a_token(parts: list[str], form: str) -> None:
    formatter = FORMS[form]((TOKEN,))
    for text in ("".join(parts), " ".join(parts), repr(parts)):
        line = formatter.format(record("%s", text, error=ValueError(text)))
        assert TOKEN not in line
        assert OTHER not in line


@given(st.text(st.characters()))
def test_every_message_is_one_line(text: str) -> None:
    assert len(logs.TextFormat().format(record("%s", text)).splitlines()) == 1
    line = logs.JsonFormat().format(record("%s", text))
    assert len(line.splitlines()) == 1
    assert json.loads(line)["message"] == logs.redact(text)


@given(st.text(), st.sampled_from([TOKEN, OTHER, "x"]))
def test_redacting_twice_changes_nothing_more(text: str, secret: str) -> None:
    once = logs.redact(f"{text}{secret}{text}", (TOKEN,))
    assert logs.redact(once, (TOKEN,)) == once
