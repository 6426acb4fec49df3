"""Rows in which nothing breaks, but everything happens at the same moment: races, leases, late replies, streams."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from bench.faults.installation import FAST, Clock, EchoBot, Installation, SlowKnowledge
from bench.faults.invariants import JOINED, Breach, Told, find_breaches, read_kept
from bench.faults.load import Load, Outcome
from bench.faults.row import Outcomes, Row, serving, under_load
from odziv.cases.conversations.claim import claim_handoff
from odziv.cases.refused import Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import change_owner, create_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.engine import StoreAway
from odziv.store.handoffs.handoff import Claim, add_handoff, list_queue

RACERS, WAITING = 50, 50  # agents, and conversations of each seed; twenty seeds are a thousand


def race_for_claims(installation: Installation, seeds: Iterable[int]) -> Outcomes:
    """Fifty agents take the same fifty conversations, each in an order of their own."""
    with serving(installation, EchoBot(), 1, Clock(), agents=RACERS) as (services, agents):
        store = services[0].store
        for seed in seeds:
            luck = random.Random(f"claims-{seed}")
            ids = add_waiting(store, WAITING)
            won = claim_all(store, agents, luck)
            yield seed, Outcome(find_wrong_claims(store, ids, won), claims=sum(won.values()))


def add_waiting(store: Store, count: int) -> list[str]:
    """So many conversations that wait for a person."""
    ids = [create_conversation(store, "demo", "en").id for _ in range(count)]
    for conversation_id in ids:
        with store.write() as connection:
            change_owner(connection, conversation_id, "queued", agent_id=None)
            add_handoff(connection, conversation_id, "requested", "en")
    return ids


def claim_all(store: Store, agents: list[Agent], luck: random.Random) -> Counter[str]:
    """Has all agents take all that waits; returns how many times each conversation was said to be won."""
    queue, won, all_there = list_queue(store), Counter[str](), threading.Barrier(len(agents))
    noting = threading.Lock()

    def claim_in(order: list[int], agent: Agent) -> None:
        all_there.wait()
        for handoff_id in order:
            with suppress(Refused):
                if (claim := claim_at_last(store, agent, handoff_id)).won:
                    with noting:
                        won[claim.conversation_id] += 1

    orders = [luck.sample([handoff.id for handoff in queue], len(queue)) for _ in agents]
    threads = [threading.Thread(target=claim_in, args=each) for each in zip(orders, agents, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


def claim_at_last(store: Store, agent: Agent, handoff_id: int) -> Claim:
    """Takes a handoff, and tries again while no connection is free: fewer are than agents race. Raises Refused."""
    while True:
        with suppress(StoreAway):
            return claim_handoff(store, agent, handoff_id)


def find_wrong_claims(store: Store, ids: list[str], won: Counter[str]) -> list[Breach]:
    """Each was won once, by whoever has it."""
    found = [
        Breach("owners", conversation_id, f"{won[conversation_id]} agents were told that they have it")
        for conversation_id in ids
        if won[conversation_id] != 1
    ]
    for conversation_id in ids:
        joined = [each for each in list_messages(store, conversation_id) if JOINED.fullmatch(each.text)]
        with store.read() as connection:
            kept = read_kept(connection, conversation_id)
        found += find_breaches(Told(conversation_id), kept, {})
        if len(joined) != 1:
            found.append(Breach("owners", conversation_id, f"{len(joined)} notices say that somebody is there"))
    return found


def slow_to(most: float, luck: random.Random) -> float:
    """Seconds somebody takes."""
    return luck.uniform(0.0, most)


def slow_readers(luck: random.Random) -> Load:
    """Those who follow read an event in up to a third of a second, and never leave."""
    return Load(callers=6, agents=1, patience=partial(slow_to, 0.3, luck), drops=0.0)


def many(_luck: random.Random) -> Load:
    """More of everybody, so that more meet."""
    return Load(seconds=1.2, callers=8, agents=4)


def slow_agents(luck: random.Random) -> Load:
    """Agents take up to four minutes of the store's time over a reply; their lease is two."""
    return Load(agents=4, pause=partial(slow_to, 0.4, luck), seconds=1.2)


ROWS = (
    Row("claims racing", race_for_claims),
    under_load("two workers", servers=2, load=lambda _: Load(callers=3, agents=3)),
    under_load("a lease expires while replying", load=slow_agents, rate=FAST),
    under_load("a turn outlives its lease", bot=partial(EchoBot, 0.2), rate=FAST, load=many),
    under_load("a late reply of the bot", knowledge=partial(SlowKnowledge, 0.1), load=many),
    under_load("double submit", load=lambda _: Load(callers=3, agents=1, at_once=5)),
    under_load("drop and resume", load=lambda _: Load(callers=6, agents=2, drops=0.4)),
    under_load("slow readers", load=slow_readers),
)
