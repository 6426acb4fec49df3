"""Rows in which the machine's clock is set while everybody is at work, and across a start."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from functools import partial

from bench.faults.installation import Clock, EchoBot, Installation
from bench.faults.load import Load, add_agents, run_load
from bench.faults.row import AGENTS, Outcomes, Row, Scene, at_work
from odziv.store.engine import DAY_MS, HOUR_MS
from odziv.store.set_back import bring_forward
from odziv.store.steady_clock import SteadyClock


def set_clock(step: int, scene: Scene, ending: threading.Event) -> None:
    """Sets the machine's clock forth and back again, or back and forth, a few times."""
    while not scene.wait(ending, 0.05, 0.3):
        scene.clock.offset += step
        scene.wait(ending, 0.05, 0.3)
        scene.clock.offset -= step


def across_starts(step: int, installation: Installation, seeds: Iterable[int]) -> Outcomes:
    """Each seed is a start; before each, and within each, the machine's clock is set, for good or not."""
    machine, agents = Clock(), []
    for seed in seeds:
        luck = random.Random(f"clock-{step}-{seed}")
        machine.offset += luck.choice((-step, 0, step))
        store = installation.open()
        store.clock = SteadyClock(machine)
        bring_forward(store)
        agents = agents or add_agents(store, AGENTS)
        services = [installation.serve(EchoBot(), store)]
        with at_work(services):
            scene = Scene(installation, services, luck, machine)
            yield seed, run_load(Load(), services, agents, luck, partial(set_clock, luck.choice((-step, step)), scene))
        store.close()


ROWS = (
    Row("the clock is set by an hour", partial(across_starts, HOUR_MS)),
    Row("the clock is set by a day", partial(across_starts, DAY_MS)),
)
