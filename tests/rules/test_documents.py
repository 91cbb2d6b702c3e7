"""The documents say what the code does: what can drift apart is held together here."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import click
import pytest
from babel.messages.pofile import read_po

from bot import app, config
from bot.__main__ import main as command_line
from bot.config import DEFAULT_DATABASE, Settings
from bot.errors import OperatorError
from handlers import COMMANDS
from tests.rules.test_house import ANY, MAY_IMPORT, ONLY_IN, trees

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md")]
)
SKIPPED = {
    ".git",
    ".venv",
    "data",
    "build",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}


@cache
def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def rows(document: str, heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    after = read(document).split(f"\n{heading}\n", 1)[1]
    lines: list[list[str]] = []
    for line in after.splitlines():
        if line.startswith("|"):
            lines.append([cell.strip() for cell in line.strip("|").split(" | ")])
        elif lines:
            break
    return lines[2:]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def written(value: Any) -> str:
    """A default as one writes it into the environment."""
    return "" if value in {None, ()} else str(value)


DEFAULTS = {
    name.upper(): DEFAULT_DATABASE if name == "database_url" else written(field.get_default())
    for name, field in Settings.model_fields.items()
}


def test_the_example_of_settings_has_each_with_its_default() -> None:
    shown = re.findall(r"^#([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE)
    assert dict(shown) == DEFAULTS
    assert len(shown) == len(DEFAULTS)


def test_the_example_of_settings_can_be_used_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in DEFAULTS:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#([A-Z_]+=)", r"\1", read(".env.example"), flags=re.MULTILINE), "utf-8")
    given = config.load(file)
    assert given == config.load(None, database_url=DEFAULT_DATABASE)


def test_a_setting_in_the_example_is_explained_above_it() -> None:
    for line in read(".env.example").split("\n\n"):
        assert line.startswith("# "), f"nothing is said about {line}"


def test_the_page_of_settings_has_each_with_its_default() -> None:
    shown = re.findall(
        r"^### `(\w+)`\n\nDefault: (?:`([^`]*)`|none)\. Example: `(\w+)=([^`]*)`$"
        r"|^### `(\w+)`\n\nDefault: `([^`]*)`$",
        read("docs/settings.md"),
        re.MULTILINE,
    )
    assert {one[0] or one[4]: one[1] or one[5] for one in shown} == DEFAULTS
    assert re.findall(r"^### `(\w+)`$", read("docs/settings.md"), re.MULTILINE) == [
        one[0] or one[4] for one in shown
    ]
    for name, _, example, value, *_ in shown:
        if name:
            assert example == name
            given = value if name != "FEEDS_FILE" else str(ROOT / "README.md")
            config.load(None, **{name.lower(): given})


@pytest.mark.parametrize(
    "document", ["README.md", "docs/operations.md", "docs/development.md", "compose.yaml"]
)
def test_a_document_names_no_setting_that_is_none(document: str) -> None:
    named = set(re.findall(r"\b([A-Z]{2,}(?:_[A-Z]+)+)\b(?=[=`:])", read(document)))
    ours = {"COMMANDS", "ONLY_IN", "RIGHT_TO_LEFT", "MAY_IMPORT"}
    assert named - ours <= set(DEFAULTS)


@pytest.mark.parametrize("group", ["run", "dev"])
def test_every_dependency_is_explained_and_no_other(group: str) -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    wanted = project["dependencies"] if group == "run" else project["optional-dependencies"]["dev"]
    heading = {"run": "## To run", "dev": "## To develop"}[group]
    explained = {quoted(cells[0])[0]: cells[1] for cells in rows("docs/dependencies.md", heading)}
    assert set(explained) == {re.split(r"[<>=!~ ]", one, maxsplit=1)[0] for one in wanted}
    assert all(len(why) > 10 for why in explained.values())


def test_the_plan_of_the_house_is_the_one_that_is_held() -> None:
    drawn = {
        quoted(room)[0]: (rooms, quoted(libraries))
        for room, rooms, libraries in rows("docs/architecture.md", "## Rooms")
    }
    assert set(drawn) == set(MAY_IMPORT)
    for room, (rooms, libraries) in drawn.items():
        allowed = MAY_IMPORT[room]
        if allowed is ANY:
            assert rooms == "everything"
        else:
            assert set(quoted(rooms)) == set(allowed), f"{room} may import"
        assert set(libraries) == {name for name, owners in ONLY_IN.items() if room in owners}, room


def test_every_command_of_readers_is_in_the_readme() -> None:
    told = [quoted(cells[0])[0].split()[0] for cells in rows("README.md", "## What readers can do")]
    assert sorted(told) == sorted(f"/{name}" for name in COMMANDS)


def commands_of(group: click.Group, before: str = "paperboy") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_of(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


@pytest.mark.parametrize(
    ("document", "heading"),
    [("README.md", "## What the operator can do"), ("docs/operations.md", "## Day to day")],
)
def test_every_command_of_the_operators_is_told(document: str, heading: str) -> None:
    told = [quoted(cells[0])[-1] for cells in rows(document, heading)]
    existing = [
        " ".join(
            [
                name,
                *(
                    one.make_metavar(click.Context(command))
                    for one in command.params
                    if isinstance(one, click.Argument)
                ),
            ]
        )
        for name, command in commands_of(command_line)
    ]
    assert sorted(told) == sorted(existing)


def test_every_option_of_the_operators_commands_is_told() -> None:
    assert isinstance(command_line, click.Group)
    for name, command in commands_of(command_line):
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert f"`{option}`" in read("docs/operations.md"), f"{option} of {name}"


def test_every_exit_code_is_explained() -> None:
    told = {int(cells[0]) for cells in rows("docs/operations.md", "## Exit codes")}
    kinds = [OperatorError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert told == {0, *(kind.exit_code for kind in kinds if kind.__module__ == "bot.errors")}


async def test_every_metric_is_explained_and_no_other(tmp_path: Path) -> None:
    settings = config.load(None, database_url=f"sqlite:///{tmp_path / 'news.db'}", http_port=0)
    async with (
        app.open_app(settings, playground=True, ticking=False) as newsroom,
        aiohttp.ClientSession() as session,
        session.get(f"{newsroom.server.url}/metrics") as answer,
    ):
        served = set(re.findall(r"^# TYPE (\S+)", await answer.text(), re.MULTILINE))
    told = {quoted(cells[0])[0].partition("{")[0] for cells in rows("docs/operations.md", "## Health")}
    assert {name for name in served if not name.startswith("process_")} == told - {"process_*"}


def anchors(document: Path) -> set[str]:
    """What a link may point to inside a document: its headings, as Git hosts turn them into names."""
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        parts = urlsplit(target)
        if parts.scheme:
            assert parts.scheme == "https" or parts.hostname == "127.0.0.1", target
            continue
        file = document.parent / parts.path if parts.path else document
        assert file.exists(), f"{document.name} links to {target}"
        if parts.fragment:
            assert parts.fragment in anchors(file), f"{document.name} links to {target}"


NAMED = re.compile(r"`((?:bot|handlers|jobs|tests|bench|docs)/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    for name in NAMED.findall(document.read_text("utf-8")):
        assert (ROOT / name).exists(), f"{document.name} names {name}"


def texts(folder: Path = ROOT) -> Iterator[Path]:
    """Every file of the project, whether committed or not."""
    for path in sorted(folder.iterdir()):
        if path.name in SKIPPED or path.name.startswith(".coverage"):
            continue
        if path.is_dir():
            yield from texts(path)
        else:
            yield path


FOREIGN = tuple(
    "".join(parts)
    for parts in (("pypi", ".org"), ("python", "hosted"), ("/wo", "rk/"), ("/ro", "ot/"), ("py", "env"))
)
"""A registry's host, or a path of one machine; in pieces, since this file is searched too."""


def test_no_file_names_a_registry_or_one_machines_path() -> None:
    for path in texts():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for word in FOREIGN:
            assert word not in text, f"{path.relative_to(ROOT)} names {word}"


def test_make_lists_every_target_with_a_sentence() -> None:
    makefile = read("Makefile")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    told = dict(re.findall(r"^([a-z]+):.*## (.+)$", makefile, re.MULTILINE))
    assert set(phony[1].split()) == set(told)


def test_the_image_holds_what_the_project_is_built_from_and_no_secrets() -> None:
    let_in = re.findall(r"^!(\S+)$", read(".dockerignore"), re.MULTILINE)
    assert read(".dockerignore").splitlines()[1] == "*"
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", read("Dockerfile"), re.MULTILINE)
    assert sorted(let_in) == sorted(name for line in copied for name in line.split())
    assert ".env" not in let_in


def catalogue(path: Path) -> dict[str, set[str]]:
    """The keys of a language, each with the places in its forms; the form for one thing may leave out the number."""
    with path.open("rb") as source:
        read_in = read_po(source)
    found: dict[str, set[str]] = {}
    for message in read_in:
        key = message.id if isinstance(message.id, str) else message.id[0]
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if key:
            assert all(forms), f"{path.name}: {key} is empty"
            found[key] = {place for form in forms for place in re.findall(r"{(\w+)}", form)}
    return found


CATALOGUES = {path.stem: catalogue(path) for path in sorted((ROOT / "bot" / "texts").glob("*.po"))}


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_language_has_every_key_with_the_same_places(language: str) -> None:
    assert CATALOGUES[language] == CATALOGUES["en"]


def test_every_key_in_the_code_has_words() -> None:
    subjects = {key.partition(".")[0] for key in CATALOGUES["en"] if "." in key}
    for module, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                subject, dot, name = node.value.partition(".")
                if dot and subject in subjects and re.fullmatch(r"\w*[^\W_]", name):
                    assert node.value in CATALOGUES["en"], f"{module} speaks of {node.value}"
