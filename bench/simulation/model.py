"""The model: conversations arrive, each turn goes through web, lock, worker, Rasa, lock and web again, and queues."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.parts.summary import percentile
from bench.simulation.arrivals import Arrivals
from bench.simulation.parts import PROCESSES, Parts
from bench.simulation.stations import Simulation, Station

# How much of their time processes may be at work in the busiest ten minutes, and the lock, of which there is one.
FULL, LOCK_FULL = 0.7, 0.8
CALM_SECONDS = 300.0  # of the busiest hour, before the burst
STREAMS_OF_ONE = 2000  # pages of customers that one web process takes as it is shipped
YEAR_DAYS = 365


@dataclass(frozen=True)
class Demand:
    """What so many conversations on a mean day ask for in the burst of the busiest hour."""

    per_day: float
    turns: float  # a second
    writes: float  # transactions a second, of customers' turns and of agents
    streams: float
    agents: float


@dataclass(frozen=True)
class Sizes:
    """How many of each process."""

    web: int
    worker: int
    rasa: int


@dataclass
class Outcome:
    """What the simulated minutes were like; times in seconds."""

    seconds: float
    answers: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    loads: dict[str, float] = field(default_factory=dict)
    unanswered: int = 0
    most_open: int = 0

    def p(self, share: float) -> float:
        """Seconds to the answer that such a share of the turns took no longer than."""
        return percentile(self.answers, share)


def demand_of(per_day: float, arrivals: Arrivals, parts: Parts) -> Demand:
    """By the means; the simulation has them vary."""
    conversations = arrivals.busiest(per_day) * arrivals.burst_times
    turns = conversations * arrivals.turns_mean
    agents = arrivals.busiest(per_day) * arrivals.handed_off * arrivals.agent.minutes * 60
    agents /= arrivals.agent.at_once * arrivals.agent.busy
    replies = conversations * arrivals.handed_off * arrivals.agent.messages
    # An agent's reply is written, sent on and counted as a turn's writes are without the worker's, about half of them.
    writes = turns * parts.writes + replies * parts.writes / 2
    return Demand(per_day, turns, writes, conversations * arrivals.open_seconds, agents)


def sizes_for(demand: Demand, parts: Parts) -> Sizes:
    """As many of each as are busy no more than FULL in the burst."""
    kept_open = demand.streams * parts.stream_cpu
    web = max((demand.turns * parts.cpu["web"] + kept_open) / FULL, demand.streams / STREAMS_OF_ONE)
    others = (demand.turns * parts.cpu[part] / FULL for part in ("worker", "rasa"))
    return Sizes(*(max(1, math.ceil(number)) for number in (web, *others)))


def lock_load(demand: Demand, parts: Parts) -> float:
    """The share of the time for which somebody writes; 1 and more is what can't be."""
    return demand.writes * parts.lock


def most_per_day(arrivals: Arrivals, parts: Parts) -> float:
    """Conversations on a mean day at which the lock is full in the burst: what breaks first, however many processes."""
    return LOCK_FULL / lock_load(demand_of(1.0, arrivals, parts), parts)


def simulate(per_day: float, sizes: Sizes, arrivals: Arrivals, parts: Parts, seed: int) -> Outcome:
    """The busiest quarter of an hour: some of the busiest hour, and its burst."""
    luck, simulation = random.Random(seed), Simulation()
    outcome = Outcome(CALM_SECONDS + arrivals.burst_minutes * 60)
    stations = {name: Station(name, getattr(sizes, name)) for name in PROCESSES}
    stations["lock"] = Station("lock", 1)
    world = _World(simulation, stations, arrivals, parts, luck, outcome)
    for moment in arrivals.begin(per_day, CALM_SECONDS, luck):
        simulation.at(moment, world.open_page)
    simulation.run(outcome.seconds)
    outcome.loads = {name: station.load(outcome.seconds) for name, station in stations.items()}
    outcome.unanswered = world.asked - len(outcome.answers)
    outcome.most_open = world.most_open
    return outcome


@dataclass
class _World:
    """What the customers share."""

    simulation: Simulation
    stations: dict[str, Station]
    arrivals: Arrivals
    parts: Parts
    luck: random.Random
    outcome: Outcome
    asked: int = 0
    open_pages: int = 0
    most_open: int = 0

    def open_page(self) -> None:
        """A customer comes, with so many turns to go."""
        self.open_pages += 1
        self.most_open = max(self.most_open, self.open_pages)
        self.ask(self.arrivals.draw_turns(self.luck))

    def close_page(self) -> None:
        """And goes."""
        self.open_pages -= 1

    def ask(self, left: int) -> None:
        """A turn; the next one follows after its answer and a pause."""
        self.asked += 1

        def answered(seconds: float) -> None:
            self.outcome.answers.append(seconds)
            stays = self.arrivals.pause_seconds if left > 1 else self.arrivals.page_stays_seconds
            following = (lambda: self.ask(left - 1)) if left > 1 else self.close_page
            self.simulation.at(self.simulation.now + self.luck.expovariate(1 / stays), following)

        self.simulation.begin(self.route(), answered)

    def route(self) -> Iterator[tuple[Station, float]]:
        """Where a turn goes, and how long each takes."""
        began, cpu, stations = self.simulation.now, self.parts.cpu, self.stations
        yield stations["web"], self._draw(cpu["web"] / 2)
        yield from self._writes(1)
        self.outcome.acknowledged.append(self.simulation.now - began)
        yield stations["worker"], self._draw(cpu["worker"])
        yield stations["rasa"], self._draw(cpu["rasa"])
        yield from self._writes(max(1, round(self.parts.writes) - 1))
        yield stations["web"], self._draw(cpu["web"] / 2)

    def _writes(self, count: int) -> Iterator[tuple[Station, float]]:
        for _ in itertools.repeat(None, count):
            yield self.stations["lock"], self._draw(self.parts.lock)

    def _draw(self, mean: float) -> float:
        return self.parts.draw(mean, self.luck)
