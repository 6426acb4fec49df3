"""Judges what a customer got to read: right, partly right or wrong, by what a case says has to be in the reply.

A case is a conversation: {"id", "page", "category", "turns": [{"text", "want", "partly"} or {"text"}]}. `want` and
`partly` are a demand or a list of alternative ones. A demand holds when all in it holds: `all`, `any`, `none` (patterns
in the text; in `none` also names of tests/data/replies/names.yml, as "@goodbye"), `kind` of the reaction, `article`
(if one answers, it is among these), `suggests` (among the choices is one of these), `language`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from odziv.settings import ROOT

FOLDER = ROOT / "tests" / "data" / "replies"
DEMANDS = frozenset({"all", "any", "none", "kind", "article", "suggests", "language"})
KINDS = frozenset({"answer", "handoff", "answer+handoff", "suggest", "ask", "chat"})
Verdict = Literal["right", "partly", "wrong"]
VERDICTS: tuple[Verdict, ...] = ("right", "partly", "wrong")
WAITING = ("queued", "open")  # a person has the conversation, or is to have it
LONG_LINE = 6  # letters from which on a line that the customer wrote too is an echo
# Words that a sentence in one language is hardly without and that mean nothing in the other three.
FUNCTION_WORDS = {
    "sl": "če lahko kaj kdaj kje ali ker tudi vam vas kot še že naročila paket ste smo bomo brez dneh vračilo trgovini",
    "hr": "ako što ili možete gdje kada jer također vam vas kao još već narudžbe paket ste smo ćemo bez dana povrat",
    "pl": "jeśli można lub gdzie kiedy także jest się jak jeszcze już zamówienia paczka oraz dla bez dni zwrot nie czy",
    "en": "if you can the your is are and or where when also with have order parcel within days return not what for",
}


@dataclass(frozen=True)
class Reaction:
    """What came back to one message, as the customer reads it; `kind` is one of KINDS or "silence"."""

    kind: str
    text: str
    article: str | None
    article_language: str | None
    choices: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Judgement:
    """The verdict on one turn, and what keeps it from being right."""

    verdict: Verdict
    why: tuple[str, ...] = ()


def read_cases(path: Path) -> list[dict[str, Any]]:
    """Return the cases of a JSON Lines file. Raises ValueError that names the case and what is unknown in it."""
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    for case in cases:
        for demand in (each for turn in case["turns"] for key in ("want", "partly") for each in as_list(turn.get(key))):
            unknown = (set(demand) - DEMANDS) | (set(as_list(demand.get("kind"))) - KINDS)
            if unknown:
                raise ValueError(f"{path.name}, {case['id']}: unknown {', '.join(sorted(unknown))}")
    return cases


def read_reaction(messages: Sequence[Mapping[str, Any]], said: str, *, called: bool) -> Reaction:
    """Return what the messages amount to; `called` is whether the conversation waits for a person since."""
    answer = next((message["answer"] for message in messages if message.get("answer")), None)
    buttons = [button for message in messages for button in message.get("buttons") or ()]
    choices = tuple(button["title"] for button in buttons if button["kind"] == "choice")
    text = without_echo(as_read("\n".join(message["text"] for message in messages)), said)
    kind = kind_of(text, bool(answer), bool(choices), called=called) if messages else "silence"
    source = (answer["article"], answer["language"]) if answer else (None, None)
    return Reaction(kind, text, *source, choices)


def kind_of(text: str, is_answer: bool, is_choice: bool, *, called: bool) -> str:
    """Return which of KINDS a reaction is."""
    if called:
        return "answer+handoff" if is_answer else "handoff"
    if is_answer or is_choice:
        return "answer" if is_answer else "suggest"
    return "ask" if "?" in text else "chat"


def as_read(text: str) -> str:
    """Return Markdown as it reads: links by their words, plain dashes and spaces."""
    linked = re.sub(r"\[([^\]]*)\]\([^)\s]*\)", r"\1", text)
    bare = re.sub(r"\*\*|\\(?=\W)", "", linked)
    return re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"[^\S\n]", " ", bare))


def without_echo(text: str, said: str) -> str:
    """Return the text without lines that only repeat what the customer wrote: nobody is told a fact by a quote."""
    own = letters_of(said)
    lines = [line for line in text.split("\n") if len(letters_of(line)) < LONG_LINE or letters_of(line) not in own]
    return "\n".join(lines)


def letters_of(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


def judge(turn: Mapping[str, Any], got: Reaction, titles: Mapping[str, str]) -> Judgement:
    """Judge a turn's reaction; `titles` tells the article of a choice by its title."""
    missing = [faults(demand, got, titles) for demand in as_list(turn["want"])]
    if any(not each for each in missing):
        return Judgement("right")
    is_partly = any(not faults(demand, got, titles) for demand in as_list(turn.get("partly")))
    return Judgement("partly" if is_partly else "wrong", tuple(min(missing, key=len)))


def faults(demand: Mapping[str, Any], got: Reaction, titles: Mapping[str, str]) -> list[str]:
    """Return what of a demand doesn't hold, in words."""
    if got.kind == "silence":
        return ["silence"]
    found = [f"not said: {each}" for each in demand.get("all", ()) if not says(got, each)]
    found += [f"said: {each}" for each in demand.get("none", ()) if says(got, named(each))]
    if "any" in demand and not any(says(got, each) for each in demand["any"]):
        found.append(f"said none of: {' / '.join(demand['any'])}")
    if "kind" in demand and got.kind not in as_list(demand["kind"]):
        found.append(f"{got.kind} instead of {' or '.join(as_list(demand['kind']))}")
    if got.article and "article" in demand and got.article not in demand["article"]:
        found.append(f"answered from {got.article}")
    if "suggests" in demand and not any(is_offered(each, got, titles) for each in demand["suggests"]):
        found.append(f"no choice of {' or '.join(demand['suggests'])}")
    if language := demand.get("language"):
        other = foreign_language(got.text, language) or got.article_language or language
        found += [f"in {other} instead of {language}"] if other != language else []
    return found


def says(got: Reaction, pattern: str) -> bool:
    return re.search(pattern, got.text, re.IGNORECASE) is not None


def named(pattern: str) -> str:
    """Return the pattern that a name such as "@goodbye" stands for; any other pattern as it is."""
    return read_names()[pattern.removeprefix("@")] if pattern.startswith("@") else pattern


@cache
def read_names() -> dict[str, str]:
    return yaml.safe_load((FOLDER / "names.yml").read_text("utf-8"))


def is_offered(wanted: str, got: Reaction, titles: Mapping[str, str]) -> bool:
    """Return whether an article is among the choices, by its identity or by a pattern of its title."""
    if "/" in wanted:
        return wanted in [titles.get(title) for title in got.choices]
    return any(re.search(wanted, title, re.IGNORECASE) for title in got.choices)


def foreign_language(text: str, language: str) -> str | None:
    """Return the language that plainly speaks from the text instead of the wanted one; None when none does."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {code: sum(word in own.split() for word in words) for code, own in FUNCTION_WORDS.items()}
    loudest = max((code for code in counts if code != language), key=counts.__getitem__)
    return loudest if counts[loudest] > 1 and counts[loudest] > 2 * counts[language] else None


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def shares(verdicts: Iterable[str]) -> tuple[int, dict[str, float]]:
    """Return how many verdicts there are, and the share of each."""
    given = list(verdicts)
    return len(given), {name: given.count(name) / len(given) if given else 0.0 for name in VERDICTS}
