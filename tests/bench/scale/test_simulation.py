"""The simulation on cases whose answers are known, and the model's arithmetic."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path

import pytest

from bench.simulation import __main__ as simulation
from bench.simulation import model
from bench.simulation.arrivals import SHIPPED, read_arrivals
from bench.simulation.model import Sizes, demand_of, lock_load, most_per_day, simulate, sizes_for
from bench.simulation.parts import Parts, parts_of, read_parts
from bench.simulation.stations import Simulation, Station

PARTS = Parts(
    measured="2026-12-01",
    cpu={"web": 0.012, "worker": 0.02, "rasa": 0.01, "PostgreSQL": 0.005, "Redis": 0.001},
    memory_mb={"web": 120.0, "worker": 750.0, "rasa": 540.0},
    writes=5.0, lock=0.002, notifications=6.0, log_bytes=20_000.0, database_bytes=9_000.0, connections=20.0,
    spread=(0.5, 1.0, 1.5), stream_cpu=0.00004, stream_mb=0.02,
)  # fmt: skip


def queue_of(arrivals_per_second: float, service_seconds: float, servers: int, seconds: float, *, fixed=False):
    """A station that jobs come to at random; what each took, and the station."""
    luck, simulated, station, took = random.Random(5), Simulation(), Station("s", servers), []

    def draw() -> float:
        return service_seconds if fixed else luck.expovariate(1 / service_seconds)

    moment = 0.0
    while (moment := moment + luck.expovariate(arrivals_per_second)) < seconds:
        simulated.at(moment, lambda: simulated.begin(iter([(station, draw())]), took.append))
    simulated.run(seconds)
    return took, station


def mean(values) -> float:
    return sum(values) / len(values)


def erlang_c(load: float, servers: int) -> float:
    """The chance that an arriving job has to wait; `load` in servers."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**n / math.factorial(n) for n in range(servers)) + last)


def test_one_server_with_random_times_is_as_the_formula_says():
    took, station = queue_of(0.7, 1.0, 1, 60_000)
    assert mean(took) == pytest.approx(1 / (1 - 0.7), rel=0.05)
    assert station.load(60_000) == pytest.approx(0.7, rel=0.03)


def test_one_server_with_fixed_times_waits_half_as_long():
    took, _ = queue_of(0.7, 1.0, 1, 60_000, fixed=True)
    assert mean(took) - 1.0 == pytest.approx(0.7 / (2 * 0.3), rel=0.05)  # Pollaczek and Khinchine


def test_several_servers_are_as_the_formula_says():
    took, _ = queue_of(2.4, 1.0, 3, 30_000)
    assert mean(took) == pytest.approx(1.0 + erlang_c(2.4, 3) / (3 - 2.4), rel=0.05)


def test_littles_law_holds_for_those_who_wait():
    took, station = queue_of(0.8, 1.0, 1, 60_000)
    waiting = station.waited_seconds / 60_000
    assert waiting == pytest.approx(len(took) / 60_000 * (mean(took) - station.busy_seconds / station.served), rel=0.02)


def test_jobs_go_their_route_in_order_and_wait_for_their_turn():
    simulated, first, second, done = Simulation(), Station("a", 1), Station("b", 2), []
    for number in range(3):
        simulated.begin(iter([(first, 1.0), (second, 5.0)]), lambda took, n=number: done.append((n, took)))
    simulated.run(100)
    assert done == [(0, 6.0), (1, 7.0), (2, 11.0)] and first.longest_queue == 2
    assert simulated.now == 100


def test_the_same_seed_gives_the_same_figures_and_another_one_others():
    arrivals = read_arrivals()
    runs = [simulate(20_000, Sizes(1, 1, 1), arrivals, PARTS, seed) for seed in (1, 1, 2)]
    assert runs[0].answers == runs[1].answers != runs[2].answers


def test_open_pages_are_as_many_as_arrivals_times_their_stay():
    arrivals = read_arrivals()
    calm = replace(arrivals, burst_times=1.0, burst_minutes=60)
    outcome = simulate(20_000, Sizes(3, 3, 3), calm, PARTS, 3)
    assert outcome.most_open == pytest.approx(calm.busiest(20_000) * calm.open_seconds, rel=0.2)


def test_what_is_sized_copes_and_one_process_too_few_does_not():
    arrivals = read_arrivals()
    demand = demand_of(400_000, arrivals, PARTS)
    sizes = sizes_for(demand, PARTS)
    assert sizes.worker == math.ceil(demand.turns * 0.02 / model.FULL)
    enough = simulate(400_000, sizes, arrivals, PARTS, 1)
    assert enough.p(0.95) < 0.5 and max(enough.loads.values()) < 0.8
    fewer = replace(sizes, worker=max(1, math.floor(demand.turns * 0.02 * 0.7)))
    assert simulate(400_000, fewer, arrivals, PARTS, 1).p(0.95) > 2 * enough.p(0.95)


def test_the_lock_is_what_breaks_at_the_number_that_is_said():
    arrivals = read_arrivals()
    most = most_per_day(arrivals, PARTS)
    assert lock_load(demand_of(most, arrivals, PARTS), PARTS) == pytest.approx(model.LOCK_FULL)
    assert not simulation.work_out(2 * most, arrivals, PARTS, 1)["is_possible"]
    assert "simulated" not in simulation.work_out(2 * most, arrivals, PARTS, 1)


@pytest.mark.parametrize("spoilt", [{"hours": [0.5] * 24}, {"weekdays": [0.5, 0.5]}, {"turns": [1.5, -0.5]}])
def test_shares_that_are_none_are_refused(tmp_path, spoilt):
    file = tmp_path / "arrivals.json"
    file.write_text(json.dumps({**json.loads(SHIPPED.read_text("utf-8")), **spoilt}), "utf-8")
    with pytest.raises(ValueError, match=next(iter(spoilt))):
        read_arrivals(file)


def test_parts_are_made_of_what_was_measured():
    figures = {f"cpu_ms_{part}": 10.0 for part in PARTS.cpu} | {
        "writes_per_turn": 5, "notifications_per_turn": 6, "log_bytes_per_turn": 1,
        "database_bytes_per_turn": 2, "connections": 30,
    }  # fmt: skip
    level = {"figures": {name: {"median": value} for name, value in figures.items()},
             "alone": {"answers_ms": [10, 30], "lock_ms_per_turn": 10},
             "memory_mb": {"web": 1, "worker": 2, "rasa": 3}}  # fmt: skip
    streams = {"asked": {"widgets": 90, "agents": 10}, "quiet_cpu_percent": {"web": 10},
               "memory_mb_before": {"web": 100}, "memory_mb": {"web": 120}}  # fmt: skip
    found = parts_of({"levels": {"1": level}, "machine": {"measured": "2026-12-01"}}, streams)
    made = Parts(**{**found, "spread": tuple(found["spread"])})
    assert (made.cpu["rasa"], made.lock, made.connections) == (0.01, 0.002, 14)
    assert made.spread == (0.5, 1.5) and (made.stream_cpu, made.stream_mb) == (0.001, 0.2)


def test_the_page_gets_the_table_between_its_marks_and_nothing_else_changes(tmp_path):
    page, results = tmp_path / "page.md", [simulation.work_out(20_000, read_arrivals(), PARTS, 1)]
    page.write_text(f"before\n{simulation.BEGINS}\nold\n{simulation.ENDS}\nafter\n", "utf-8")
    for _ in range(2):
        simulation.write_page(page, results, 1_000.0, PARTS)
    told = page.read_text("utf-8")
    assert told.startswith("before\n") and told.endswith("after\n") and "old" not in told
    assert told.count("| workers | 1 |") == 1 and "Measured on 2026-12-01." in told


def test_a_page_without_marks_is_left_alone(tmp_path):
    (page := tmp_path / "page.md").write_text("nothing", "utf-8")
    with pytest.raises(ValueError, match="has no"):
        simulation.write_page(page, [], 1.0, PARTS)
    assert page.read_text("utf-8") == "nothing"


def test_the_page_in_docs_tells_what_the_shipped_parts_make():
    page = (Path(__file__).parents[3] / "docs" / "scaling.md").read_text("utf-8")
    parts = read_parts()
    told = page.partition(simulation.BEGINS)[2].partition(simulation.ENDS)[0]
    assert simulation.first_to_break(most_per_day(read_arrivals(), parts), parts) in told
    demand = demand_of(100_000, read_arrivals(), parts)
    assert f"| turns a second | {round(demand.turns, 1)} |" in told
