"""The list of failpoints and the program agree: no place is named that nothing passes, and none is passed unnamed."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot import failpoints
from bot.failpoints import NAMES

ROOT = Path(__file__).parents[2]
COMMITS = (", before the commit", ", after the commit")
TREES = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "bot").rglob("*.py"))]


def qualified(node: ast.AST, before: str = "") -> set[str]:
    """The names of all functions in a tree, as `__qualname__` has them."""
    found = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            found |= {before + child.name, *qualified(child, f"{before}{child.name}.<locals>.")}
        else:
            inside = f"{before}{child.name}." if isinstance(child, ast.ClassDef) else before
            found |= qualified(child, inside)
    return found


def test_every_commit_that_is_named_is_one_of_a_function_of_that_name() -> None:
    functions = set().union(*(qualified(tree) for tree in TREES))
    named = {name.removesuffix(end) for name in NAMES for end in COMMITS if name.endswith(end)}
    assert named - {"migrate"} <= functions


def test_every_other_place_is_in_the_source() -> None:
    said = {
        call.args[0].value
        for tree in TREES
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "failpoints.hit"
        and isinstance(call.args[0], ast.Constant)
    }
    commits = {name for name in NAMES if name.endswith(COMMITS)} - said
    assert said == set(NAMES) - commits


def test_a_place_that_there_is_not_is_refused_and_arms_nothing() -> None:
    with pytest.raises(ValueError, match="there is no failpoint 'settle, nearly begun'"):
        failpoints.arm("settle, nearly begun")
    assert failpoints.armed is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_process_ends_at_the_time_that_was_said_and_at_no_other_place(count: int) -> None:
    script = f"""
from bot import failpoints
failpoints.hit("settle, begun")
failpoints.arm("settle, begun", {count})
for time in range(1, 6):
    failpoints.hit("settle, finished")
    print(time, flush=True)
    failpoints.hit("settle, begun")
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.split() == [str(time) for time in range(1, count + 1)]


def test_without_a_count_it_is_the_first_time() -> None:
    script = "from bot import failpoints; failpoints.arm('settle, begun'); failpoints.hit('settle, begun')"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=30, check=False)
    assert ended.returncode == -signal.SIGKILL
