"""A config.yml that an earlier version read is read by this one, and says the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from odziv.settings import ROOT, BadSetting, load_settings
from odziv.settings.hours import Hours
from tests.store.upgrades.lived import WRITTEN

FILES = sorted(WRITTEN.glob("config-*.yml"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_setting_arrives(file: Path):
    written = yaml.safe_load(file.read_text(encoding="utf-8"))["odziv"]
    settings = load_settings(file, {})
    arrived = {key: value for key, value in settings_in(settings)}
    for key, value in leaves(written):
        assert key in arrived, f"{key} is gone"
        assert plain(arrived[key], value) == value, key


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_what_is_misspelt_is_refused_by_its_name(file: Path, tmp_path: Path):
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["odziv"]["limits"]["message_charakters"] = 100
    copy = tmp_path / "config.yml"
    copy.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(BadSetting, match=r"config.yml: odziv.limits.message_charakters"):
        load_settings(copy, {})


def leaves(values: dict[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    """Each setting that is written, by its dotted name; business hours are one."""
    for key, value in values.items():
        if isinstance(value, dict) and place + key != "desk.hours":
            yield from leaves(value, f"{place}{key}.")
        else:
            yield place + key, value


def settings_in(values: BaseModel | dict[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    """Each setting that is known, by its dotted name."""
    for key, value in dict(values).items():
        if isinstance(value, Hours):
            yield place + key, value
        elif isinstance(value, BaseModel | dict):
            yield from settings_in(value, f"{place}{key}.")
        else:
            yield place + key, value


def plain(value: Any, like: Any) -> Any:
    """As YAML has it."""
    if isinstance(value, Path):
        return str(value) if Path(str(like)).is_absolute() else str(value.relative_to(ROOT))
    if isinstance(value, Hours):
        assert value.time_zone == like["time_zone"] and value.country == like["country"]
        return like
    return list(value) if isinstance(value, tuple) else value
