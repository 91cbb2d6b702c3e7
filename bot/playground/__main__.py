"""The playground alone, in a process of its own: `python -m bot.playground --help`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import OperatorError
from bot.playground.playground import Playground, new_token
from bot.playground.serving import serve


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bot.playground", description="A Bot API on this machine."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="the port; 0 for a free one (%(default)s)")
    parser.add_argument("--token", help="the bot's token (a new one each time, which is told)")
    parser.add_argument("--journal", type=Path, help="keep everything, calls too, in this file")
    parser.add_argument("--people", type=int, default=0, help="readers besides the cast, all started")
    parser.add_argument("--keep-messages", type=int, help="messages kept in each chat (all)")
    parser.add_argument("--no-flood", action="store_true", help="take off Telegram's brakes")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number up to 65535")
    return port


async def _run(options: argparse.Namespace) -> None:
    token = options.token or new_token()
    playground = Playground(
        token=token,
        clock=lambda: datetime.now(UTC),
        journal=options.journal,
        flood=not options.no_flood,
        keep_messages=options.keep_messages,
        record_calls=options.journal is not None,
    )
    playground.add_people(options.people)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serve(playground, host=options.host, port=options.port) as address:
        sys.stdout.write(f"The playground is at {address}\n")
        if not options.token:
            sys.stdout.write(f"The bot's token is {token}\n")
        sys.stdout.flush()
        await stopped.wait()


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; the exit code."""
    try:
        asyncio.run(_run(_options(arguments)))
    except OperatorError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
