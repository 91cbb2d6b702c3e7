"""The lock files say all that is installed, so nothing that was released since may change an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile"])
def test_pip_takes_the_locks_as_they_stand(name: str) -> None:
    """Asked to resolve, pip looks past `coverage==` for a newer `coverage[toml]` and refuses what it finds."""
    lines = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if ".lock" in line]
    installs = [line for line in lines if "install" in line and "-r requirements" in line]
    assert installs
    assert all("--no-deps" in line and "--require-hashes" in line for line in installs)


def test_what_the_locks_lack_is_noticed() -> None:
    """An installation without resolving is checked afterwards: once in the image, after both locks by make."""
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "pip --disable-pip-version-check check" in make
    assert make.count("@$(COMPLETE)") == 2
    assert "bin/pip check" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_no_package_lies_in_the_house() -> None:
    """The locks name what is installed; a copy that was downloaded beside them would be part of the project."""
    assert not [path.name for kind in ("*.whl", "*.tar.gz", "*.zip") for path in ROOT.glob(kind)]
