"""In which line of config.yml a setting stands, for whoever is told that the file says it."""

from __future__ import annotations

from pathlib import Path

import yaml

from odziv.settings.offered import split


def find_line(path: Path, key: str) -> int | None:
    """The line, counted from 1, in which the file says this, or the part of it that is said; None where it does not, or
    can't be read."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    line = None
    for part in ("odziv", *split(key)):
        if not isinstance(node, yaml.MappingNode):
            return line
        found = next(((name, value) for name, value in node.value if name.value == part), None)
        if found is None:
            return None
        line, node = found[0].start_mark.line + 1, found[1]
    return line
