"""The articles' folder as it is found, and what of it is away: not there, not to be read, or empty.

What is away was not taken away by an editor: a share is not mounted, or a folder is being renamed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kb.sources.articles import find_files, relative_name
from kb.sources.faults import Reason

ALL = ""  # names the whole folder


@dataclass(frozen=True)
class Listing:
    """The files by name, and by the name of each folder that is away (ALL: everything) what is the matter."""

    files: Mapping[str, Path]
    away: Mapping[str, str]

    def is_away(self, name: str) -> bool:
        """Return whether a file stands in a folder that is away."""
        return any(folder == ALL or name.startswith(f"{folder}/") for folder in self.away)


def list_folder(root: Path, known: Iterable[str]) -> Listing:
    """Return what is below `root`; `known` are the names of the files that were there last."""
    try:
        files = {relative_name(path, root): path for path in find_files(root)}
    except OSError as error:
        return Listing({}, {ALL: _explain(error)})
    if why := why_away(root):
        return Listing({}, {ALL: why})
    known = set(known)
    if known and not files:
        return Listing({}, {ALL: Reason("has no articles any more")})
    return Listing(files, dict(_list_away(root)) | dict(_list_empty(root, known - files.keys())))


def why_away(folder: Path) -> str | None:
    """Return why a folder cannot be read; None when it can."""
    try:
        with os.scandir(folder):
            return None
    except OSError as error:
        return _explain(error)


def _list_away(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the folders below `root` that cannot be read, and the links to nothing that stand for a language."""
    errors: list[OSError] = []
    for _ in os.walk(root, onerror=errors.append):
        pass
    for error in errors:
        yield relative_name(Path(error.filename), root), _explain(error)
    for path in root.iterdir():
        if path.is_symlink() and not path.exists():
            yield path.name, Reason("is a link to nothing")


def _list_empty(root: Path, missing: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the languages whose folder has nothing in it now: where a share was mounted, that stays."""
    for language in {name.partition("/")[0] for name in missing}:
        folder = root / language
        if folder.is_dir() and why_away(folder) is None and not any(folder.iterdir()):
            yield language, Reason("has nothing in it any more")


def _explain(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return Reason("is not there")
    if isinstance(error, NotADirectoryError):
        return Reason("is no folder")
    return Reason("cannot be read (%(why)s)", why=error.strerror or error)
