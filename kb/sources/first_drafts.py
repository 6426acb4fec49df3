"""Drafts to begin with: the articles that customers need most, with gaps for what only a company knows.

The library has them in kb/drafts/<language>/<category>/<slug>.md, as they are to lie among the articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.sources.articles import Article, find_files, parse_article, relative_name
from kb.sources.categories import FILE as CATEGORIES
from kb.sources.drafting import put_in_place
from kb.sources.editing import NotWritten, editing
from kb.sources.library import LIBRARY
from kb.sources.strays import find_misnamed

DRAFTS = LIBRARY.parent / "drafts"


@dataclass(frozen=True)
class Written:
    """What came of it: the files that are new, and those left out because the matter is there already."""

    new: tuple[str, ...]
    left_out: tuple[str, ...]


def read_drafts(languages: Iterable[str], source: Path = DRAFTS) -> list[Article]:
    """Return the library's drafts in these languages, by file name."""
    paths = [path for language in languages for path in find_files(source / language)]
    return [parse_article(path.read_bytes(), path, source) for path in paths]


def draft_on(topic: str, language: str, source: Path = DRAFTS) -> Article | None:
    """Return the library's draft that is called like a topic; None where there is none in that language."""
    path = source / language / f"{topic}.md"
    return parse_article(path.read_bytes(), path, source) if path.is_file() else None


def write_drafts(root: Path, languages: Sequence[str], articles: Iterable[Article], source: Path = DRAFTS) -> Written:
    """Write the library's drafts in `languages` among the articles below `root`, for the watcher to find.

    A file that is there is never touched, and a draft is left out where one of `articles`, under another name, names
    all of its topics. Raises NotWritten when a file can't be written; those before it are there then.
    """
    drafts = read_drafts(languages, source)
    wanted = list(without_answered(drafts, list(articles)))
    with editing:
        new = tuple(name for draft in wanted if (name := write_draft(root, draft, source)))
        copy_categories(root, source)
    every = (relative_name(draft.path, source) for draft in drafts)
    return Written(new, tuple(name for name in every if name not in new))


def without_answered(drafts: Iterable[Article], articles: Sequence[Article]) -> Iterator[Article]:
    """Yield the drafts that no article, under another name, makes needless."""
    for draft in drafts:
        if not any(a.id != draft.id and set(draft.topics) <= set(a.every_topic) for a in articles):
            yield draft


def write_draft(root: Path, draft: Article, source: Path) -> str:
    """Write one draft; return its name, empty where there is such a file already. Raises NotWritten."""
    name = relative_name(draft.path, source)
    path = root / name
    if path.parent.resolve() != (root.resolve() / name).parent:
        raise NotWritten("%(folder)s is a link, or lies behind one; nothing is written there.", folder=path.parent.name)
    if find_misnamed(path):
        return ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(path, draft.path.read_bytes())
    except OSError as error:
        if path.exists():
            return ""
        raise NotWritten(
            "%(name)s can’t be written: %(why)s. Ask your operator.", name=name, why=error.strerror or error
        ) from error
    return name


def copy_categories(root: Path, source: Path) -> None:
    """Write what the drafts' categories are called, where nothing says yet what categories are called."""
    try:
        put_in_place(root / CATEGORIES, (source / CATEGORIES).read_bytes())
    except FileExistsError:
        return
