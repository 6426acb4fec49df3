"""`python -m bench.detection`: which language a text is taken for, over all texts of the repository.

Texts whose conversation and page agree should stay, even those in dialect; texts alone (as in a mail) should be told;
and messages in another language than the page's or the conversation's should be followed. The last are measured on
tests/data, of which nothing was learnt. Fails (exit 1) when a wanted figure is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from bench.parts.summary import percentile, table
from bench.parts.wording import LANGUAGES
from kb.language.detection import MIN_WORDS, LanguageGuess
from kb.language.learn import read_texts
from kb.language.text import words
from odziv.settings import ROOT

DATA = ROOT / "tests" / "data"
TURNED, ALONE, ON_PAGE, BACK = 0, 0.97, 0.90, 0.95  # wanted: at most, and at least of each language
SLOWEST_MS = 2.0  # for most texts
# Phrasings of the library whose writers ask for another language in that one.
IN_ENGLISH = frozenset({
    "Hello, I only speak a little Croatian, can somebody write to me in English?",
    "can you help me in english about my contract",
    "Do you speak English in the reception?",
})  # fmt: skip


def catalogue_texts(language: str) -> Iterator[str]:
    """Yield what customers are told."""
    for path in sorted((ROOT / "odziv" / "texts" / language).glob("*.yml")):
        yield from strings_of(yaml.safe_load(path.read_text("utf-8")))


def strings_of(texts: object) -> Iterator[str]:
    """Yield every string within lists and mappings."""
    if isinstance(texts, str):
        yield texts
    elif isinstance(texts, dict | list):
        for entry in texts.values() if isinstance(texts, dict) else texts:
            yield from strings_of(entry)


def asked_texts(language: str) -> Iterator[str]:
    """Yield what tests and benches ask in a language; the turns of a dialogue in the language each is in."""
    for path in sorted(DATA.rglob(f"{language}.jsonl")):
        rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
        yield from (row["text"] for row in rows if "text" in row)
    for path in sorted((DATA / "dialogues").glob("*.yml")):
        turns = [turn for dialogue in yaml.safe_load(path.read_text("utf-8")) for turn in dialogue["turns"]]
        yield from (turn["say"] for turn in turns if "say" in turn and turn.get("language", path.stem) == language)


def share(right: list[bool]) -> float:
    return sum(right) / max(len(right), 1)


def measure(guess: LanguageGuess, language: str) -> dict:
    """Return one language's figures: "turned" a number of texts, the others shares of those with three words."""
    asked = list(dict.fromkeys(asked_texts(language)))
    everything = dict.fromkeys([*read_texts(language), *catalogue_texts(language), *asked])
    own = [text for text in everything if text.strip() and text not in IN_ENGLISH]
    turned = [text for text in own if guess(text, conversation=language, page=language) != language]
    long = [text for text in asked if len(words(text)) >= MIN_WORDS]
    others = [code for code in LANGUAGES if code != language]
    return {
        "texts": len(own),
        "turned": turned,
        "alone": share([guess(text) == language for text in own if len(words(text)) >= MIN_WORDS]),
        "asked alone": share([guess(text) == language for text in long]),
        "on a page": share([guess(text, page=code) == language for text in long for code in others]),
        "against both": share([guess(t, conversation=code, page=code) == language for t in long for code in others]),
        "back": share([guess(t, conversation=code, page=language) == language for t in long for code in others]),
    }


def measure_ms(guess: LanguageGuess) -> float:
    """Return how many milliseconds of the processor 95 of 100 new texts stay below."""
    spent = []
    for text in dict.fromkeys(text for language in LANGUAGES for text in asked_texts(language)):
        began = time.thread_time()
        guess(text)
        spent.append(1000 * (time.thread_time() - began))
    return percentile(spent, 0.95)


def main() -> int:
    """Returns 0 when everything is as wanted, 1 when not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    guess = LanguageGuess(LANGUAGES, "en")
    guess("kje")  # reads what was learnt
    slow = measure_ms(guess)
    figures = {language: measure(guess, language) for language in LANGUAGES}
    shares = ("alone", "asked alone", "on a page", "against both", "back")
    rows = [
        [code, f"{own['texts']:,}", str(len(own["turned"])), *(f"{100 * own[name]:.1f}" for name in shares)]
        for code, own in figures.items()
    ]
    print(table(["", "texts", "turned", *shares], rows))
    print(f"\n95 of 100 new texts take less than {slow:.2f} ms of the processor")
    for text in (text for own in figures.values() for text in own["turned"]):
        print(f"turned: {text}")
    if options.json:
        options.json.write_text(json.dumps({"p95_ms": slow, **figures}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    wanted = {"alone": ALONE, "on a page": ON_PAGE, "back": BACK}
    is_fine = all(len(own["turned"]) <= TURNED for own in figures.values()) and slow < SLOWEST_MS
    return 0 if is_fine and all(own[name] >= least for own in figures.values() for name, least in wanted.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
