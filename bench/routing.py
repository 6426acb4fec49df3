"""`python -m bench.routing [--prepared FOLDER]`: what Rasa's model takes a message for, before any action looks at it.

Questions: ways of asking from the library of topics, so many a language, of topics none of whose sentences is among the
model's examples, and of none whose customers may well want a person. Counted is what was taken for a wish for a person,
anger, danger or small talk. Wishes: tests/data/person and what tests/data/routing has of them. Persons who are no wish
("a 3 person tent"): tests/data/persons. Fails (exit 1) when a wanted figure is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from bench.parts.product import ROOT, NotStarted, copy_prepared, stop_tidily
from bench.parts.rows import read_rows
from bench.parts.summary import table
from bench.parts.wording import LANGUAGES
from bench.plain_rasa.nlu import Parser
from bot.train import train
from kb.sources.library import Topic, read_library
from odziv.processes.starting import EMBED_EXAMPLES
from odziv.texts.small_talk import write_responses

DATA = ROOT / "tests" / "data"
EXAMPLES = ROOT / "bot" / "data" / "nlu" / "questions"
A_LANGUAGE = 1000  # ways of asking
# Topics, or their beginnings, whose customers may well want a person, are angry, or talk to a machine.
ABOUT_PEOPLE = (
    "contacts/", "complaints/complain", "near/bot", "near/courier-complaint", "company/praise", "company/dispute",
    "company/emergency", "company/languages",
)  # fmt: skip
TAKEN_FOR = {
    "request_human": "wish", "complaint": "anger", "danger": "danger", "doubtful_human": "doubtful",
    **dict.fromkeys(("greet", "goodbye", "thanks", "affirm", "deny", "bot_challenge"), "small talk"),
    **dict.fromkeys(("feedback_positive", "feedback_negative"), "small talk"),
}  # fmt: skip
FALSE = ("wish", "anger", "danger", "small talk")
MAX_FALSE, MIN_UNDERSTOOD, MAX_PERSONS = 0.05, 0.98, 0.05

Read = Callable[[str], str]


def questions(language: str, topics: Iterable[Topic]) -> list[str]:
    """Return A_LANGUAGE ways of asking, chosen by a hash of their words: the same ones wherever the bench runs."""
    asked = {text for topic in topics for text in topic.words[language].asked}
    return sorted(asked, key=lambda text: hashlib.sha256(text.encode()).digest())[:A_LANGUAGE]


def unseen_topics(examples: frozenset[str]) -> list[Topic]:
    """Return the library's topics that the model has no example of, without those that are about people."""
    return [
        topic
        for topic in read_library().values()
        if not topic.id.startswith(ABOUT_PEOPLE)
        and examples.isdisjoint(text for words in topic.words.values() for text in words.asked)
    ]


def read_examples() -> frozenset[str]:
    """Return the library's sentences that are among the model's examples."""
    files = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(EXAMPLES.glob("*.yml"))]
    lines = [line for file in files for intent in file["nlu"] for line in intent["examples"].splitlines()]
    return frozenset(line.removeprefix("- ").strip() for line in lines)


def wishes(language: str) -> list[str]:
    """Return the wishes for a person that were written for measuring."""
    files = [DATA / kind / f"{language}.jsonl" for kind in ("person", "routing")]
    return [row["text"] for file in files for row in read_rows(file) if row["intent"] == "request_human"]


def measure(read: Read) -> Iterator[dict[str, Any]]:
    """Yield the counts of each language; `read` gives the intent of a message."""
    topics = unseen_topics(read_examples())
    for language in LANGUAGES:
        asked, wanted = questions(language, topics), wishes(language)
        persons = [row["text"] for row in read_rows(DATA / "persons" / f"{language}.jsonl")]
        found = Counter(TAKEN_FOR.get(read(text), "question") for text in asked)
        understood = Counter(TAKEN_FOR.get(read(text)) for text in wanted)
        yield {
            "language": language, "questions": len(asked), **{kind: found[kind] for kind in (*FALSE, "doubtful")},
            "wishes": len(wanted), "understood": understood["wish"], "supposed": understood["doubtful"],
            "persons": len(persons), "fetched": sum(read(text) == "request_human" for text in persons),
        }  # fmt: skip


def together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums of all languages, with the shares that are wanted, 0 to 1."""
    names = [name for name in rows[0] if name != "language"]
    total = {"language": "all"} | {name: sum(row[name] for row in rows) for name in names}
    return total | {
        "false": sum(total[kind] for kind in FALSE) / total["questions"],
        "understood_share": total["understood"] / total["wishes"],
        "supposed_share": (total["understood"] + total["supposed"]) / total["wishes"],
        "fetched_share": total["fetched"] / total["persons"],
    }


def is_met(total: dict[str, Any]) -> bool:
    """Return whether every wanted figure is reached."""
    is_understood = total["understood_share"] >= MIN_UNDERSTOOD
    return total["false"] <= MAX_FALSE and is_understood and total["fetched_share"] <= MAX_PERSONS


def show(rows: list[dict[str, Any]], total: dict[str, Any]) -> str:
    """Return the table of counts, and the shares below it."""
    names = [name for name in rows[0] if name != "language"]
    counts = table(["", *names], [[row["language"], *(str(row[name]) for name in names)] for row in (*rows, total)])
    return (
        f"{counts}\nquestions taken for something else {total['false']:.1%}, wanted at most {MAX_FALSE:.0%}; wishes "
        f"understood {total['understood_share']:.1%}, wanted {MIN_UNDERSTOOD:.0%}, with doubtful ones "
        f"{total['supposed_share']:.1%}; persons who are none {total['fetched_share']:.1%}"
    )


def read_with_model(prepared: Path) -> list[dict[str, Any]]:
    """Return the counts by the shipped model, trained where `prepared` has none. Raises NotStarted."""
    with tempfile.TemporaryDirectory(prefix="odziv-bench-") as folder:
        var = Path(folder) / "var"
        copy_prepared(prepared, var)
        model = train(
            var=var, articles=ROOT / "kb" / "articles", languages=LANGUAGES, responses=write_responses(),
            embed=EMBED_EXAMPLES,
        )  # fmt: skip
        with Parser(model, var / "parse.log") as parser:
            return list(measure(lambda text: parser.first_intent(text)[0]))


def main() -> int:
    """Returns 0 when all is as wanted, 1 when not, 2 when Rasa did not start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model")
    parser.add_argument("--json", type=Path, help="also write the counts here")
    options = parser.parse_args()
    stop_tidily()
    try:
        rows = read_with_model(options.prepared)
    except NotStarted as error:
        print(error)
        return 2
    total = together(rows)
    print(show(rows, total))
    if options.json:
        figures = {"languages": rows, "all": total, "met": is_met(total)}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0 if is_met(total) else 1


if __name__ == "__main__":
    sys.exit(main())
