"""The help centre on a small folder of articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.scope import is_within, scope
from kb.sources.articles import Article, content_hash
from kb.sources.shelf import Shelf
from odziv.settings import LANGUAGES
from tests.scratch_articles import ARTICLES, write

EVIL = "</script><script>alert(1)</script>"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A few articles in English, one in Slovenian too, one that lies in wait, and two that are nobody's to read."""
    root = tmp_path / "articles"
    for name, (title, questions, body) in ARTICLES.items():
        write(root, name, title, questions, body)
    write(root, "en/orders/refund-time", "Refund time", ["when do I get my money"], "Soon. See [here](orders/return).")
    write(root, "en/orders/evil", f"'Evil {EVIL} & co'", ["evil"], f"Body {EVIL} [x](javascript:alert(2))")
    write(root, "en/orders/secret", "Secret draft", ["secret"], "Hidden draft.", status="draft")
    write(root, "en/orders/inside", "Inside knowledge", ["inside"], "Hidden inside.", status="internal")
    sections = "".join(f"\n\n## Part {n} & more\n\nText {n}." for n in (1, 2, 3))
    write(root, "sl/shops/hours", "Odpiralni čas", ["do kdaj imate odprto"], f"Od 9. do 19. ure.{sections}")
    return root


class ReadOnlyKnowledge:
    """Serves the folder like the real one, without learning anything: fitting takes a second for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.refreshed_at, self._shelf = (
            folder,
            1_700_000_000.0,
            Shelf(folder, folder / ".kept", LANGUAGES),
        )
        self.refresh()

    def refresh(self) -> None:
        contents = self._shelf.read()
        self.edition = content_hash(repr(contents.hashes).encode())
        self._articles = {(a.id, a.language): a for a in contents.articles.values() if a.status == "published"}

    def articles(self) -> list[Article]:
        return [a for a in self._articles.values() if self._counts(a.id)]

    def _counts(self, identity: str) -> bool:
        return any(is_within(a, scope()) for (other, _), a in self._articles.items() if other == identity)

    def article(self, identity: str, language: str) -> Article | None:
        if not self._counts(identity):
            return None
        found = (self._articles.get((identity, wanted)) for wanted in (language, "en", *LANGUAGES))
        return next(filter(None, found), None)

    def search(self, text: str, language: str, limit: int) -> list:
        return []

    def detect_language(self, text: str, **known: str | None) -> str:
        return "en"


@pytest.fixture(autouse=True)
def kb(services, folder) -> ReadOnlyKnowledge:
    """Put in place of the fake one."""
    services.knowledge.kb = ReadOnlyKnowledge(folder)
    return services.kb
