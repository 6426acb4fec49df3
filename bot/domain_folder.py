"""The domain that Rasa is trained with: ours, and the responses it is given."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FILE = "responses.yml"


def write_domain(root: Path, var: Path, responses: Mapping[str, Any]) -> Path:
    """Writes the folder and returns it. It is made anew, so that nothing stays in it that is gone from ours."""
    folder = (var / "rasa" / "domain").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in sorted((root / "bot" / "domain").glob("*.yml")):
        shutil.copyfile(path, folder / path.name)
    domain = {"version": "3.1", "responses": dict(responses)}
    (folder / FILE).write_text(yaml.safe_dump(domain, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder
