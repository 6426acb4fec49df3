"""Which articles count at the moment: all, or those of one website, by their tags and categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kb.sources.articles import Article

_tags: ContextVar[frozenset[str]] = ContextVar("tags", default=frozenset())


@contextmanager
def within(tags: Iterable[str]) -> Iterator[None]:
    """Until the block ends, in this thread: only articles with one of these tags, or in a category of such a name."""
    token = _tags.set(frozenset(tags))
    try:
        yield
    finally:
        _tags.reset(token)


def scope() -> frozenset[str]:
    """The tags that count; empty: all articles do."""
    return _tags.get()


def is_within(article: Article, tags: frozenset[str]) -> bool:
    """Whether the article counts where only those of `tags` do; all do where there are none."""
    return not tags or article.id.split("/", 1)[0] in tags or not tags.isdisjoint(article.tags)
