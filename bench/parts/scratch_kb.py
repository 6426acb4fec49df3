"""A throw-away knowledge base from public data, opened by the product's own code."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kb import KnowledgeBase
from kb.model.parts import AUTO

NO_TEXT = "—"  # of an article whose data set has no answers: alike for all, so that it speaks for none


@contextmanager
def scratch_kb(
    pages: Mapping[str, dict], language: str, encoder, library: str = AUTO
) -> Iterator[tuple[KnowledgeBase, dict[str, str]]]:
    """Yield a knowledge base of `pages` (name → {"title", "questions", "body"}), and the name of each article.

    `library` is auto or off, as in config.yml.
    """
    names = {}
    with tempfile.TemporaryDirectory(prefix="odziv-bench-") as folder:
        for number, (name, page) in enumerate(sorted(pages.items())):
            identity = f"bench/page-{number:05}"
            names[identity] = name
            write_page(Path(folder) / "articles" / language / f"{identity}.md", page)
        kb = KnowledgeBase.open(
            Path(folder) / "articles", Path(folder) / "index", encoder, languages=[language], default_language=language,
            library=library,
        )  # fmt: skip
        for problem in kb.problems:
            print(problem, file=sys.stderr)
        yield kb, names


def write_page(path: Path, page: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {"title": page["title"][:200], "questions": page.get("questions", []), "status": "published"}
    # JSON is YAML: no text of theirs can be read as anything but text.
    lines = "\n".join(f"{key}: {json.dumps(value)}" for key, value in head.items())
    path.write_text(f"---\n{lines}\n---\n{page.get('body') or NO_TEXT}\n", "utf-8")
