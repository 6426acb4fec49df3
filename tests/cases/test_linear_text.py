"""What is done with a customer's words takes time in proportion to their length, whatever they are.

Each function on the path of a message gets texts that are easy to get lost in, and the same eight times as long:
processor time may grow by about that, never by its square. No time of its own is asked for, only the ratio.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import pytest

from actions.asked_about import days_in, read_asked
from actions.context import after_correction, asks_nothing, begins_going_on, goes_on, is_not_helped
from actions.wording import (
    asks_price,
    is_angry,
    is_bare,
    note_of,
    refuses_person,
    shouts,
    wants_person,
    without_facts,
    without_refusal,
    without_wish,
)
from kb.language import asking
from kb.language.asking import FoldedMessage, read_wording
from kb.language.detection import LanguageGuess
from kb.language.evidence import load_evidence, telling_words
from kb.language.questions import cut, leans, with_background
from kb.language.text import fold, one_line, words
from kb.model.lexical import count_grams
from kb.model.pieces import piece_names
from kb.render import render_plain
from odziv.cases.danger import find_danger
from odziv.cases.legal.declarations import Declarations
from odziv.settings.load import LEGAL, ROOT
from odziv.store.customers.personal_data import without_personal_data

LANGUAGES = ("sl", "hr", "pl", "en")
SHORT, TIMES = 1_000, 8  # characters, and how much longer the other text is
MOST = 2.5 * TIMES  # a square would be TIMES times TIMES
LEAST_SECONDS = 0.004  # what takes less, at the greater length too, is no trouble

HOSTILE = (
    "ali ", "ili ", "i ", "and ", "or ", "lub ", "a ", "in potem ", "also ", "pa kaj ", "kdaj ali ", "how and ",
    "a", "ż", "z̧̧", "a,", ",", "a, ", "?", "a? ", "a. ", "1. ", "1) a\n", "- a\n", "\n", " \n", "\r\n", "\t", " ",
    "(", "((a ", '"', "„a“ ", "«", "@", "a@", "a@b", "a@a.", "a@b.cc,", ".", "a.", "a.b/", "/", "www.", "{", "{a", "}/",
    "0", "00", "+1 ", "+1.", "1-", "1.a-", "#1", "a1", "SM-1 ", "12 ", "1,", "-", " - ", "–", "(+", "x1-",
    "pozabi ", "ignore ", "ignoruj ", "zaboravi ", "nic ", "it ", "ne ", "no ", "no,", "ne, ", "nie ", "ne zelim ga ",
    "I do not want ", "don't want to ", "please ", "please don't cancel. ", "ne zelim cloveka. ", "koliko ",
    "how much ", "ile ", "what ", "kill ", "ubil ", "I want to ", "hočem ", "chcę ", "želim se ", "mislil sem ",
    "i meant about ",
    "ponedeljek - ", "monday ", "pon-", "dober dan, ", "hvala ", "lep pozdrav\n", "thanks, ", "👍", "😡!!", "!",
    "…", ":", "da ", "vec ", "bi ", "beseda1 riječ2 słowo3 word4 ", "Ljubljana ", "ljubljanaa ", "koda: ",
    "\u200b", "\u0301", "Ana Novak ", "Ž", "ß", "eno dva tri štiri, ",
)  # fmt: skip


def read_all(text: str, language: str) -> None:
    """Cuts a message as `split_questions` does, before the knowledge base is asked."""
    message = FoldedMessage(text, read_wording(language))
    parts = with_background(cut(message))
    assert len([message.piece(part.start, part.end) for part in parts]) == len(parts)


def read_question(text: str, language: str) -> None:
    read_asked(text, language, "Dostava v Ljubljano in Maribor stane 3 EUR. Delivery to Zagreb takes two days.", "sl")


IN_ANY_LANGUAGE: dict[str, Callable[[str], object]] = {
    "fold": fold,
    "words": lambda text: (words(text), one_line(text)),
    "language": LanguageGuess(LANGUAGES, "en"),
    "evidence": lambda text: (load_evidence().weigh(text), telling_words(text)),
    "n-grams": count_grams,
    "pieces": piece_names,
    "facts": lambda text: (without_facts(text), is_bare(text), shouts(text)),
    "danger": find_danger,
    "personal data": lambda text: without_personal_data(text, ["Ana Novak"]),
    "page": render_plain,
}
IN_EACH: dict[str, Callable[[str, str], object]] = {
    "cut": read_all,
    "leans": leans,
    "note": note_of,
    "refuses": refuses_person,
    "wants": wants_person,
    "wish": without_wish,
    "unwanted": without_refusal,
    "anger": is_angry,
    "declares": Declarations(ROOT / LEGAL).find,
    "price": asks_price,
    "correction": after_correction,
    "not helped": is_not_helped,
    "goes on": goes_on,
    "begins": begins_going_on,
    "small talk": asks_nothing,
    "asked": read_question,
    "days": days_in,
}
CASES = [(name, language) for name in IN_EACH for language in LANGUAGES] + [(name, None) for name in IN_ANY_LANGUAGE]


def seconds(call: Callable[[str], object], text: str) -> float:
    """Returns the processor time of this thread that one call takes."""
    before = time.thread_time()
    call(text)
    return time.thread_time() - before


def growth(call: Callable[[str], object], unit: str) -> float:
    """Returns how much longer the long text takes, the best of three where it looks bad; 1 where it takes no time."""
    short, long = (f"{unit * (length // len(unit))}x" for length in (SHORT, SHORT * TIMES))
    for _ in range(3):
        taken = seconds(call, long)
        if taken < LEAST_SECONDS:
            return 1.0
        found = taken / max(min(seconds(call, short) for _ in range(2)), LEAST_SECONDS / TIMES)
        if found < MOST:
            return found
    return found


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    monkeypatch.setattr(asking, "MAX_WORDS", 10**9)  # it bounds the work; here what is done within it is looked at
    monkeypatch.setattr("odziv.cases.danger.MOST_READ", 10**9)
    monkeypatch.setattr("odziv.cases.legal.declarations.MOST_READ", 10**9)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "language"), CASES)
def test_time_grows_with_the_length_and_not_with_its_square(name, language):
    call = partial(IN_EACH[name], language=language) if language else IN_ANY_LANGUAGE[name]
    seconds(call, "Warm up: kako vrnem čevlje?")
    worst = {unit: growth(call, unit) for unit in HOSTILE}
    assert {unit: round(ratio) for unit, ratio in worst.items() if ratio >= MOST} == {}
