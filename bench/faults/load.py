"""Customers, agents and followers of conversations, each a thread, who use the product's own doors and verbs.

What goes wrong under them is a row's business. Whoever gets an error tries again, as browsers and people do; what was
acknowledged to them is kept, to be compared with what is stored.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask

from bench.faults.installation import application_of
from bench.faults.invariants import Breach, Kept, Told, find_breaches, read_kept
from bench.parts.ledger import Acknowledged
from odziv.cases.conversations.claim import claim_handoff
from odziv.cases.conversations.release import release_conversation
from odziv.cases.conversations.reply import draft_message, write_message
from odziv.cases.refused import Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent, accept_invitation, invite
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.conversations.turns import find_next_turn
from odziv.store.engine import StoreFailed
from odziv.store.handoffs.handoff import list_inbox, list_queue
from odziv.web.services import Services

SETTLE_SECONDS = 30.0
WORDS = ("Where is my parcel?", "And what does it cost?", "A person, please", "It is broken", "Thank you")


class Caller:
    """A customer with a conversation, at the widget's interface."""

    def __init__(self, app: Flask, services: Services, luck: random.Random) -> None:
        self._app, self._luck = app, luck
        conversation = create_conversation(services.store, "demo", "en")
        self.told = Told(conversation.id)
        self._path = f"/api/v1/conversations/{conversation.id}"
        self._headers = {"Authorization": f"Bearer {services.visitor_tokens.issue(conversation.id, 'demo')}"}
        self.refused: list[str] = []
        self.again = 0

    def say(self, text: str, ending: threading.Event, *, at_once: int = 1) -> None:
        """Sends a message, `at_once` times at the same moment, until it is acknowledged or it is time to go."""
        client_id = f"{self._luck.getrandbits(64):016x}"
        self.told.tried[client_id] = text
        while not ending.is_set():
            numbers = {seq for seq in self._post_at_once(client_id, text, at_once) if seq is not None}
            self.told.acknowledged += [Acknowledged(client_id, text, seq) for seq in numbers]
            if numbers:
                return
            self.again += 1
            time.sleep(self._luck.uniform(0.01, 0.1))

    def _post_at_once(self, client_id: str, text: str, times: int) -> list[int | None]:
        answers: list[int | None] = []
        post = partial(self._post, client_id, text)
        others = [threading.Thread(target=lambda: answers.append(post())) for _ in range(times - 1)]
        for thread in others:
            thread.start()
        answers.append(post())
        for thread in others:
            thread.join()
        return answers

    def _post(self, client_id: str, text: str) -> int | None:
        """The number it was stored under; None when it has to be sent again."""
        body = {"client_id": client_id, "text": text}
        with self._app.test_client() as client:
            answer = client.post(f"{self._path}/messages", json=body, headers=self._headers)
        if answer.status_code == 201:
            return answer.get_json()["message"]["seq"]
        if answer.status_code < 500:
            self.refused.append(f"{answer.status}: {answer.text[:200]}")
        return None

    def talk(self, ending: threading.Event, *, at_once: int = 1) -> None:
        """Writes now and then, until it is time to go."""
        while not ending.wait(self._luck.uniform(0.0, 0.08)):
            self.say(self._luck.choice(WORDS), ending, at_once=at_once)

    def follow(self, ending: threading.Event, patience: Callable[[], float], drops: float) -> None:
        """Reads the stream, waiting `patience()` seconds after each event; drops it with the chance `drops` each."""
        while not ending.is_set():
            headers = {**self._headers, "Last-Event-ID": str(max(self.told.seen, default=0))}
            with self._app.test_client() as client:
                answer = client.get(f"{self._path}/events", headers=headers, buffered=False)
                with suppress(StopIteration, StoreFailed):
                    for event, number in read_events(answer.response):
                        if event == "message":
                            self.told.seen.append(number)
                        time.sleep(patience())
                        if ending.is_set() or self._luck.random() < drops:
                            break
                answer.close()
            time.sleep(0.01)

    def read_log(self) -> list[dict[str, Any]]:
        """The whole log by the widget's interface, page by page."""
        found: list[dict[str, Any]] = []
        with self._app.test_client() as client:
            while True:
                after = found[-1]["seq"] if found else 0
                page = client.get(f"{self._path}/messages?after={after}", headers=self._headers).get_json()
                found += page["messages"]
                if not page["messages"] or not page["more"]:
                    return found


def read_events(pieces: Any) -> Iterator[tuple[str, int]]:
    """Each event's name, and its number (0 where it has none)."""
    for piece in pieces:
        text = piece.decode() if isinstance(piece, bytes) else piece
        for event in text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in event.split("\n") if ": " in line)
            if "event" in fields:
                json.loads(fields["data"])
                yield fields["event"], int(fields.get("id", 0))


@dataclass
class Worker:
    """An agent who takes what waits, answers a few times and lets go again. `won` are the claims they were told of."""

    store: Store
    agent: Agent
    luck: random.Random
    pause: Callable[[], float]
    theirs: frozenset[str]  # conversations that they take
    won: list[int] = field(default_factory=list)

    def work(self, ending: threading.Event) -> None:
        """Until it is time to go."""
        while not ending.wait(self.luck.uniform(0.0, 0.05)):
            with suppress(Refused, StoreFailed):
                self._take_one()
            with suppress(Refused, StoreFailed):
                self._answer_one()

    def _take_one(self) -> None:
        queue = [handoff for handoff in list_queue(self.store) if handoff.conversation_id in self.theirs]
        if not queue:
            return
        handoff = self.luck.choice(queue)
        if claim_handoff(self.store, self.agent, handoff.id).won:
            self.won.append(handoff.id)

    def _answer_one(self) -> None:
        mine = [each for each in list_inbox(self.store, self.agent.id) if each.conversation_id in self.theirs]
        if not mine:
            return
        conversation_id = self.luck.choice(mine).conversation_id
        time.sleep(self.pause())
        text, client_id = f"{self.agent.name} here", f"{self.luck.getrandbits(32):08x}"
        draft = draft_message(self.store, self.agent, text, client_id, internal=self.luck.random() < 0.2)
        write_message(self.store, self.agent, conversation_id, draft)
        if self.luck.random() < 0.4:
            release_conversation(self.store, self.agent, conversation_id, self.luck.choice(["bot", "resolved"]))


def add_agents(store: Store, count: int) -> list[Agent]:
    """So many agents."""
    return [
        accept_invitation(store, invite(store, None, "agent"), f"a{n}@shop.example", f"Agent{n} Novak", "no hash")
        for n in range(count)
    ]


@dataclass(frozen=True)
class Outcome:
    """What came of a seed: messages acknowledged, how often one was sent again after a failure, claims won."""

    breaches: list[Breach]
    acknowledged: int = 0
    again: int = 0
    claims: int = 0


@dataclass
class Load:
    """How much of everything, and for how long; `at_once` is how often each message is sent at the same moment."""

    seconds: float = 0.8
    callers: int = 4
    agents: int = 2
    at_once: int = 1
    follows: bool = True
    patience: Callable[[], float] = lambda: 0.0
    drops: float = 0.02
    pause: Callable[[], float] = lambda: 0.0


def run_load(
    load: Load,
    services: Sequence[Services],
    agents: Sequence[Agent],
    luck: random.Random,
    fault: Callable[[threading.Event], None] = lambda ending: ending.wait() and None,
) -> Outcome:
    """Has everybody at work for a while, and `fault` beside them; then waits until nothing moves, and looks.

    Of several services customers and agents use one or another; all of them take the bot's turns.
    """
    apps = [application_of(each) for each in services]
    callers = [Caller(apps[n % len(apps)], services[n % len(apps)], luck_of(luck)) for n in range(load.callers)]
    theirs = frozenset(caller.told.conversation for caller in callers)
    workers = [
        Worker(services[n % len(services)].store, agent, luck_of(luck), load.pause, theirs)
        for n, agent in enumerate(agents[: load.agents])
    ]
    with everybody(load, services, callers, workers, fault) as problems:
        time.sleep(load.seconds)
    wait_until_done(services[0].store)
    return Outcome(
        problems + look(callers, services),
        acknowledged=sum(len(caller.told.acknowledged) for caller in callers),
        again=sum(caller.again for caller in callers),
        claims=sum(len(worker.won) for worker in workers),
    )


def luck_of(luck: random.Random) -> random.Random:
    """One of its own, for another thread."""
    return random.Random(luck.getrandbits(64))


@contextmanager
def everybody(
    load: Load,
    services: Sequence[Services],
    callers: Sequence[Caller],
    workers: Sequence[Worker],
    fault: Callable[[threading.Event], None],
) -> Iterator[list[Breach]]:
    """While it lasts, all are at work. What a thread of theirs fails at is a breach: nothing here may raise."""
    ending, problems = threading.Event(), []

    def guarded(what: str, work: Callable[[threading.Event], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work(ending)
            except Exception as error:
                problems.append(Breach("failed", what, f"{type(error).__name__}: {str(error)[:300]}"))

        return run

    works = [(f"caller of {c.told.conversation}", lambda e, c=c: c.talk(e, at_once=load.at_once)) for c in callers]
    works += [(worker.agent.name, worker.work) for worker in workers]
    if load.follows:
        works += [("follower", lambda e, c=c: c.follow(e, load.patience, load.drops)) for c in callers]
    works.append(("fault", fault))
    threads = [threading.Thread(target=guarded(what, work), daemon=True) for what, work in works]
    for thread in threads:
        thread.start()
    try:
        yield problems
    finally:
        ending.set()
        with streams_ended(services):
            for thread in threads:
                thread.join(SETTLE_SECONDS)
        problems += [Breach("hangs", what, "") for (what, _), t in zip(works, threads, strict=True) if t.is_alive()]


@contextmanager
def streams_ended(services: Sequence[Services]) -> Iterator[None]:
    """Ends every stream, and has new ones end at once while it lasts."""
    for each in services:
        each.hub.close()
    try:
        yield
    finally:
        for each in services:
            each.hub.closing = False


def wait_until_done(store: Store) -> None:
    """Until no turn waits or runs, or too long."""
    ends = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < ends:
        with suppress(StoreFailed):
            if find_next_turn(store) is None:
                return
        time.sleep(0.02)


def look(callers: Sequence[Caller], services: Sequence[Services]) -> list[Breach]:
    """What does not hold of all that was said."""
    found: list[Breach] = []
    for caller in callers:
        kept, views = read_everywhere(caller, services[0].store)
        found += find_breaches(caller.told, kept, views)
        found += [Breach("refused", caller.told.conversation, each) for each in caller.refused]
    return found


def read_everywhere(caller: Caller, store: Store) -> tuple[Kept, dict[str, list[dict[str, Any]]]]:
    """A conversation in the database and in each view, as of one moment: a lease may end while it is read."""
    while True:
        kept = read_one(store, caller.told.conversation)
        log = list_messages(store, caller.told.conversation, internal=True)
        desk = [{"seq": message.seq, "text": message.text} for message in log if not message.internal]
        views = {"the widget": caller.read_log(), "the desk": desk}
        if read_one(store, caller.told.conversation) == kept:
            return kept, views


def read_one(store: Store, conversation_id: str) -> Kept:
    """What the database holds of it now."""
    with store.read() as connection, connection.begin():
        return read_kept(connection, conversation_id)
