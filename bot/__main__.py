"""The command line: `paperboy`, which is also `python -m bot`."""
# ruff: noqa: E402 - the garbage collector must rest before the rest is imported

from __future__ import annotations

import gc

# What is imported stays. To look through it for garbage again and again, and at the end once more, would take two
# fifths of a start.
_COLLECTS = gc.isenabled()
gc.disable()

import asyncio
import logging
import os
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot import __version__, app, config, logs, operator
from bot.domain.people import CLAIM
from bot.errors import DatabaseTaken, OperatorError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.app import App
    from bot.config import Settings

gc.freeze()
if _COLLECTS:
    gc.enable()

log = logging.getLogger(__name__)

STYLES = {"ok": "green", "warning": "yellow", "wrong": "red"}
"""How the grades of `check` are coloured."""


class Commands(click.Group):
    """Commands that end with a sentence and an exit code when the operator must act, and never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a command."""
        try:
            return super().invoke(ctx)
        except OperatorError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception:
            # A bug of ours. The log keeps secrets out of it, which Python's own last words would not.
            log.exception("something unforeseen happened; please report it with these lines")
            ctx.exit(1)


def _settings(*, playground: bool) -> tuple[Settings, bool]:
    """The settings, and whether the playground is meant: it is where no token is set."""
    settings = config.load()
    token = settings.telegram_bot_token
    logs.set_up(settings.log_level, settings.log_format, (token.get_secret_value(),) if token else ())
    return settings, playground or not settings.has_token


def _playground(words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option that every command on a database has."""
    return click.option("--playground", is_flag=True, help=f"{words}, even though a token is set.")


@contextmanager
def _bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal for what takes over a second; gives the function that moves it."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn(words), BarColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = progress.add_task(words)
    began = time.monotonic()

    def move(done: int, total: int) -> None:
        progress.update(task, completed=done, total=max(total, 1))
        if time.monotonic() - began > 1:
            progress.start()

    try:
        yield move
    finally:
        progress.stop()


def _show(rows: Sequence[Sequence[str]], headings: Sequence[str] = (), styles: Sequence[str] = ()) -> None:
    """A table on a terminal; elsewhere one line a row with tabs between, for other programs."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    table = Table(*headings, box=None, show_header=bool(headings))
    for number, row in enumerate(rows):
        # Text and no markup: a feed's name may hold anything.
        first = Text(row[0], styles[number] if styles else "")
        table.add_row(first, *(Text(cell, overflow="fold") for cell in row[1:]))
    Console().print(table)


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="paperboy")
@click.pass_context
def main(context: click.Context) -> None:
    """Paperboy, a newsroom inside Telegram.

    Without a command it runs the newsroom: on Telegram where TELEGRAM_BOT_TOKEN is set (in the environment or in
    the file .env), else in the playground, Telegram on this machine, whose chat page it names. All other commands
    mean the same newsroom.

    Exit codes: 1 something is wrong, 2 settings or usage, 3 the database, 4 Telegram refuses, 5 the port is taken.
    """
    os.umask(0o077)  # what readers chose and saved is for the operator's eyes only
    if context.invoked_subcommand is None:
        context.invoke(run)


@main.command(short_help="Run the newsroom until Ctrl-C.")
@_playground("Use Telegram on this machine")
@click.option("--fresh", is_flag=True, help="Start the playground over: its chats and stories are deleted.")
@click.option("--no-wait", is_flag=True, help="Exit with 3 where another newsroom runs on the database.")
def run(*, playground: bool = False, fresh: bool = False, no_wait: bool = False) -> None:
    """Run the newsroom until Ctrl-C or SIGTERM.

    The database is brought up to date by itself, after a copy of it was made beside it. Where another newsroom runs on
    it, this one waits, and takes over when that is gone.
    """
    settings, playground = _settings(playground=playground)
    if fresh and not playground:
        raise SettingsError(
            "--fresh starts the playground over; with a token set it needs --playground as well."
        )
    if fresh:
        operator.forget_playground(settings)
    asyncio.run(_run(settings, playground=playground, waiting=not no_wait))


async def _run(settings: Settings, *, playground: bool, waiting: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A second signal changes nothing: stopping is bounded by itself.
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            await _serve(settings, stop, playground=playground)
        except DatabaseTaken as taken:
            if not waiting:
                raise
            click.echo(
                f"{taken.args[0].partition('. ')[0]}. This one waits, and takes over when that is gone."
            )
            await operator.until_free(settings, stop, playground=playground)
        else:
            return


async def _serve(settings: Settings, stop: asyncio.Event, *, playground: bool) -> None:
    async with app.open_app(settings, playground=playground) as newsroom:
        # What was loaded stays: looking through it for garbage would stop the event loop for 90 ms again and again.
        gc.collect()
        gc.freeze()
        if playground:
            click.echo(f"The newsroom is open. Read it at {newsroom.server.url}/ (Ctrl-C closes it.)")
        else:
            click.echo(f"The newsroom is open on Telegram. Its health: {newsroom.server.url}/readyz")
        offering = asyncio.create_task(_offer(newsroom, playground=playground))
        await newsroom.wait(stop)
        offering.cancel()
        click.echo("Closing ...")


async def _offer(newsroom: App, *, playground: bool) -> None:
    """Print the way to become the owner, while there is none."""
    await newsroom.connected.wait()
    code = await newsroom.newsroom.people.claim()
    if code and playground:
        click.echo(f"It has no owner yet. Who sends this first becomes one: /start {CLAIM}{code}")
    elif code:
        link = f"https://t.me/{newsroom.bot_name}?start={CLAIM}{code}"
        click.echo(f"It has no owner yet. Who opens this first becomes one: {link}")


@main.command(short_help="Look at everything that can be wrong.")
@_playground("Check the playground's database")
def check(*, playground: bool) -> None:
    """Look at everything that can be wrong, and say what to do.

    Settings, token, database and SQLite, list of feeds, disk, memory. Exits with 1 if something is wrong; a warning
    is not.
    """
    settings, playground = _settings(playground=playground)
    with Console(stderr=True).status("Looking ..."):
        findings = asyncio.run(operator.check(settings, playground=playground))
    rows = [(finding.grade, finding.subject, finding.sentence) for finding in findings]
    _show(rows, styles=[STYLES[finding.grade] for finding in findings])
    sys.exit(int(any(finding.grade == "wrong" for finding in findings)))


@main.command(short_help="Ask the running newsroom how it is.")
@_playground("Ask the playground")
def health(*, playground: bool) -> None:
    """Ask the running newsroom how it is; exits with 1 if it is not ready, or none answers."""
    settings, playground = _settings(playground=playground)
    ready, sentence = asyncio.run(operator.ask_health(settings, playground=playground))
    click.echo(sentence)
    sys.exit(int(not ready))


@main.group()
def feeds() -> None:
    """Show and change the list of feeds, also while the newsroom runs."""


@feeds.command("list", short_help="Show all feeds.")
@_playground("The playground's feeds")
def feeds_list(*, playground: bool) -> None:
    """Show all feeds, what is wrong with them and when each is looked at next (times are UTC).

    Where the output is no terminal, each feed is one line with tabs between its fields; the last is its address.
    """
    settings, playground = _settings(playground=playground)
    rows = asyncio.run(operator.list_feeds(settings, playground=playground))
    _show(rows, ("Desk", "Feed", "Language", "Last story", "Next look", "State", "Address"))
    click.echo(f"{len(rows)} feeds.", err=True)


@feeds.command("add", short_help="Add a feed.")
@click.argument("url")
@click.option("--title", default="", help="Its name; the feed's own if left out.")
@click.option("--desk", default="", help="Its desk, such as World or Science.")
@click.option("--language", default="", help="Its language, such as en.")
@click.option("--country", default="", help="Its country, such as GB.")
@_playground("Add it to the playground")
def feeds_add(url: str, *, title: str, desk: str, language: str, country: str, playground: bool) -> None:
    """Add the feed at URL, or take up again one that was removed."""
    settings, playground = _settings(playground=playground)
    fields = {"title": title, "desk": desk, "language": language, "country": country}
    added = asyncio.run(operator.add_feed(settings, url, fields, playground=playground))
    click.echo("Added; a running newsroom looks at it at once." if added else "That feed is in use already.")


@feeds.command("remove", short_help="Stop fetching a feed.")
@click.argument("url")
@_playground("Remove it from the playground")
def feeds_remove(url: str, *, playground: bool) -> None:
    """Stop fetching the feed at URL; its stories stay. `feeds add` takes it up again."""
    settings, playground = _settings(playground=playground)
    title = asyncio.run(operator.remove_feed(settings, url, playground=playground))
    click.echo(f"Removed: {title}")


@feeds.command("import", short_help="Add the feeds of an OPML file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_playground("Import into the playground")
def feeds_import(file: Path, *, playground: bool) -> None:
    """Add the feeds of an OPML FILE; the outermost group of a feed is its desk.

    Feeds that were removed by hand stay removed; `feeds add` takes them up again.
    """
    settings, playground = _settings(playground=playground)
    done = asyncio.run(operator.import_feeds(settings, file, playground=playground))
    click.echo(f"New feeds: {done.new}, known: {done.known}, refused: {len(done.refused)}.")
    if done.broken_at:
        click.echo(
            f"The file is broken from line {done.broken_at} on; feeds behind it may be missing.", err=True
        )
    for address in done.refused:
        click.echo(f"Refused, no address of a feed: {logs.redact(address)}", err=True)


@feeds.command("export", short_help="Print all feeds as OPML.")
@_playground("The playground's feeds")
def feeds_export(*, playground: bool) -> None:
    """Print all feeds as OPML, which `feeds import` and every feed reader take."""
    settings, playground = _settings(playground=playground)
    click.echo(asyncio.run(operator.export_feeds(settings, playground=playground)).decode(), nl=False)


@main.command(short_help="Copy the database, also while the newsroom runs.")
@click.argument("path", type=click.Path(path_type=Path))
@_playground("The playground's database")
def backup(path: Path, *, playground: bool) -> None:
    """Copy the database to PATH, also while the newsroom runs, and check the copy."""
    settings, playground = _settings(playground=playground)
    with _bar("Copying") as move:
        operator.back_up(settings, path, move, playground=playground)
    click.echo(f"The copy is at {path}.")


@main.command(short_help="Put a backup in the database's place.")
@click.argument("path", type=click.Path(path_type=Path))
@_playground("The playground's database")
def restore(path: Path, *, playground: bool) -> None:
    """Put the backup at PATH in the database's place; stop the newsroom first.

    The backup is checked before anything is changed, and the database that was there is kept beside it.
    """
    settings, playground = _settings(playground=playground)
    with _bar("Restoring") as move:
        kept = operator.restore(settings, path, move, playground=playground)
    click.echo("Restored." + (f" What was there before is {kept}." if kept else ""))


@main.command(short_help="Bring the database up to date (`run` does it by itself).")
@_playground("The playground's database")
def migrate(*, playground: bool) -> None:
    """Bring the database up to date (`run` does it by itself), after a copy of it was made beside it."""
    settings, playground = _settings(playground=playground)
    done = operator.migrate_database(settings, playground=playground)
    if done.before == done.after:
        click.echo(f"The database is up to date (revision {done.after}).")
    else:
        click.echo(f"The database went from revision {done.before or 'none'} to {done.after}.")
        if done.copy:
            click.echo(f"A copy of before is {done.copy}.")


if __name__ == "__main__":
    main(prog_name="paperboy")
