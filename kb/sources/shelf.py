"""The articles' folder as it is served: what parses, and for what is broken or away its last good version."""

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
    moved,
    parse_article,
    read_file,
)
from kb.sources.checks import check_articles
from kb.sources.faults import Reason
from kb.sources.folder import ALL, Listing, list_folder
from kb.sources.strays import find_misnamed, find_strays
from kb.writing import write_atomically

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Contents:
    """What is on the shelf: articles by file name, problems, and the content hash of every file that was read.

    `away` says what of the folder is not there, and serves as it was read last; empty while all is there.
    """

    articles: dict[str, Article]
    problems: tuple[Problem, ...]
    hashes: dict[str, str]
    away: str = ""


class Shelf:
    """Reads the folder again and again, parsing only files whose content changed."""

    def __init__(self, root: Path, last_good: Path, languages: Sequence[str]):
        """`last_good` is the folder where the last version of each file that parsed is kept."""
        self.root, self._last_good, self._languages = root, last_good, tuple(languages)
        self._read: dict[str, tuple[str, Article | None, ArticleBroken | None]] = {}

    def read(self) -> Contents:
        """Return what is to be served now."""
        known = self._read.keys() | self._list_kept()
        listing = list_folder(self.root, known)
        seen = {name: self._read_one(path, name) for name, path in listing.files.items()}
        for name in known - seen.keys():
            if not (listing.is_away(name) or find_misnamed(self.root / name)):
                (self._last_good / name).unlink(missing_ok=True)  # the file was taken away, not broken or renamed
            elif (kept := self._read.get(name) or self._read_kept(name)) is not None:
                seen[name] = kept
        self._read = dict(sorted(seen.items()))
        articles = {name: article for name, (_, article, _) in self._read.items() if article}
        hashes = {name: digest for name, (digest, _, _) in self._read.items()}
        problems = [
            Problem(name, fault.line, fault.reason)
            for name, (_, _, broken) in self._read.items()
            for fault in (broken.faults if broken else ())
        ]
        strays = () if ALL in listing.away else find_strays(self.root)
        problems += [*_name_away(listing), *check_articles(articles.values(), self.root), *strays]
        return Contents(articles, tuple(problems), hashes, self._say_away(listing, articles))

    def _list_kept(self) -> set[str]:
        """Return the names of the files of which a last good version is kept, also by an earlier run."""
        return set(list_folder(self._last_good, ()).files)

    def _read_kept(self, name: str) -> tuple[str, Article | None, ArticleBroken | None] | None:
        """Return a kept version as if it had been read from its file; None when it cannot be used."""
        article = self._kept(self.root / name, name)
        return (article.content_hash, article, None) if article else None

    def _say_away(self, listing: Listing, articles: dict[str, Article]) -> str:
        if not listing.away:
            return ""
        if ALL not in listing.away:
            away = [
                Reason("%(folder)s %(problem)s", folder=name, problem=listing.away[name])
                for name in sorted(listing.away)
            ]
            return Reason(
                "in the articles' folder, %(away)s; what was there serves as it was read last", away=tuple(away)
            )
        problem = listing.away[ALL]
        if not articles:
            return Reason("the articles' folder %(problem)s; no article is served", problem=problem)
        return Reason(
            "the articles' folder %(problem)s; %(files)s files serve as they were read last",
            problem=problem,
            files=len(articles),
        )

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


def _name_away(listing: Listing) -> list[Problem]:
    """Return a problem for each folder that is away; what was in it serves."""
    return [
        Problem(
            folder or ".",
            None,
            Reason("this folder %(problem)s; its articles serve as they were read last", problem=why),
            is_broken=False,
        )
        for folder, why in sorted(listing.away.items())
    ]
