"""The help centre on a real, small knowledge base."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import KnowledgeBase
from settings import LANGUAGES
from tests.fake_encoder import FakeEncoder
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


@pytest.fixture(autouse=True)
def kb(services, folder, tmp_path) -> KnowledgeBase:
    """Put in place of the fake one."""
    services.kb = KnowledgeBase.open(
        folder, tmp_path / "index", FakeEncoder(), languages=LANGUAGES, default_language="en"
    )
    return services.kb
