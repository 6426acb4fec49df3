"""Which articles are the ones of the demo shop, as they are shipped: `python -m kb.demo_articles` notes them anew."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kb.sources.articles import Article, content_hash

FOLDER = Path(__file__).parent / "articles"
FILE = Path(__file__).parent / "demo_articles.txt"  # the beginning of each file's hash, a line each
DIGITS = 16


def is_demo(article: Article) -> bool:
    """Return whether an article is word for word one of the demo shop's."""
    return article.content_hash[:DIGITS] in read_known()


@cache
def read_known() -> frozenset[str]:
    """Return what is noted."""
    return frozenset(FILE.read_text("ascii").split())


def list_shipped() -> list[str]:
    """Return what is to be noted of the folder as it is now."""
    return sorted(content_hash(path.read_bytes())[:DIGITS] for path in FOLDER.glob("*/*/*.md"))


if __name__ == "__main__":
    FILE.write_text("\n".join(list_shipped()) + "\n", "ascii")
