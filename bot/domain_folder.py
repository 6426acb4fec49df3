"""The domain that Rasa is trained with: ours, and what it says without looking anything up, from odziv/texts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from odziv.texts import CATALOGUE, REFERENCE

FILE = "responses.yml"


def write_domain(root: Path, var: Path) -> Path:
    """Writes the folder and returns it. It is made anew, so that nothing stays in it that is gone from ours."""
    folder = (var / "rasa" / "domain").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in sorted((root / "bot" / "domain").glob("*.yml")):
        shutil.copyfile(path, folder / path.name)
    domain = {"version": "3.1", "responses": write_responses()}
    (folder / FILE).write_text(yaml.safe_dump(domain, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def write_responses() -> dict[str, list[dict[str, Any]]]:
    """Each response's variations: those of a language have it as their condition, English serves every other one."""
    said: dict[str, list[dict[str, Any]]] = {}
    for language, texts in CATALOGUE.by_language("small_talk").items():
        condition = {"condition": [{"type": "slot", "name": "language", "value": language}]}
        for name, variations in texts.items():
            own = {} if language == REFERENCE else condition
            said.setdefault(name, []).extend({"text": text, **own} for text in variations)
    return said
