"""The command line: `paperboy`, which is also `python -m bot`."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot import __version__, app, config, logs, operator
from bot.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Settings

console = Console()

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


def _settings(**overrides: Any) -> Settings:  # noqa: ANN401 - any setting
    settings = config.load(**overrides)
    token = settings.telegram_bot_token
    logs.set_up(settings.log_level, settings.log_format, (token.get_secret_value(),) if token else ())
    return settings


def _bar(words: str) -> tuple[Progress, Callable[[int, int], None]]:
    """A progress bar, and the function that moves it to so many of so many."""
    progress = Progress(
        TextColumn(words), BarColumn(), TimeRemainingColumn(), console=console, transient=True
    )
    task = progress.add_task(words)

    def move(done: int, total: int) -> None:
        progress.update(task, completed=done, total=max(total, 1))

    return progress, move


@click.group(
    cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="paperboy")
@click.pass_context
def main(context: click.Context) -> None:
    """Paperboy, a newsroom inside Telegram.

    Without a command it runs the newsroom: on Telegram where TELEGRAM_BOT_TOKEN is set (in the environment or in
    the file .env), else in the playground, Telegram on this machine, whose chat page it names.
    """
    if context.invoked_subcommand is None:
        context.invoke(run)


@main.command()
@click.option("--playground", is_flag=True, help="Use Telegram on this machine even though a token is set.")
@click.option(
    "--fresh", is_flag=True, help="Start the playground over: its chats and stories are deleted first."
)
def run(*, playground: bool = False, fresh: bool = False) -> None:
    """Run the newsroom until Ctrl-C or SIGTERM.

    The database is brought up to date by itself, after a copy of it was made beside it.
    """
    settings = _settings()
    playground = playground or not settings.has_token
    if fresh and not playground:
        raise OperatorError(
            "--fresh starts the playground over; with a token set it needs --playground as well."
        )
    if fresh:
        operator.forget_playground(settings)
    asyncio.run(_run(settings, playground=playground))


async def _run(settings: Settings, *, playground: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A second signal changes nothing: stopping is bounded by itself.
        loop.add_signal_handler(number, stop.set)
    async with app.open_app(settings, playground=playground) as newsroom:
        if playground:
            click.echo(f"The newsroom is open. Read it at {newsroom.server.url}/ (Ctrl-C closes it.)")
        else:
            click.echo(f"The newsroom is open on Telegram. Its health: {newsroom.server.url}/readyz")
        await newsroom.wait(stop)
        click.echo("Closing ...")


@main.command()
@click.option("--playground", is_flag=True, help="The playground's database.")
def migrate(*, playground: bool) -> None:
    """Bring the database up to date (`run` does it by itself)."""
    done = operator.migrate_database(_settings(), playground=playground)
    if done.before == done.after:
        click.echo(f"The database is up to date (revision {done.after}).")
    else:
        click.echo(f"The database went from revision {done.before or 'none'} to {done.after}.")
        if done.copy:
            click.echo(f"A copy of before is {done.copy}.")


@main.command()
@click.option("--playground", is_flag=True, help="Check the playground's database.")
def check(*, playground: bool) -> None:
    """Look at everything that can be wrong, and say what to do.

    Settings, token, database and SQLite, list of feeds, disk, memory. Exits with 1 if something is wrong.
    """
    settings = _settings()
    table = Table(box=None, show_header=False)
    bad = False
    with console.status("Looking ..."):
        findings = asyncio.run(operator.check(settings, playground=playground))
    for finding in findings:
        table.add_row(f"[{STYLES[finding.grade]}]{finding.grade}[/]", finding.subject, finding.sentence)
        bad = bad or finding.grade == "wrong"
    console.print(table)
    sys.exit(int(bad))


@main.group()
def feeds() -> None:
    """The list of feeds."""


@feeds.command("list")
@click.option("--playground", is_flag=True, help="The playground's feeds.")
def feeds_list(*, playground: bool) -> None:
    """Show all feeds, what is wrong with them and when each is looked at next."""
    rows = asyncio.run(operator.list_feeds(_settings(), playground=playground))
    table = Table("Desk", "Feed", "Language", "Last story", "Next look", "State", box=None)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    click.echo(f"{len(rows)} feeds.")


@feeds.command("add")
@click.argument("url")
@click.option("--title", default="", help="Its name; the feed's own if left out.")
@click.option("--desk", default="", help="Its desk, such as World or Science.")
@click.option("--language", default="", help="Its language, such as en.")
@click.option("--country", default="", help="Its country, such as GB.")
@click.option("--playground", is_flag=True, help="Add it to the playground.")
def feeds_add(url: str, *, title: str, desk: str, language: str, country: str, playground: bool) -> None:
    """Add the feed at URL."""
    fields = {"title": title, "desk": desk, "language": language, "country": country}
    added = asyncio.run(operator.add_feed(_settings(), url, fields, playground=playground))
    click.echo("Added; it is looked at within a minute." if added else "That feed is in use already.")


@feeds.command("remove")
@click.argument("url")
@click.option("--playground", is_flag=True, help="Remove it from the playground.")
def feeds_remove(url: str, *, playground: bool) -> None:
    """Stop fetching the feed at URL; its stories stay. `feeds add` takes it up again."""
    title = asyncio.run(operator.remove_feed(_settings(), url, playground=playground))
    click.echo(f"Removed: {title}")


@feeds.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--playground", is_flag=True, help="Import into the playground.")
def feeds_import(file: Path, *, playground: bool) -> None:
    """Add the feeds of an OPML FILE; a group of outlines is a desk."""
    done = asyncio.run(operator.import_feeds(_settings(), file, playground=playground))
    click.echo(f"{done.named} feeds named, {done.new} of them new.")
    for address in done.refused:
        click.echo(f"Left out, no address of the web: {address}")


@feeds.command("export")
@click.option("--playground", is_flag=True, help="The playground's feeds.")
def feeds_export(*, playground: bool) -> None:
    """Print all feeds as OPML."""
    click.echo(asyncio.run(operator.export_feeds(_settings(), playground=playground)).decode())


@main.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--playground", is_flag=True, help="The playground's database.")
def backup(path: Path, *, playground: bool) -> None:
    """Copy the database to PATH, also while the newsroom runs, and check the copy."""
    settings = _settings()
    bar, move = _bar("Copying")
    with bar:
        operator.back_up(settings, path, move, playground=playground)
    click.echo(f"The copy is at {path}.")


@main.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--playground", is_flag=True, help="The playground's database.")
def restore(path: Path, *, playground: bool) -> None:
    """Put the backup at PATH in the database's place; stop the newsroom first. The old one is kept beside it."""
    settings = _settings()
    bar, move = _bar("Restoring")
    with bar:
        kept = operator.restore(settings, path, move, playground=playground)
    click.echo("Restored." + (f" What was there before is {kept}." if kept else ""))


@main.command()
def health() -> None:
    """Ask the running newsroom how it is; exits with 1 if it is not ready."""
    ready, sentence = asyncio.run(operator.ask_health(_settings()))
    click.echo(sentence)
    sys.exit(int(not ready))


if __name__ == "__main__":
    main(prog_name="paperboy")
