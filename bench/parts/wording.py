"""What bench customers ask: the tests' further questions, or the articles' phrasings where there are none."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TypeVar

from bot.phrasings import read_phrasings
from odziv.settings import LANGUAGES

T = TypeVar("T")


def read_questions(root: Path, languages: tuple[str, ...] = LANGUAGES) -> dict[str, list[str]]:
    """Questions by language, in file order. Raises FileNotFoundError when there are neither files nor articles."""
    found = {
        language: _from_file(root / "tests" / "data" / "questions" / f"{language}.jsonl") for language in languages
    }
    for language in languages:
        found[language] = found[language] or _from_articles(root / "kb" / "articles" / language)
        if not found[language]:
            raise FileNotFoundError(f"no questions in {language}: neither tests/data/questions nor kb/articles has any")
    return found


def shuffled(questions: list[T], seed: object) -> list[T]:
    """The same questions in an order that depends on `seed` alone."""
    return random.Random(str(seed)).sample(questions, len(questions))


def _from_file(path: Path) -> list[str]:
    if not path.is_file():
        return []
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _from_articles(folder: Path) -> list[str]:
    """Phrasings without their punctuation and first word, so that no phrasing is asked word for word."""
    return [text.rstrip("?!.").partition(" ")[2].lower() or text for text in read_phrasings(folder)]
