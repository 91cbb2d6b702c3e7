"""The house as docs/architecture.md draws it: who may import whom, and how large things may grow."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIRST_PARTY = ("bot", "handlers", "jobs")
SOURCES = sorted(
    path
    for room in FIRST_PARTY
    for path in (ROOT / room).rglob("*.py")
    if "migrations" not in path.parts or path.name == "env.py"
)

CHECKS = sorted(path for room in ("tests", "bench") for path in (ROOT / room).rglob("*.py"))
"""What looks at the newsroom from outside: it may import anything."""

ANY = frozenset({"*"})
"""A line of code always knows its room: first-party rooms that each room may import."""
MAY_IMPORT = {
    "bot.errors": frozenset(),
    "bot.logs": frozenset(),
    "bot.failpoints": frozenset(),
    "bot.texts": {"bot.errors"},
    "bot.config": {"bot.errors", "bot.logs"},
    "bot.domain": {"bot.errors"},
    "bot.views": {"bot.domain", "bot.texts", "bot.errors"},
    "bot.feeds": {"bot.domain", "bot.errors"},
    "bot.storage": {"bot.domain", "bot.errors", "bot.failpoints"},
    "bot.charts": {"bot.domain"},
    "bot.gateway": {"bot.domain", "bot.errors", "bot.failpoints"},
    "bot.services": {
        "bot.domain",
        "bot.views",
        "bot.texts",
        "bot.storage",
        "bot.feeds",
        "bot.charts",
        "bot.errors",
        "bot.failpoints",
        "bot.logs",
    },
    "bot.web": {"bot.services", "bot.errors"},
    "bot.playground": {"bot.domain", "bot.errors"},
    "bot.app": ANY,
    "bot.operator": ANY,
    "bot.__main__": {"bot", "bot.app", "bot.domain", "bot.operator", "bot.config", "bot.errors", "bot.logs"},
    "handlers": {
        "bot.services",
        "bot.views",
        "bot.texts",
        "bot.gateway",
        "bot.domain",
        "bot.errors",
        "bot.logs",
    },
    "jobs": {"bot.services", "bot.config", "bot.errors", "bot.logs"},
    "bot": frozenset(),
}

"""Third-party libraries and the rooms that alone may import them."""
ONLY_IN = {
    "telegram": {"bot.gateway", "handlers", "bot.app"},
    "aiohttp": {"bot.feeds", "bot.gateway", "bot.web", "bot.playground", "bot.app", "bot.operator"},
    "aiohappyeyeballs": {"bot.feeds"},
    "yarl": {"bot.feeds", "bot.gateway"},
    "multidict": {"bot.feeds", "bot.playground"},
    "sqlalchemy": {"bot.storage"},
    "alembic": {"bot.storage"},
    "sqlite3": {"bot.storage"},
    "feedparser": {"bot.feeds"},
    "trafilatura": {"bot.feeds"},
    "lxml": {"bot.feeds", "bot.playground"},
    "pebble": {"bot.feeds"},
    "PIL": {"bot.charts"},
    "apscheduler": {"jobs"},
    "pydantic": {"bot.config"},
    "pydantic_settings": {"bot.config"},
    "dotenv": {"bot.config"},
    "babel": {"bot.texts"},
    "gettext": {"bot.texts"},
    "prometheus_client": {"bot.web"},
    "click": {"bot.__main__"},
    "rich": {"bot.__main__"},
    "regex": {"bot.domain", "bot.feeds"},
    "sentencex": {"bot.domain"},
    "snowballstemmer": {"bot.domain"},
    "stop_words": {"bot.domain"},
}

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "misc"}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    parts = module.split(".")
    if parts[0] != "bot":
        return parts[0]
    return ".".join(parts[:2])


def imports_of(tree: ast.AST) -> list[tuple[str, ast.stmt]]:
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            name = node.module or ""
            parts = [f"{name}.{alias.name}" for alias in node.names]
            rooms = [part if part in MODULES else name for part in parts] if name in FIRST_PARTY else [name]
            found += [(room, node) for room in rooms]
    return found


MODULES = frozenset(module_of(path) for path in SOURCES)


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of ours, read once for all rules, and only where one of them runs."""
    return {module_of(path): ast.parse(path.read_text("utf-8")) for path in SOURCES}


def test_a_module_imports_only_what_its_room_may() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, tree in trees().items()
        for imported, _ in imports_of(tree)
        if not _may_import(room_of(module), imported)
    ]
    assert not wrong, "not allowed by MAY_IMPORT, or by ONLY_IN, which names the rooms of every library"


def _may_import(room: str, imported: str) -> bool:
    allowed = MAY_IMPORT[room]
    top = imported.split(".", maxsplit=1)[0]
    if top in FIRST_PARTY:
        target = room_of(imported)
        return allowed is ANY or target == room or target in allowed
    if top in ONLY_IN:
        return room in ONLY_IN[top]
    return top in sys.stdlib_module_names or allowed is ANY


def test_no_first_party_import_hides_in_a_function() -> None:
    hidden = [
        f"{module}.{node.name}: {imported}"
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for imported, _ in imports_of(node)
        if imported.split(".", maxsplit=1)[0] in FIRST_PARTY
    ]
    assert not hidden


def _nearest_module(name: str) -> str:
    """The module of ours that a dotted name lies in; empty for none."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def _runtime_graph() -> dict[str, set[str]]:
    """Module to modules, leaving out what only the type checker sees."""
    graph: dict[str, set[str]] = {}
    for module, tree in trees().items():
        top = [node for node in ast.iter_child_nodes(tree) if not _for_types_only(node)]
        targets: set[str] = set()
        for node in top:
            for imported, _ in imports_of(node):
                target = _nearest_module(imported)
                if target and target != module:
                    targets.add(target)
            if isinstance(node, ast.ImportFrom):
                targets |= {
                    f"{node.module}.{a.name}" for a in node.names if f"{node.module}.{a.name}" in MODULES
                }
        graph[module] = targets
    return graph


def _for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def test_there_is_no_import_cycle() -> None:
    graph = _runtime_graph()
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, "import cycle: " + " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for target in sorted(graph[module]):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}


def test_the_pure_rooms_read_no_clock_no_chance_and_no_file() -> None:
    banned = {"time", "random", "secrets", "os", "pathlib", "socket", "asyncio", "logging"}
    wrong: list[str] = []
    for module, tree in trees().items():
        if room_of(module) not in {"bot.domain", "bot.views"}:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                wrong += [f"{module} reads a clock"] * ((node.value.id, node.attr) in CLOCKS)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                wrong += [f"{module} calls {node.func.id}"] * (node.func.id in {"open", "input", "print"})
        tops = {imported.split(".", maxsplit=1)[0] for imported, _ in imports_of(tree)}
        wrong += [f"{module} imports {top}" for top in tops & banned]
    assert not wrong


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        module
        for module, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} and module != "bot.config"
    ]
    assert not readers


SENDING = re.compile(
    r"\b(?:bot|message|query|chat|update\.\w+)\.(?:(?:send|edit|delete|reply|copy|forward)_\w+|answer)\(",
    re.ASCII,
)


def test_only_the_gateway_calls_telegram() -> None:
    callers = [p for p in SOURCES if "gateway" not in p.parts and SENDING.search(p.read_text("utf-8"))]
    assert not callers


def test_files_and_functions_stay_small() -> None:
    grown: list[str] = []
    for path in (*SOURCES, *CHECKS):
        source, name = path.read_text("utf-8"), str(path.relative_to(ROOT))
        grown += [f"{name} has outgrown its room"] * (len(source.splitlines()) > 400)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                long = node.end_lineno - node.lineno >= 60
                grown += [f"{name}: {node.name} is longer than 60 lines"] * long
    assert not grown


def test_no_room_has_a_name_that_says_nothing() -> None:
    for path in (*SOURCES, *CHECKS):
        assert not FORBIDDEN_NAMES & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}, path
