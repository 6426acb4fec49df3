"""A row of the matrix: what goes wrong, on which databases, and a function that has it go wrong seed by seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.faults.installation import KINDS, Clock, EchoBot, Installation
from bench.faults.load import Load, Outcome, add_agents, run_load
from odziv.cases.turns import Bot
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.web.services import Services
from tests.fakes import FakeKnowledge

Outcomes = Iterator[tuple[int, Outcome]]
AGENTS = 4


@dataclass(frozen=True)
class Row:
    """`run` yields each seed with what came of it. `kinds` are the databases it can be run on."""

    name: str
    run: Callable[[Installation, Iterable[int]], Outcomes]
    kinds: tuple[str, ...] = KINDS


@dataclass
class Scene:
    """What a fault can get at while everybody is at work."""

    installation: Installation
    services: Sequence[Services]
    luck: random.Random
    clock: Clock

    @property
    def store(self) -> Store:
        """The first server's."""
        return self.services[0].store

    def wait(self, ending: threading.Event, least: float, most: float) -> bool:
        """Waits for a random time; whether it is time to go."""
        return ending.wait(self.luck.uniform(least, most))


Fault = Callable[[Scene, threading.Event], None]


def nothing(scene: Scene, ending: threading.Event) -> None:
    """No fault beside the load."""
    ending.wait()


def under_load(
    name: str,
    fault: Fault = nothing,
    *,
    load: Callable[[random.Random], Load] = lambda _luck: Load(),
    bot: Callable[[], Bot] = EchoBot,
    knowledge: Callable[[], FakeKnowledge] = FakeKnowledge,
    servers: int = 1,
    rate: float = 1.0,
    kinds: tuple[str, ...] = KINDS,
) -> Row:
    """A row in which customers and agents are at work while something goes wrong."""

    def run(installation: Installation, seeds: Iterable[int]) -> Outcomes:
        with serving(installation, bot(), servers, clock := Clock(rate), knowledge=knowledge) as (services, agents):
            for seed in seeds:
                luck = random.Random(f"{name}-{seed}")
                scene = Scene(installation, services, luck, clock)
                yield seed, run_load(load(luck), services, agents, luck, lambda ending, s=scene: fault(s, ending))

    return Row(name, run, kinds)


@contextmanager
def serving(
    installation: Installation,
    bot: Bot,
    servers: int,
    clock: Clock,
    *,
    agents: int = AGENTS,
    knowledge: Callable[[], FakeKnowledge] = FakeKnowledge,
) -> Iterator[tuple[list[Services], list[Agent]]]:
    """So many servers over the installation's database, each with a store of its own, and agents. Turns are taken and
    the queue is looked after while it lasts."""
    stores = [installation.open() for _ in range(servers)]
    for store in stores:
        store.clock = clock
    try:
        services = [installation.serve(bot, store, knowledge()) for store in stores]
        with at_work(services):
            yield services, add_agents(stores[0], agents)
    finally:
        for store in stores:
            store.close()


@contextmanager
def at_work(services: Sequence[Services]) -> Iterator[None]:
    """While it lasts, the bot's turns are taken and the queue is looked after."""
    works = [work for each in services for work in (each.turns, each.queue_monitor)]
    for work in works:
        work.start()
    try:
        yield
    finally:
        for work in works:
            work.stop()
