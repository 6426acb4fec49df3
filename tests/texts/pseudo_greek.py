"""Makes an artificial language of the English texts: every Latin letter becomes a Greek one.

Babel writes Greek dates and names for it, so a Latin letter on a page is one that came from another language.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CODE, LOCALE = "el", "el_GR"
COPIED = ("odziv", "kb", "bot", "actions", "tests", "server.py", "config.yml", "pyproject.toml")
LATIN = "abcdefghijklmnopqrstuvwxyz"
GREEK = "αβκδεφγηικκλμνοπκρστυωωξψζ"
LETTERS = str.maketrans(LATIN + LATIN.upper(), GREEK + GREEK.upper())
# What is no text: names of pictures and articles in the demo shop, and patterns of the Unicode CLDR.
NO_TEXTS = frozenset({"image", "icon", "link", "time", "day"})
ARTICLE = """---
title: {title}
questions: [{title}]
status: published
---
{body}
"""


def pseudo(text: str) -> str:
    """A text in Greek letters, its placeholders as they are."""
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(part if part.startswith("{") else part.translate(LETTERS) for part in parts)


def pseudo_texts(texts: Any, key: str = "") -> Any:
    """A file of texts, all of its sentences in Greek letters."""
    if isinstance(texts, dict):
        return {name: pseudo_texts(text, name) for name, text in texts.items()}
    if isinstance(texts, list):
        return [pseudo_texts(text, key) for text in texts]
    return pseudo(texts) if isinstance(texts, str) and key not in NO_TEXTS else texts


def copy_with_fifth_language(folder: Path) -> None:
    """Copies the product, and adds what CONTRIBUTING.md says a language takes: an entry, texts, articles, examples."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    listed = folder / "odziv" / "settings" / "languages.py"
    listed.write_text(listed.read_text("utf-8").replace("LOCALES = {", f'LOCALES = {{"{CODE}": "{LOCALE}", '), "utf-8")
    write_texts(folder / "odziv" / "texts")
    write_articles(folder / "kb" / "articles")
    examples = folder / "bot" / "data" / "nlu"
    examples.joinpath(f"{CODE}.yml").write_text(pseudo_examples(examples / "en.yml"), "utf-8")


def write_texts(folder: Path) -> None:
    (folder / CODE).mkdir()
    for path in (folder / "en").glob("*.yml"):
        texts = pseudo_texts(yaml.safe_load(path.read_text("utf-8")))
        (folder / CODE / path.name).write_text(yaml.safe_dump(texts, allow_unicode=True), "utf-8")


def write_articles(folder: Path) -> None:
    names = yaml.safe_load((folder / "categories.yml").read_text("utf-8"))
    named = {key: {**each, CODE: pseudo(each["en"])} for key, each in names.items()}
    (folder / "categories.yml").write_text(yaml.safe_dump(named, allow_unicode=True, sort_keys=False), "utf-8")
    for path in (folder / "en").rglob("*.md"):
        own = folder / CODE / path.relative_to(folder / "en")
        own.parent.mkdir(parents=True, exist_ok=True)
        title = pseudo(path.stem)
        own.write_text(ARTICLE.format(title=title, body=pseudo("How to: read this.")), "utf-8")


def pseudo_examples(path: Path) -> str:
    """Rasa's examples: only the lines of a list are sentences."""
    lines = path.read_text("utf-8").splitlines()
    return "\n".join(pseudo(line) if line.strip().startswith("- ") and ":" not in line else line for line in lines)
