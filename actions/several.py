"""Several questions in one message: an answer to each, in their order; what has none is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from actions.context import is_asking, led_on, priced
from actions.replies import (
    Button,
    Payload,
    Replies,
    article_button,
    escape,
    feedback_button,
    human_button,
    nothing_on,
    text_for,
    under_title,
)
from kb import Decision, KnowledgeBase
from kb.language.questions import asking_pieces, decide_parts, split_questions

LONGEST_QUOTE = 100  # characters of a question that is named because it has no answer
LIKELY_FROM = 0.35  # confidence from which on the best article answers a question beside others
FAR_AHEAD = 2  # times the confidence of the second best
PART_FROM = 0.6  # confidence from which on a part of a message is sure of what the whole only offers
CHOICES = 2  # articles offered for a question whose best is not likely enough
# Topics of the library of which a customer with one case wants one.
ONE_OF_THESE = frozenset({
    "returns/how-to-return", "returns/exchange-size", "returns/exchange-item", "orders/cancel", "orders/change-items",
    "delivery/wrong-item", "delivery/damaged", "complaints/how-to-claim", "complaints/warranty-scope",
})  # fmt: skip


@dataclass
class Found:
    """What is known of the questions of a message: answers by article, what is named or offered for the others."""

    answers: dict[str, Payload] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    offered: dict[str, str] = field(default_factory=dict)
    considered: list[dict[str, Any]] = field(default_factory=list)

    def add(self, payload: Payload) -> None:
        """Adds an answer; a second one from the same article only says what the first did not."""
        article = payload["answer"]["article"]
        self.considered += payload["considered"][:1]
        self.answers.setdefault(article, payload)
        self.texts[article] = join_texts(self.texts.get(article, ""), payload["text"])

    def leave(self, question: str, decision: Decision) -> None:
        """Notes a question that has no answer, by its matter where that is plain, and what comes nearest to it."""
        if decision.missing:
            self.missing.append(nothing_on(decision))
        else:
            self.left.append(question)
        if decision.kind == "suggest":
            self.offered |= {hit.article: hit.title for hit in decision.hits[:CHOICES]}


def answer_several(kb: KnowledgeBase, replies: Replies, text: str, language: str) -> Payload | None:
    """One payload that answers every question in `text`; None when it holds one only, or none can be answered."""
    questions = split_questions(text, language, kb)
    if len(questions) < 2:
        return answer_story(kb, replies, text, language)
    decisions = decide_in_order(kb, questions, language)
    kept = one_of_a_case(kb, questions, decisions, language)
    return compose(replies, [questions[n] for n in kept], [decisions[n] for n in kept], language)


def answer_story(kb: KnowledgeBase, replies: Replies, text: str, language: str) -> Payload | None:
    """The answers to several questions about one matter ("I want to return it, how long have I got and who pays").

    None where one article is sure of the whole, or no piece is, or it leads to no other answer.
    """
    pieces = asking_pieces(text, language)
    if len(pieces) < 2 or kb.decide(text, language).kind == "answer":
        return None
    decisions = kb.decide_all(pieces, language)
    best = max((*decisions, kb.decide(text, language)), key=lambda decision: decision.confidence)
    if not is_likely(best):
        return None
    last = best.hits[0].article
    pairs = zip(pieces, decisions, strict=True)
    led = [led_on(kb, piece, own, last, language, is_of_it=True) for piece, own in pairs if own is not best]
    found = [each for each in led if each.kind == "answer"]
    rivals = {each.hits[0].article for each in found if has_one_way(kb, each) and has_one_way(kb, best)} - {last}
    found = [each for each in found if each.hits[0].article not in rivals]
    return compose(replies, [text] * (1 + len(found)), [best, *found], language) if found else None


def decide_by_part(kb: KnowledgeBase, whole: Decision) -> Decision:
    """The decision on a message with one matter, by the part of it that says it plainly ("too heavy? it's 24 kilos").

    An article that is only offered for the whole answers it where it alone is what a part is sure of.
    """
    if whole.kind != "suggest" or whole.missing or whole.confidence >= PART_FROM:
        return whole
    parts = [each for each in decide_parts(whole.question, whole.language, kb) if each.kind == "answer"]
    best, *rest = whole.hits
    if {each.hits[0].article for each in parts} != {best.article}:
        return whole
    confidence = max(each.confidence for each in parts)
    if confidence < PART_FROM:
        return whole
    return replace(whole, kind="answer", hits=(replace(best, confidence=confidence), *rest), confidence=confidence)


def decide_in_order(kb: KnowledgeBase, questions: Sequence[str], language: str) -> list[Decision]:
    """What to do with each question: alone, or led on by the one before."""
    decisions = [priced(kb, each) for each in kb.decide_all(questions, language)]
    result = decisions[:1]
    for question, alone in zip(questions[1:], decisions[1:], strict=True):
        before = result[-1]
        leads = is_likely(before) and alone.hits and alone.hits[0].article != before.hits[0].article
        result.append(led_by(kb, question, alone, before, language) if leads else alone)
    return result


def led_by(kb: KnowledgeBase, question: str, alone: Decision, before: Decision, language: str) -> Decision:
    """What to do with a question after `before`: a case that was told stays the same case."""
    last, is_case = before.hits[0].article, has_one_way(kb, before)
    led = led_on(kb, question, alone, last, language, is_of_it=is_case)
    if led is alone or not is_case or not has_one_way(kb, led):
        return led
    own = kb.hit_of(last, question, language)
    return replace(led, hits=(replace(own, confidence=led.confidence), *led.hits[1:])) if own else led


def one_of_a_case(
    kb: KnowledgeBase, questions: Sequence[str], decisions: Sequence[Decision], language: str
) -> list[int]:
    """The places of the questions to answer: of a case that is told, and what to do with it, only the better one."""
    rivals = [n for n, decision in enumerate(decisions) if has_one_way(kb, decision)]
    if len(rivals) < 2 or all(is_asking(questions[n], language) for n in rivals):
        return list(range(len(questions)))
    best = max(rivals, key=lambda n: decisions[n].confidence)
    return [n for n in range(len(questions)) if n == best or n not in rivals]


def has_one_way(kb: KnowledgeBase, decision: Decision) -> bool:
    """Whether the best article is one of the ways out of a case that exclude each other."""
    hit = decision.hits[0] if decision.kind != "none" else None
    article = kb.article(hit.article, hit.language) if hit else None
    return article is not None and not ONE_OF_THESE.isdisjoint(article.topics)


def compose(replies: Replies, questions: Sequence[str], decisions: Sequence[Decision], language: str) -> Payload | None:
    """The answers, each under its article's title; None when no question has a sure one."""
    if not any(decision.kind == "answer" for decision in decisions):
        return None
    found = Found()
    for question, decision in zip(questions, decisions, strict=True):
        payload = replies.answer(decision) if is_likely(decision) else None
        if payload:
            found.add(payload)
        else:
            found.leave(question, decision)
    return as_payload(found, language) if found.answers else None


def is_likely(decision: Decision) -> bool:
    """Whether the best article answers: it is sure, or likely, or the only one that comes near."""
    if decision.kind != "suggest" or decision.missing:
        return decision.kind == "answer"
    second = decision.hits[1].confidence if len(decision.hits) > 1 else 0.0
    return decision.confidence >= min(LIKELY_FROM, FAR_AHEAD * second)


def as_payload(found: Found, language: str) -> Payload:
    """What was found as one reply."""
    first = next(iter(found.answers.values()))
    if len(found.answers) == 1 and not (found.left or found.missing):
        return first | {"text": next(iter(found.texts.values())), "considered": found.considered}
    blocks = [under_title(payload | {"text": found.texts[article]}) for article, payload in found.answers.items()]
    blocks += left_open(found, language)
    buttons = buttons_of(found, language)
    return {
        "text": "\n\n".join(blocks), "answer": first["answer"], "considered": found.considered, "buttons": buttons,
    }  # fmt: skip


def left_open(found: Found, language: str) -> list[str]:
    """What is said of the questions without an answer, and that something may be chosen instead."""
    quotes = "\n".join(f"- {quote(question)}" for question in found.left)
    named = [" ".join(dict.fromkeys(found.missing))] if found.missing else []
    quoted = [f"{text_for('left_open', language)}\n\n{quotes}"] if quotes else []
    return [*named, *quoted, *([text_for("did_you_mean", language)] if offers(found) else [])]


def offers(found: Found) -> dict[str, str]:
    """The articles offered for what has no answer, with their titles."""
    return {article: title for article, title in found.offered.items() if article not in found.answers}


def buttons_of(found: Found, language: str) -> list[Button]:
    """What is offered, that it helped, and a person: the one an article offers, if one does."""
    persons = [
        button
        for payload in found.answers.values()
        for button in payload["buttons"]
        if button["kind"] == "human" and button.get("article")
    ]
    chosen = [article_button("follow_up", *each) for each in offers(found).items()]
    return [*persons[:1], *chosen, feedback_button(language), *([] if persons else [human_button(language)])]


def join_texts(first: str, second: str) -> str:
    """The first text, and the paragraphs of the second that it does not have."""
    known = first.split("\n\n") if first else []
    return "\n\n".join([*known, *(each for each in second.split("\n\n") if each not in known)])


def quote(question: str) -> str:
    """The question on one line, not too long, as plain text with a capital at its head."""
    line = " ".join(question.split())
    line = line[:1].upper() + line[1:]
    return escape(line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE].rsplit(' ', 1)[0]} …")
