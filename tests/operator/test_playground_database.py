"""The playground never lies on the real newsroom's database, wherever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import config, operator
from bot.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_playground_has_its_own_database_beside_a_named_one(tmp_path: Path) -> None:
    settings = config.load(None, database_url=f"sqlite:///{tmp_path / 'news.db'}")
    assert settings.database_path(playground=False) == tmp_path / "news.db"
    assert settings.database_path(playground=True) == tmp_path / "playground.db"


def test_without_a_name_both_lie_in_data() -> None:
    settings = config.load(None)
    assert str(settings.database_path(playground=False)) == "data/paperboy.db"
    assert str(settings.database_path(playground=True)) == "data/playground.db"


def test_starting_the_playground_over_leaves_the_newsroom_alone(tmp_path: Path) -> None:
    settings = config.load(None, database_url=f"sqlite:///{tmp_path / 'news.db'}")
    real = settings.database_path(playground=False)
    operator.migrate_database(settings, playground=False)
    operator.migrate_database(settings, playground=True)
    operator.forget_playground(settings)
    assert real.exists()
    assert not settings.database_path(playground=True).exists()


def test_the_real_database_cannot_take_the_playgrounds_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="playground"):
        config.load(None, database_url=f"sqlite:///{tmp_path / 'playground.db'}")
