"""What a message is where the intent model can't know: signs without words, bare facts, a wish that is none, anger.

The model knows what it was shown. A smile, an order number or a word of dialect it takes for the intent that such a
thing was nearest to; here they are told apart by their form, and what is unknown stays a question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from kb.language.asking import read_wording
from kb.language.text import fold, words

WORDS = Path(__file__).with_name("wording.yml")
MOST_WORDS_OF_TROUBLE = 6  # who writes more says what doesn't work
MOST_WORDS_BESIDE_FACT = 3  # "my number is SM-1": still nothing but the fact
KEYBOARD = ("qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm")
VOWELS = frozenset("aeiouy")
SHORTEST_NOISE, SHORTEST_WORD = 5, 3  # letters: of noise, and of a word that says something
SHORTEST_SHOUT = 5  # words
REACH = 30  # characters from a refusal to the person that is refused
CLOSE_BEFORE = 2  # words before a refusal that ends the clause, among which is the person: "an agent I don't need"
MOST_WORDS_BEFORE_NO = 2  # "but I don't want …"
MOST_WORDS_OF_TONGUE = 11  # "sorry, my English is not that good, could I go on in Polish"
PART_END = re.compile(r"(?<=[,.;!?:–-])\s+")
CLAUSE_END = re.compile(r"(?<=[,.;!?:])\s+")
PLEASED = frozenset("👍👌🙏😊🙂😀😃😄😁😍🥰❤💚💙💜🧡💛🎉👏💪😉✅🤗😘☺🤩")
UPSET = frozenset("😡😠🤬😤😭😢😞😔😩😫😒🙄👎😖😣☹🙁😟😕💔😥😰😱🤦😾💩🖕")
# In this order: what is an address is no link, and what is a number is no code.
FACTS = {
    "email": re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}\.[^\s@<>.,]{2,}"),  # lengths of RFC 5321
    "link": re.compile(r"(?:https?://|www\.)\S+"),
    "phone": re.compile(r"(?:\+|00|\b0)\d[\d\s/().-]{6,}\d"),
    "number": re.compile(r"#?\b[A-Za-z]{0,5}[-./]?\d[\w./-]{3,}\b"),
    "size": re.compile(r"\b(?:\d{2}(?:[.,]5|½)?|xxs|xs|s|m|l|xl|xxl|3xl)\b", re.IGNORECASE),
}


def note_of(text: str, language: str) -> str | None:
    """Return what a message without a question in it is, for the text that answers it; None for any other.

    "upset", "pleased" and "puzzled" are signs alone; "instructs" is meant for a machine; "unwanted" is what is not to
    be done, and nothing else; "trouble" is something that doesn't work; "email", "link", "phone", "number" and "size"
    are bare facts.
    """
    if not words(text):
        return sign_of(text)
    if is_noise(text):
        return "puzzled"
    if matches("instructs", text, language):
        return "instructs"
    said = [clause for clause in CLAUSE_END.split(text) if not is_courtesy(clause, language)]
    if said and all(is_kept(clause, language) for clause in said):
        return "unwanted"
    is_short = len(words(text)) <= MOST_WORDS_OF_TROUBLE
    return fact_of(text, language) or ("trouble" if is_short and matches("broken", text, language) else None)


def sign_of(text: str) -> str | None:
    """Return what signs without a word say; None where there are none."""
    if is_upset(text):
        return "upset"
    return "pleased" if any(char in PLEASED for char in text) else "puzzled" if text.strip() else None


def is_upset(text: str) -> bool:
    """Return whether a sign in the text says the contrary of kind words: "thanks a lot 🙄"."""
    return any(char in UPSET for char in text)


def is_noise(text: str) -> bool:
    """Return whether a message is one word that no language has: a key held down, a row of keys, no vowel."""
    own = fold("".join(words(text)))
    if len(words(text)) > 1 or len(own) < SHORTEST_NOISE or not own.isalpha():
        return False
    is_row = any(own in row or own in row[::-1] for row in KEYBOARD)
    return is_row or len(set(own)) == 1 or not VOWELS.intersection(own)


def fact_of(text: str, language: str) -> str | None:
    """Return which kind of fact a message is, when there is hardly a word beside it and none that asks."""
    for kind, pattern in FACTS.items():
        if found := pattern.search(text):
            beside = words(fold(text[: found.start()] + " " + text[found.end() :]))
            most = 0 if kind == "size" else MOST_WORDS_BESIDE_FACT
            is_all = "?" not in text and all(stands_beside(word, language) for word in beside)
            return kind if len(beside) <= most and is_all else None
    return None


def stands_beside(word: str, language: str) -> bool:
    """Return whether a folded word may stand beside a number without asking anything about it."""
    wording, own = read_wording(language), patterns(language).get("beside")
    if word in wording.question_words:
        return False
    return word in wording.function or word in wording.polite or bool(own and own.fullmatch(word))


def without_facts(text: str) -> str:
    """Return a question without the numbers and addresses in it, which say nothing of what is asked."""
    bare = text
    for kind in ("email", "link", "phone", "number"):
        bare = FACTS[kind].sub(" ", bare)
    return " ".join(bare.split()) if len(words(bare)) > 1 else text


def is_bare_trouble(text: str, language: str) -> bool:
    """Return whether a message says that something doesn't work, and nothing of what."""
    found = patterns(language)
    rest = words(found["broken"].sub(" ", fold(text))) if "broken" in found else []
    return all(len(word) < SHORTEST_WORD for word in rest)


def is_bare(text: str) -> bool:
    """Return whether a message is one fact without a word beside it."""
    return any(pattern.fullmatch(text.strip(" .!,")) for pattern in FACTS.values())


def is_angry(text: str, language: str) -> bool:
    """Return whether words of anger at us are in the text."""
    return matches("anger", text, language)


def shouts(text: str) -> bool:
    """Return whether a message of some length is told with more than one exclamation mark."""
    return "!!" in text and len(words(text)) >= SHORTEST_SHOUT


def asks_price(text: str, language: str) -> bool:
    """Return whether the text asks for an amount of money."""
    return matches("price", text, language)


def wants_person(text: str, language: str) -> bool:
    """Return whether a person is wished for in plain words, or a machine refused; for when no model says what is meant.

    A wish that is negated is none.
    """
    clauses = [clause for clause in CLAUSE_END.split(text) if not is_refusal(clause, language)]
    return any(matches("wants", clause, language) or refuses_machine(clause, language) for clause in clauses)


def without_wish(text: str, language: str) -> str:
    """Return a message without its words that wish for a person; as it is where it has none, or they are negated."""
    if not wants_person(text, language):
        return text
    kept = [_cut_wish(clause, language) for clause in CLAUSE_END.split(text)]
    return " ".join(part for part in kept if words(part))


def _cut_wish(clause: str, language: str) -> str:
    if refuses_machine(clause, language):
        return ""
    wish, plain = patterns(language).get("wants"), fold(clause)
    found = wish.search(plain) if wish else None
    if found is None:
        return clause
    whole = clause if len(plain) == len(clause) else plain  # a letter that folds into two moves what follows it
    return f"{whole[: found.start()]} {whole[found.end() :]}".strip()


def refuses_machine(clause: str, language: str) -> bool:
    """Return whether a clause says that no machine is wanted."""
    plain, found = fold(clause), patterns(language)
    refused = found["refuses"].search(plain) if "refuses" in found else None
    return bool(refused and found["machine"].search(plain, refused.end(), refused.end() + REACH))


def refuses_person(text: str, language: str) -> bool:
    """Return whether a person is named only to say that none is wanted."""
    found, clauses = patterns(language), CLAUSE_END.split(text)
    left = [clause for clause in clauses if not is_refusal(clause, language)]
    return len(left) < len(clauses) and not any(found["person"].search(fold(clause)) for clause in left)


def is_refusal(clause: str, language: str) -> bool:
    """Return whether a clause says that no person is wanted; no machine, that is a wish for one."""
    plain, found = fold(clause), patterns(language)
    refused = found["refuses"].search(plain) if "refuses" in found else None
    if refused is None or found["machine"].search(plain):
        return False
    if found["person"].search(plain, refused.start(), refused.end() + REACH):
        return True
    before = words(plain[: refused.start()])[-CLOSE_BEFORE:] if not words(plain[refused.end() :]) else []
    return any(found["person"].fullmatch(word) for word in before)  # "operaterja ne rabim"


def without_refusal(text: str, language: str) -> str:
    """Return a message without the clauses that say what is not wanted, where another one asks; else as it is."""
    clauses = CLAUSE_END.split(text)
    plain = {clause for clause in clauses if is_refusal(clause, language) or is_kept(clause, language)}
    kept = [clause for clause in clauses if clause not in plain and not is_unwanted(clause, language)]
    asks = bool(plain) or any("?" in clause for clause in kept)
    return " ".join(kept).strip() if kept and asks else text


def without_tongue(text: str, language: str) -> str:
    """Return a message without what says which language to speak; empty where it says nothing else."""
    parts = PART_END.split(text)
    kept = [part for part in parts if not chooses_tongue(part, language)]
    if len(kept) == len(parts):
        return text
    wording, rest = read_wording(language), " ".join(kept).strip(" ,.;:–-")
    return rest if set(words(fold(rest))) - wording.function - wording.polite else ""


def chooses_tongue(part: str, language: str) -> bool:
    """Return whether a part of a message only says which language to speak: "could we go on in English"."""
    pattern, plain = patterns(language).get("tongue"), fold(part)
    if pattern is None or not pattern.search(plain) or len(words(part)) > MOST_WORDS_OF_TONGUE:
        return False
    wording, beside = read_wording(language), words(pattern.sub(" ", plain))
    return matches("speaks", part, language) or set(beside) <= wording.function | wording.polite | wording.little


def is_unwanted(clause: str, language: str) -> bool:
    """Return whether a clause begins by saying what is not wanted: "I don't want to return anything"."""
    before = before_words("refuses", clause, language)
    return before is not None and len(before) <= MOST_WORDS_BEFORE_NO


def is_kept(clause: str, language: str) -> bool:
    """Return whether a clause says that something is not to be undone: "please don't cancel my order"."""
    before, wording = before_words("keeps", clause, language), read_wording(language)
    return before is not None and set(before) <= wording.function | wording.polite


def is_courtesy(clause: str, language: str) -> bool:
    """Return whether a clause is a greeting or a please, and nothing else."""
    return set(words(fold(clause))) <= read_wording(language).polite


def before_words(kind: str, clause: str, language: str) -> list[str] | None:
    """Return the folded words before such words in a clause; None where it has none of these, or asks."""
    pattern, plain = patterns(language).get(kind), fold(clause)
    found = pattern.search(plain) if pattern and "?" not in clause else None
    return words(plain[: found.start()]) if found else None


def matches(kind: str, text: str, language: str) -> bool:
    pattern = patterns(language).get(kind)
    return bool(pattern and pattern.search(fold(text)))


@cache
def patterns(language: str) -> Mapping[str, re.Pattern[str]]:
    """Return the patterns of a language by name; none for one that wording.yml doesn't have."""
    lists = yaml.safe_load(WORDS.read_text("utf-8")).get(language, {})
    return {name: re.compile(rf"(?<!\w)(?:{words_of})", re.IGNORECASE) for name, words_of in lists.items()}
