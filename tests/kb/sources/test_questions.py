import time
from dataclasses import replace

import pytest
import yaml

from kb.knowledge import Decision, Hit
from kb.language.asking import ASKING, ITEM, PHRASES, FoldedMessage, Wording, read_wording
from kb.language.questions import (
    MAX_PARTS,
    MAX_QUESTIONS,
    Judge,
    asking_pieces,
    cut,
    decide_parts,
    judged,
    split_questions,
    with_background,
)
from kb.model.confidence import Calibration

KNOWN = {
    "parcel": "orders/track",
    "track": "orders/track",
    "return": "orders/return",
    "card": "payment/methods",
    "pay": "payment/methods",
    "password": "account/password",
    "plačam": "payment/methods",
    "paket": "orders/track",
}


class KnowsWords:
    """Answers as sure what has one of its words, from the first one; how sure falls with the number of articles."""

    calibration = dict.fromkeys(("en", "sl", "hr", "pl", "de"), Calibration(1, 0, 0.5, 0.3, 0.9, 0.9, 100))

    def __init__(self):
        self.asked = []

    def decide_all(self, texts, language):
        self.asked.append(list(texts))
        return [self._decide(text, language) for text in texts]

    def _decide(self, text, language):
        found = [article for word, article in KNOWN.items() if word in text.lower()]
        confidence = 0.9 / len(set(found)) if found else 0.05
        hit = Hit(found[0] if found else "nothing/much", language, "", None, "", confidence, {})
        return Decision("answer" if confidence >= 0.5 else "none", language, (hit,), confidence)


@pytest.fixture
def knows():
    return KnowsWords()


def parts(text, language="en"):
    message = FoldedMessage(text, read_wording(language))
    return [message.piece(part.start, part.end) for part in cut(message)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello, where is it and can I pay by card?", ["where is it", "can I pay by card?"]),
        ("I live in Graz and Vienna", ["I live in Graz and Vienna"]),
        ("1. A guest checkout?\n2. Boots for children?", ["A guest checkout?", "Boots for children?"]),
        ("Password is lost. Also, do you hire?", ["Password is lost.", "do you hire?"]),
        ("Please tell me, where is my parcel", ["Please tell me, where is my parcel"]),
        ("It came on 4. may and e.g. is torn. Kind regards, Tom", ["It came on 4. may and e.g. is torn."]),
        ("Order SM-118204. It is late", ["Order SM-118204.", "It is late"]),
    ],
)
def test_where_a_message_is_cut(text, pieces):
    assert parts(text) == pieces


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("sl", "koliko pride dostava pa a lahko placam s kartico", 2),
        ("sl", "Povejte mi prosim, kje je paket", 1),
        ("hr", "Gdje je moj paket i šaljete li u Graz?", 2),
        ("pl", "Gdzie jest paczka i czy mogę zapłacić kartą?", 2),
        ("de", "Wo ist mein Paket und kann ich mit Karte zahlen? Danke", 2),
    ],
)
def test_every_language_has_its_joints(language, text, count):
    assert len(parts(text, language)) == count


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sl", "kok pride poštnina za hrvaško pa v kolkih dneh je tam"),
        ("sl", "kje ste v mariboru in kero kartico sprejmete"),
        ("hr", "jel ima parking u splitu i do kolko radite subotom"),
        ("hr", "kako da posaljem jaknu natrag i za kolko dana mi sjedne lova"),
        ("hr", "jel ima popusta za studente i di vam je ducan"),
        ("en", "what time do u open on saturday in warsaw + can i park at the shop"),
        ("en", "do you ship to hungary & how much is delivery"),
    ],
)
def test_questions_are_joined_as_people_type_too(language, text):
    assert len(parts(text, language)) == 2


@pytest.mark.parametrize("text", ["Do you have a tent for 2 + 1 persons?", "Is the H & B jacket in stock?"])
def test_a_sign_that_joins_no_questions_cuts_nothing_off_that_asks(text):
    assert sum(part.asks for part in cut(FoldedMessage(text, read_wording("en")))) == 1


def test_the_entries_of_a_list_are_known_as_such():
    message = FoldedMessage("Two things:\n1. A guest checkout?\n2) Boots for children?", read_wording("en"))
    assert [part.cut for part in cut(message)] == [ITEM, ITEM]


def test_a_phrase_at_the_very_end_is_as_long_as_it_is():
    message = FoldedMessage("well, by the way", read_wording("en"))
    assert message.match(1, message.wording.turns) == 3 and message.match(3, message.wording.turns) == 0


def test_parts_that_are_known_better_together_are_one(knows):
    message = FoldedMessage("Where is my parcel? Can I return boots?", read_wording("en"))
    one, two = judged(message, cut(message), "en", knows)
    judge = Judge(0.3, 0.5, is_numbered=False, is_series=False)
    assert judge.are_two(one, two) and two.loss > 0.3
    assert not judge.are_two(one, replace(two, loss=0.0))


def test_background_goes_to_the_question_that_follows():
    message = FoldedMessage("I bought boots. They are torn. What now with them? Thanks a lot", read_wording("en"))
    (part,) = with_background(cut(message))
    assert message.piece(part.start, part.end) == "I bought boots. They are torn. What now with them?"


def test_two_questions_come_out_as_they_were_written(knows):
    text = "Hi! My PARCEL isn't here.  Where is it?\nBy the way, can I pay by card? Thanks, Tom"
    assert split_questions(text, "en", knows) == ["My PARCEL isn't here.  Where is it?", "can I pay by card?"]
    assert len(knows.asked) == 1


class KnowsShort(KnowsWords):
    """Is only half sure of what has one of the words; `shared` is its confidence that the other article is meant."""

    def __init__(self, confidence, shared):
        super().__init__()
        self.confidence, self.shared = confidence, shared

    def _decide(self, text, language):
        found = super()._decide(text, language)
        if found.hits[0].article != "orders/track":
            return found
        other = replace(found.hits[0], article="payment/methods", confidence=self.shared)
        own = replace(found.hits[0], confidence=self.confidence)
        return Decision("suggest", language, (own, other), self.confidence)


SHORT = [
    ("en", "can I pay by card and when comes the parcel"),
    ("sl", "ali lahko plačam in kdaj paket"),
    ("hr", "mogu li platiti card i kada paket"),
    ("pl", "czy można zapłacić card i kiedy paket"),
]


@pytest.mark.parametrize(("language", "text"), SHORT)
def test_few_words_after_a_joint_are_a_question_where_the_first_is_about_something_else(language, text):
    assert len(split_questions(text, language, KnowsShort(0.6, 0.02))) == 2
    assert len(split_questions(text, language, KnowsShort(0.6, 0.2))) == 1
    assert len(split_questions(text, language, KnowsShort(0.4, 0.02))) == 1


@pytest.mark.parametrize(
    ("language", "text", "last"),
    [
        ("en", "I got shoes, how long have I got and who pays?", "who pays?"),
        ("sl", "dobil sem čevlje, koliko časa imam in kdo plača?", "kdo plača?"),
        ("hr", "dobio sam cipele, koliko imam dana i tko plaća?", "tko plaća?"),
        ("pl", "chcę zwrócić buty, ile mam dni i kto płaci za przesyłkę?", "kto płaci za przesyłkę?"),
    ],
)
def test_the_pieces_that_ask_are_found_without_the_knowledge_base(language, text, last):
    pieces = asking_pieces(text, language)
    assert len(pieces) > 1 and pieces[-1] == last


def test_each_part_is_decided_on_and_a_message_of_one_part_is_not_asked_about_again(knows):
    found = decide_parts("Where is my parcel? It is a Planina 2.", "en", knows)
    assert [each.hits[0].article for each in found] == ["orders/track", "nothing/much"]
    assert decide_parts("Where is my parcel", "en", knows) == [] and len(knows.asked) == 1


def test_a_question_nothing_answers_comes_out_on_its_own(knows):
    text = "can i pay by card and do you rent out snowshoes in winter"
    assert split_questions(text, "en", knows) == ["can i pay by card", "do you rent out snowshoes in winter"]


@pytest.mark.parametrize(
    "text",
    [
        "Where is my parcel? Could you track my parcel?",  # the same article
        "Can I pay by card? What I mean is, do you ask for my password in shops?",  # in other words
        "Where is my parcel and is that normal?",  # nothing of its own
        "Hi, how are you? Could you help me please? Can I return boots? Many thanks!",  # politeness
        "Do you sell purple llamas for gardens and would you ever consider green ones for balconies?",  # both unknown
        "My parcel came without a card. How do I return it?\n",  # background that another article would answer
    ],
)
def test_one_matter_is_the_whole_text(knows, text):
    assert split_questions(f"  {text} ", "en", knows) == [text.strip()]


def test_a_message_without_a_place_to_cut_asks_nobody(knows):
    assert split_questions("do you deliver to slovakia and the czech republic", "en", knows) != []
    assert knows.asked == []


def test_questions_and_work_are_bounded(knows):
    text = "Where is my parcel? And also, can I pay by card? " * 60
    assert len(split_questions(text, "en", knows)) == MAX_QUESTIONS
    assert len(knows.asked) == 1 and len(knows.asked[0]) < 2 * MAX_PARTS


def test_what_stands_behind_the_last_word_looked_at_is_not_lost(knows):
    found = split_questions(
        "Can I return boots? By the way, can I pay by card" + " please" * 2000 + " today", "en", knows
    )
    assert len(found) == 2 and found[-1].endswith("today")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "sl", "hr", "pl", "de", ""])
@pytest.mark.parametrize(
    "text",
    ["", "  \n ", "a" * 2000, "🙂🙂 🙂", "\x00", "where\x00is? and\x00 can I?", "?" * 900, "...,,,;;;---", "? a " * 500,
     "1. 2. 3. 4.", "and and and", "- \n- \n-", "\ud800 is it? and is it?", "li li li li", "hi, hi, hi,", "," * 2000,
     "((((" * 500 + "a?", "and is " * 400, "e\u0301 " * 300, "hello", "thanks", "1) 2) a", "Also, also, and also",
     "Hi\nHi\nHi there you", "Hi? many thanks", "Boots? and also", "is it, in which"],
)  # fmt: skip
def test_any_text_comes_back_in_pieces_of_itself(kb, text, language):
    started = time.monotonic()
    found = split_questions(text, language, kb)
    assert 1 <= len(found) <= MAX_QUESTIONS and all(piece in text for piece in found)
    assert time.monotonic() - started < 5


def test_all_decisions_at_once_are_the_ones_that_single_questions_get(kb, encoder):
    texts = ["how do I return boots", "", "delivery fee", "???"]
    before = encoder.encoded
    together = kb.decide_all(texts, "en")
    assert encoder.encoded - before == 2  # what holds no word is not embedded
    assert together == [kb.decide(text, "en") for text in texts]
    assert kb.decide_all([], "en") == [] and kb.decide_all(["?"], "en")[0].kind == "none"


def test_asking_has_only_lists_that_are_read():
    lists = yaml.safe_load(ASKING.read_text("utf-8"))
    assert set(lists) == {"sl", "hr", "pl", "en"}
    assert all(set(own) <= set(Wording.__dataclass_fields__) for own in lists.values())
    assert set(PHRASES) <= set(Wording.__dataclass_fields__)
    assert read_wording("de") == Wording()
