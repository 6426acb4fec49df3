"""The articles' folder as it is served: what parses, and for what is broken its last good version."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.sources.articles import (
    Article,
    ArticleBroken,
    Problem,
    content_hash,
    find_files,
    moved,
    parse_article,
    read_file,
    relative_name,
)
from kb.sources.checks import check_articles
from kb.sources.strays import find_strays
from kb.vectors.index import write_atomically

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Contents:
    """What is on the shelf: articles by file name, problems, and the content hash of every file that was read."""

    articles: dict[str, Article]
    problems: tuple[Problem, ...]
    hashes: dict[str, str]


class Shelf:
    """Reads the folder again and again, parsing only files whose content changed."""

    def __init__(self, root: Path, last_good: Path, languages: Sequence[str]):
        """`last_good` is the folder where the last version of each file that parsed is kept."""
        self.root, self._last_good, self._languages = root, last_good, tuple(languages)
        self._read: dict[str, tuple[str, Article | None, ArticleBroken | None]] = {}

    def read(self) -> Contents:
        """Return what is to be served now."""
        articles, problems, hashes, seen = {}, [], {}, {}
        for path in find_files(self.root) if self.root.is_dir() else ():
            name = relative_name(path, self.root)
            digest, article, broken = seen[name] = self._read_one(path, name)
            hashes[name] = digest
            if broken:
                problems += [Problem(name, fault.line, fault.reason) for fault in broken.faults]
            if article:
                articles[name] = article
        for name in set(self._read) - set(seen):
            (self._last_good / name).unlink(missing_ok=True)  # the file was taken away, not broken
        self._read = seen
        problems += [*check_articles(articles.values(), self.root), *find_strays(self.root)]
        return Contents(articles, tuple(problems), hashes)

    def _read_one(self, path: Path, name: str) -> tuple[str, Article | None, ArticleBroken | None]:
        known = self._read.get(name)
        digest = ""
        try:
            raw = read_file(path, self.root)
            digest = content_hash(raw)
            if known and known[0] == digest:
                return known
            article = parse_article(raw, path, self.root, self._languages)
            self._keep(name, raw)
            return digest, article, None
        except ArticleBroken as broken:
            return digest, known[1] if known else self._kept(path, name), broken

    def _keep(self, name: str, raw: bytes) -> None:
        kept = self._last_good / name
        if not kept.exists() or kept.read_bytes() != raw:
            write_atomically(kept, raw)

    def _kept(self, path: Path, name: str) -> Article | None:
        """Return the last good version of a file that is broken, from an earlier run; None when there is none."""
        kept = self._last_good / name
        try:
            raw = kept.read_bytes()
            return moved(parse_article(raw, kept, self._last_good, self._languages), path)
        except FileNotFoundError:
            return None
        except (OSError, ArticleBroken) as error:
            log.warning("the last good version of %s cannot be used: %s", name, error)
            return None
