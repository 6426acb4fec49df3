"""The bot's side of a conversation: every customer's message gets exactly one reaction from here."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import structlog

from actions.wording import wants_person
from bot.client import RasaState
from bot.trackers import sender_of
from kb.render import render
from kb.scope import within
from odziv.cases.absence import Absence, find_absence, say_absence, say_danger
from odziv.cases.bot_replies import NonsenseReply, Reply, ask_for_person, read_reply
from odziv.cases.conversations.entries import internal_entry
from odziv.cases.danger import Danger, find_danger
from odziv.cases.forgetting import forget_remains
from odziv.cases.knowledge import KnowledgeBeside
from odziv.cases.lanes import Lanes
from odziv.cases.legal.declarations import Declarations, Kind, say_receipt
from odziv.cases.mails.question import question_of
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation, set_language
from odziv.store.conversations.messages import NewMessage, has_said, list_messages
from odziv.store.conversations.turns import (
    Turn,
    conversation_of,
    finish_turn,
    finish_turn_with_handoff,
    skip_turn,
)
from odziv.store.handoffs.handoff import list_handoffs_of
from odziv.texts.desk import N_
from odziv.texts.notices import notice, say_by_mail

log = structlog.get_logger()
# A turn that ended the process, or failed in a way nobody foresaw, this often goes to a person.
MAX_ATTEMPTS = 3
# So many turns at once, as long as each takes less than this and few wait: more would wait for Python's lock instead,
# and so would acknowledgements. Of a crowd, the questions are embedded together.
LANES, CROWD, PATIENCE_SECONDS = 2, 3, 0.3
CHOICE = "choose_article"  # what a button means that gives an article
QUIET = N_(
    "The bot does not answer this e-mail (%(why)s), and nothing automatic was sent. Your reply goes out as usual."
)


class Followers(Protocol):
    """Those who have the conversation open; `odziv.web.streams.Hub` knows them."""

    def typing(self, conversation_id: str, sender: str, is_typing: bool, *, wakes: bool = True) -> None: ...


class Figures(Protocol):
    """Who counts; `odziv.web.metrics.figures.Figures`."""

    def count_turn(self, outcome: str, seconds: float) -> None: ...

    def timed(self, part: str) -> AbstractContextManager[None]: ...


class Bot(Protocol):
    """Who is asked for a reply; `bot.client.RasaClient`."""

    def ask(
        self, conversation: str, text: str, language: str, vector: np.ndarray | None = None
    ) -> list[dict[str, Any]]: ...

    def trigger(
        self, conversation: str, intent: str, language: str, entities: dict[str, str]
    ) -> list[dict[str, Any]]: ...

    def state(self) -> RasaState: ...


class TurnServices(Protocol):
    """What a turn needs of the rest; `odziv.web.services.Services` has it."""

    @property
    def settings(self) -> Settings: ...

    @property
    def store(self) -> Store: ...

    @property
    def hub(self) -> Followers: ...

    @property
    def bot(self) -> Bot: ...

    @property
    def knowledge(self) -> KnowledgeBeside: ...

    @property
    def figures(self) -> Figures: ...


class Reactions:
    """What the bot does in a turn. A turn that fails raises whatever failed; `TurnRunner` tries it again."""

    def __init__(self, services: TurnServices, bot_failed: type[Exception]) -> None:
        self._services, self._bot_failed = services, bot_failed
        self._store, self._hub, self._bot = services.store, services.hub, services.bot
        self._timed = services.figures.timed
        self._declarations = Declarations(services.settings.legal)
        self._lanes = Lanes(LANES, CROWD, PATIENCE_SECONDS)
        self.bot_failures = 0  # how often the bot had no usable reply, since this process began

    def react(self, turn: Turn) -> str:
        """Whose turn is it? Ask; save the answer, or hand off. Returns what came of it."""
        conversation = conversation_of(self._store, turn)
        if conversation is None or conversation.epoch != turn.epoch or conversation.status not in ("bot", "queued"):
            return self._skip(turn)
        written, turn = turn.text, _ask_of(turn, conversation.language)
        if conversation.status == "queued":
            return self._answer_waiting(conversation, turn)
        # Before anything that may fail, or take it for a goodbye.
        if danger := None if turn.button else find_danger(written):
            return self._fetch_help(conversation, turn, danger)
        if turn.quiet:
            return self._leave_to_person(turn, conversation.language)
        if turn.attempts > MAX_ATTEMPTS:
            return self._save(turn, conversation.language, Reply(handoff="failure"))
        language = self._follow_language(conversation, turn)
        if declared := self._find_declaration(turn, language):
            return self._take_declaration(conversation, turn, language, declared)
        self._hub.typing(conversation.id, "bot", True)
        with within(self._services.settings.tags_of(conversation.site)), self._timed("asking"):
            reply = self._ask(conversation, turn, language)
        self._greet_stranger(turn, language, reply)
        with self._timed("saving"):
            outcome = self._save(turn, language, reply)
        if outcome == "too_late" and conversation_of(self._store, turn) is None:
            # Deleted while Rasa was asked: it has written the customer's words down once more.
            forget_remains(self._store, self._services.settings.var, [turn.conversation_id])
        return outcome

    def _answer_waiting(self, conversation: Conversation, turn: Turn) -> str:
        """Answers whoever waits for a person what the knowledge base is sure of; of anything else it says nothing.

        Of buttons, only one that gives an article asks something. Somebody in danger is not told about parcels
        meanwhile.
        """
        handoffs, button = list_handoffs_of(self._store, conversation.id), turn.button or {"intent": CHOICE}
        is_in_danger = bool(handoffs and handoffs[-1].reason == "danger")
        if turn.attempts > MAX_ATTEMPTS or not turn.text or is_in_danger or button["intent"] != CHOICE:
            return self._skip(turn)
        if declared := self._find_declaration(turn, conversation.language):
            said = self._say_receipt(turn, declared, conversation.language)
            is_saved = finish_turn(self._store, turn, NewMessage("system", said, render(said)), "legal")
            return "answered" if is_saved else "too_late"
        with within(self._services.settings.tags_of(conversation.site)):
            article = button.get("article")
            payload = self._services.knowledge.answer_directly(turn.text, conversation.language, article=article)
        if payload is None or payload.get("handoff"):
            return self._skip(turn)
        reply = read_reply([payload])
        reply.text = f"{notice('while_waiting', conversation.language, by_mail=turn.by_mail)}\n\n{reply.text}"
        reply.buttons = [button for button in reply.buttons if button["kind"] == "follow_up"]
        return self._save(turn, conversation.language, reply)

    def _skip(self, turn: Turn) -> str:
        skip_turn(self._store, turn)
        return "skipped"

    def _fetch_help(self, conversation: Conversation, turn: Turn, danger: Danger) -> str:
        """Hands off at once, in the language of the words."""
        language = danger.language(conversation.language, self._services.settings.languages)
        if language != conversation.language:
            set_language(self._store, conversation.id, language)
        return self._save(turn, language, Reply(handoff="danger"), danger)

    def _find_declaration(self, turn: Turn, language: str) -> Kind | None:
        return None if turn.button else self._declarations.find(turn.text, language)

    def _take_declaration(self, conversation: Conversation, turn: Turn, language: str, declared: Kind) -> str:
        """Hands off at once; who withdraws reads how it is done too, where an article says it."""
        payload = None
        if declared == "withdrawal":
            with within(self._services.settings.tags_of(conversation.site)):
                payload = self._services.knowledge.answer_directly(turn.text, language)
        reply = read_reply([payload]) if payload else Reply()
        reply.buttons, reply.handoff, reply.declared = [], "legal", declared
        return self._save(turn, language, reply)

    def _say_receipt(self, turn: Turn, declared: Kind, language: str) -> str:
        time_zone = self._services.settings.calendar(language, turn.mailbox).time_zone
        return say_receipt(declared, turn.written_at, time_zone, language)

    def _follow_language(self, conversation: Conversation, turn: Turn) -> str:
        """The language to answer in; a customer who switches is followed."""
        if turn.button or not turn.text:
            return conversation.language
        said_before = conversation.language if turn.seq > 1 else None
        language = self._services.knowledge.detect_language(
            turn.text, conversation=said_before, page=conversation.page_language or conversation.language
        )
        if language != conversation.language:
            set_language(self._store, conversation.id, language)
        return language

    def _ask(self, conversation: Conversation, turn: Turn, language: str) -> Reply:
        """Rasa's reply; without one, the knowledge base's own where it is sure; else a handoff."""
        button = turn.button or {}
        if button.get("intent") == "request_human":  # no need to ask anybody about that
            return Reply(handoff="article" if button.get("article") else "requested")
        if not turn.text and not turn.attachments:  # a mail of files that were refused, or an empty one
            return Reply(handoff="unanswered")
        if turn.is_only_files:  # nor about what no bot can see
            return Reply(text=notice("cannot_see_files", language), buttons=[ask_for_person(language)])
        # A new owner, a new epoch, a new tracker of Rasa's: what the bot had counted before a person came is over.
        sender = sender_of(conversation.id, turn.epoch)
        try:
            if button:
                entities = {"article": button["article"]} if button.get("article") else {}
                return read_reply(self._bot.trigger(sender, button["intent"], language, entities))
            with self._lanes.enter():
                with self._timed("encoding"):
                    vector = self._services.knowledge.vector_of(turn.text, language)
                reply = read_reply(self._bot.ask(sender, turn.text, language, vector))
            reply.text = say_by_mail(reply.text, language) if turn.by_mail else reply.text
            return reply
        except (self._bot_failed, NonsenseReply) as error:
            self.bot_failures += 1
            log.warning("bot_failed", conversation=conversation.id, seq=turn.seq, why=str(error)[:200])
            return self._answer_without_bot(turn, button, language)

    def _greet_stranger(self, turn: Turn, language: str, reply: Reply) -> None:
        """Tells customers whose own language isn't served, in that language and once, and offers them a person."""
        note = None if turn.button else self._services.knowledge.note_to_stranger(turn.text, language)
        if note is None or reply.handoff or has_said(self._store, turn.conversation_id, note):
            return
        reply.text = f"{note}\n\n{reply.text}"
        if not any(button["kind"] == "human" for button in reply.buttons):
            reply.buttons.append(ask_for_person(language))

    def _answer_without_bot(self, turn: Turn, button: dict[str, Any], language: str) -> Reply:
        if button.get("intent") == "feedback_positive":
            return Reply(text=notice("glad", language))
        if button.get("intent") == "feedback_negative":
            return Reply(handoff="unanswered")
        if not button and wants_person(turn.text, language):
            return Reply(handoff="requested")
        payload = self._services.knowledge.answer_directly(turn.text, language, article=button.get("article"))
        return read_reply([payload]) if payload else Reply(handoff="failure")

    def _save(self, turn: Turn, language: str, reply: Reply, danger: Danger | None = None) -> str:
        self._hub.typing(turn.conversation_id, "bot", False, wakes=False)
        draft = None
        if reply.text:
            spoken = (reply.answer or {}).get("language", language)
            draft = NewMessage(
                "bot", reply.text, render(reply.text, spoken), reply.buttons, reply.answer, reply.considered
            )
        if draft is not None and reply.handoff is None:
            return "answered" if finish_turn(self._store, turn, draft) else "too_late"
        reply.handoff = reply.handoff or "failure"  # nothing said and nobody called: never silence
        if danger is None and (danger := self._danger_since(turn)):
            reply.handoff = "danger"
        absence = find_absence(self._store, self._services.settings, language, turn.mailbox)
        if reply.handoff == "danger":
            is_self = danger is not None and danger.kind == "self"
            text = say_danger(absence, language, is_self=is_self, by_mail=turn.by_mail)
        else:
            text = self._say_handoff(turn, reply, language, absence)
        notice_draft = NewMessage("system", text, render(text), considered=[] if draft else reply.considered)
        saved = finish_turn_with_handoff(
            self._store, turn, reply.handoff, language, notice_draft, draft, after_hours=absence is not None
        )
        return f"handed_off_{reply.handoff}" if saved else "too_late"

    def _leave_to_person(self, turn: Turn, language: str) -> str:
        """A mail that no machine may answer: the customer is told nothing, agents are told why."""
        entry = internal_entry(QUIET, why=turn.quiet)
        after_hours = find_absence(self._store, self._services.settings, language, turn.mailbox) is not None
        saved = finish_turn_with_handoff(self._store, turn, "mail", language, entry, after_hours=after_hours)
        return "handed_off_mail" if saved else "too_late"

    def _danger_since(self, turn: Turn) -> Danger | None:
        """What was written while this turn was under way; no turn looks at it once a person has the conversation."""
        later = list_messages(self._store, turn.conversation_id, after=turn.seq)
        found = (find_danger(message.text) for message in later if message.sender == "customer")
        return next(filter(None, found), None)

    def _say_handoff(self, turn: Turn, reply: Reply, language: str, absence: Absence | None) -> str:
        """Says that a person takes over; and when nobody is there, that too."""
        if reply.declared:
            text = self._say_receipt(turn, reply.declared, language)
        else:
            text = notice(f"handoff_{reply.handoff}", language, by_mail=turn.by_mail)
        if absence is None:
            return text
        conversation = conversation_of(self._store, turn)
        is_unknown = conversation is not None and conversation.email is None
        asks_email = is_unknown and self._services.settings.mail.is_on
        return f"{text}\n\n{say_absence(absence, language, asks_email=asks_email, by_mail=turn.by_mail)}"


def has_spoken(outcome: str) -> bool:
    """Whether something was said in a turn that ended so, and the end of the typing sign told with it."""
    return outcome == "answered" or outcome.startswith("handed_off")


def _ask_of(turn: Turn, language: str) -> Turn:
    """The turn with what the bot is asked for its text, where it came by mail."""
    return turn if turn.subject is None else replace(turn, text=question_of(turn.text, turn.subject, language))
