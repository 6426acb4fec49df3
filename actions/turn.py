"""What an action needs to know about the turn it runs in, read from Rasa's tracker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from actions.context import after_correction
from actions.wording import without_facts, without_refusal, without_tongue

DEFAULT_LANGUAGE = "en"
# Small talk has few words. A model that is no surer than this has not seen these, and what is unknown is a question.
SMALL_TALK = frozenset({"greet", "goodbye", "thanks", "bot_challenge", "feedback_positive", "affirm", "deny"})
LEAST_CERTAIN = 0.5
WORD_JOINER = "\u2060"  # the channel puts it before a customer's leading slash


@dataclass(frozen=True)
class BotTurn:
    """One customer message and what came before it.

    `expects` is what the bot last asked for ("rephrase", "choice", "person" or None); `unanswered` counts the
    questions in a row, before this one, that got no answer; `article` comes with a button, and only then. `before` is
    what the customer typed before; `given` the articles of the bot's answers so far, the latest last; `certainty` how
    sure the classifier is of the intent, 0 to 1; `is_pressed` is a button instead of words.
    """

    text: str
    language: str
    intent: str
    article: str | None
    expects: str | None
    unanswered: int
    reason: str | None
    last_reply: dict[str, Any]
    before: str = ""
    given: tuple[str, ...] = ()
    certainty: float = 1.0
    is_pressed: bool = False

    @property
    def question(self) -> str:
        """What the customer wants to know: their words, or what they say they meant; no numbers, nothing unwanted."""
        said = without_tongue(self.text, self.language) or self.text
        meant = after_correction(said, self.language) or without_refusal(said, self.language)
        return without_facts(meant)

    @property
    def wants_it_translated(self) -> bool:
        """Whether the message says nothing but which language to speak, and the last answer was in another."""
        answer = self.last_reply.get("answer") or {}
        is_in_another = bool(answer and self.before) and answer.get("language") != self.language
        return is_in_another and not without_tongue(self.text, self.language)

    @property
    def corrects(self) -> bool:
        """Whether the message says what the customer meant instead."""
        return after_correction(self.text, self.language) is not None

    @property
    def choices(self) -> list[str]:
        """The articles offered in the bot's last message."""
        buttons = self.last_reply.get("buttons") or []
        return [button["article"] for button in buttons if button.get("kind") == "choice"]

    @property
    def follows_an_answer(self) -> bool:
        """Whether the bot's last message answered from an article."""
        return "answer" in self.last_reply

    @property
    def context(self) -> tuple[str, str] | None:
        """The question that was just answered and the article that answered it; None when none was."""
        return (self.before, self.given[-1]) if self.follows_an_answer and self.before and self.given else None

    @property
    def follows_a_question_back(self) -> bool:
        """Whether the bot just offered choices, or asked for other words, after what the customer said before."""
        return self.expects in ("rephrase", "choice") and self.unanswered > 0 and bool(self.before)

    @property
    def is_misread(self) -> bool:
        """Whether words were taken for "that did not help" where nothing has been tried yet: they ask, then."""
        return self.intent == "feedback_negative" and not (self.is_pressed or self.given or self.unanswered)

    @property
    def was_tried(self) -> bool:
        """Whether the bot just answered or asked back: a customer who asks again was not helped by that."""
        return self.follows_an_answer or self.unanswered > 0


def read_turn(tracker: Tracker) -> BotTurn:
    """The turn under way in `tracker`."""
    message = tracker.latest_message or {}
    entities = {entity.get("entity"): entity.get("value") for entity in message.get("entities") or []}
    text = message.get("text") or ""
    return BotTurn(
        text=text.removeprefix(WORD_JOINER),
        language=tracker.get_slot("language") or DEFAULT_LANGUAGE,
        intent=intent_of(message.get("intent") or {}, is_pressed=is_press(text)),
        article=entities.get("article"),
        expects=tracker.get_slot("expects"),
        unanswered=int(tracker.get_slot("unanswered") or 0),
        reason=tracker.get_slot("handoff_reason"),
        last_reply=last_reply(tracker),
        before=said_before(tracker),
        given=tuple(articles_given(tracker)),
        certainty=float((message.get("intent") or {}).get("confidence") or 0.0),
        is_pressed=is_press(text),
    )


def intent_of(found: dict[str, Any], *, is_pressed: bool) -> str:
    """The intent's name, as far as it can be believed."""
    name = found.get("name") or "nlu_fallback"
    is_doubtful = name in SMALL_TALK and float(found.get("confidence") or 0.0) < LEAST_CERTAIN
    return "nlu_fallback" if is_doubtful and not is_pressed else name


def is_press(text: str) -> bool:
    """Whether a message as Rasa has it is a button's meaning; a customer's own leading slash has WORD_JOINER before."""
    return text.startswith("/")


def said_before(tracker: Tracker) -> str:
    """The customer's own words before the latest message, pressed buttons aside; empty if there are none."""
    said = [event.get("text") or "" for event in tracker.events if event.get("event") == "user"]
    typed = [text for text in said[:-1] if not is_press(text)]
    return typed[-1].removeprefix(WORD_JOINER) if typed else ""


def articles_given(tracker: Tracker) -> Iterator[str]:
    """The article of each answer the bot has given, in order."""
    for event in tracker.events:
        payload = (event.get("data") or {}).get("custom") or {} if event.get("event") == "bot" else {}
        if payload.get("answer"):
            yield payload["answer"]["article"]


def last_reply(tracker: Tracker) -> dict[str, Any]:
    """Our payload in the bot's last message before the customer's; empty if that was a plain response."""
    events = iter(reversed(tracker.events))
    if not any(event.get("event") == "user" for event in events):  # leaves off right before that event
        return {}
    spoken = next((event for event in events if event.get("event") in ("bot", "user")), {})
    return ((spoken.get("data") or {}).get("custom") or {}) if spoken.get("event") == "bot" else {}
