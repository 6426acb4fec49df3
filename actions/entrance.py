"""Where a message goes when it is something else than the intent that the model found: each action asks here first."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import EventType, FollowupAction, SlotSet

from actions.context import continues
from actions.turn import SMALL_TALK, BotTurn
from actions.wish import is_doubtful, read_wish
from actions.wording import is_angry, is_bare, is_bare_trouble, is_upset, note_of, shouts
from kb import Decision, KnowledgeBase
from kb.language.text import words

KIND = ("thanks", "feedback_positive", "affirm")
CERTAIN = 0.9  # small talk that the model is so sure of is not looked up
ASK_NOTHING = ("upset", "pleased", "puzzled", "instructs", "unwanted")
INSTEAD_OF_A_PERSON = {"question": "action_answer", "ask": "action_doubt"}
MOST_WORDS_OF_TALK = 2  # so few words are looked up only where the model is in doubt


def instead(turn: BotTurn, kb: KnowledgeBase, planned: str) -> list[EventType]:
    """Return the events that lead to the action that fits better than the planned one; none when that one fits."""
    if turn.is_pressed:
        return []
    events = list(better(turn, kb, planned))
    return [] if FollowupAction(planned) in events else events


def better(turn: BotTurn, kb: KnowledgeBase, planned: str) -> Sequence[EventType]:
    if turn.intent == "danger" or turn.reason:
        return ()
    if turn.wants_it_translated:
        return [FollowupAction("action_answer")]
    if note := note_of(turn.text, turn.language):
        return [FollowupAction(action_for(note, turn, kb))]
    if turn.intent in KIND and is_upset(turn.text):
        return [FollowupAction("action_ask_back" if turn.was_tried else "action_note")]
    if is_doubtful(turn) and goes_on_from_answer(turn, kb):
        return [FollowupAction("action_answer")]
    if planned == "action_hand_off":
        wish = read_wish(turn, kb) if turn.intent == "request_human" else "person"
        return [FollowupAction(INSTEAD_OF_A_PERSON[wish])] if wish in INSTEAD_OF_A_PERSON else ()
    if planned == "action_answer":
        return for_a_person(turn, kb)
    if planned in ("action_small_talk", "action_affirm", "action_deny") and is_question(turn, kb):
        return [FollowupAction("action_answer")]
    return ()


def action_for(note: str, turn: BotTurn, kb: KnowledgeBase) -> str:
    """Return the action for a message without a question; what an article is about all the same is answered from it."""
    if note != "trouble":
        has_words = note not in ASK_NOTHING and not is_bare(turn.text)
        return "action_answer" if has_words and look_up(turn, kb).kind == "answer" else "action_note"
    if turn.was_tried and turn.intent in ("feedback_negative", "deny"):
        return "action_ask_back"
    if goes_on_from_answer(turn, kb):
        return "action_answer"
    known = "none" if is_bare_trouble(turn.text, turn.language) else look_up(turn, kb).kind
    return {"answer": "action_answer", "suggest": "action_ask_back"}.get(known, "action_note")


def for_a_person(turn: BotTurn, kb: KnowledgeBase) -> Sequence[EventType]:
    """Return the events that hand off what was taken for a question: anger."""
    if turn.intent == "choose_article":
        return ()
    is_shouted = shouts(turn.text) and look_up(turn, kb).kind == "none"
    if is_angry(turn.text, turn.language) or is_shouted:
        return [SlotSet("handoff_reason", "complaint"), FollowupAction("action_hand_off")]
    return ()


def is_question(turn: BotTurn, kb: KnowledgeBase) -> bool:
    """Return whether what was taken for small talk asks something."""
    if turn.intent not in SMALL_TALK:
        return True
    if turn.certainty < CERTAIN and goes_on_from_answer(turn, kb):
        return True
    if turn.certainty >= CERTAIN or len(words(turn.text)) <= MOST_WORDS_OF_TALK:
        return False
    return look_up(turn, kb).kind == "answer"


def goes_on_from_answer(turn: BotTurn, kb: KnowledgeBase) -> bool:
    """Return whether a few words, taken for small talk or no help, ask on about the last answer: "sunday?"."""
    if turn.is_pressed or turn.context is None:
        return False
    return continues(kb, turn.question, *turn.context, turn.language, may_ask=is_doubtful(turn)) is not None


def look_up(turn: BotTurn, kb: KnowledgeBase) -> Decision:
    return kb.decide(turn.question, turn.language)
