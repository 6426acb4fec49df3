"""Exports articles' phrasings as examples of ask_question: so the intent model knows the knowledge base."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import frontmatter
import yaml

LONGEST_EXAMPLE = 300  # characters of an example
# Phrasings of an article that are exported. All of them (eight or so) drown the other intents, none leaves the model
# without the shop's own words.
PER_ARTICLE = 2

# Rasa reads more than plain text in an example: [a](b) and [a]{…} mark entities, ${A} is an environment
# variable, and a leading slash is an intent. An editor may well type any of these.
_MARKUP = re.compile(r"[\[\]{}$\\\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def export_phrasings(articles: Path, languages: Iterable[str], target: Path) -> int:
    """Writes the published articles' first phrasings to `target`, a Rasa NLU file; returns their number."""
    examples = sorted({text for language in languages for text in read_phrasings(articles / language)})
    block = "".join(f"- {text}\n" for text in examples)
    nlu = [{"intent": "ask_question", "examples": block}] if examples else []
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), encoding="utf-8")
    return len(examples)


def read_phrasings(folder: Path) -> Iterator[str]:
    """The plain phrasings to export from one language's folder. Broken files, kb's business, are left out."""
    for path in sorted(folder.rglob("*.md")):
        try:
            head = frontmatter.loads(path.read_text(encoding="utf-8")).metadata
        except (OSError, ValueError, yaml.YAMLError, RecursionError):
            continue
        questions = head.get("questions")
        if head.get("status") == "published" and isinstance(questions, list):
            examples = (plain(text) for text in questions if isinstance(text, str))
            yield from list(filter(None, examples))[:PER_ARTICLE]


def plain(text: str) -> str:
    """The text on one line without anything Rasa would read as more than words; may be empty."""
    return " ".join(_MARKUP.sub(" ", text).split()).lstrip("/- \u2060")[:LONGEST_EXAMPLE].strip()
