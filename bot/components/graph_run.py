"""How Rasa runs a message through its graph of components, without planning the way anew each time.

Rasa works out which nodes are needed, copies them, and has dask order them, for every message and twice more for what
to do next. The nodes of a loaded model never change: here the order is kept.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner

Plan = list[tuple[str, tuple[str, ...]]]


def make_plan(schema: GraphSchema, targets: list[str]) -> Plan:
    """The nodes that lead to `targets`, each behind all that it needs, with the names of those."""
    nodes = schema.minimal_graph_schema(targets).nodes
    plan: Plan = []
    placed: set[str] = set()
    while len(plan) < len(nodes):
        ready = [
            (name, tuple(node.needs.values()))
            for name, node in nodes.items()
            if name not in placed and not (set(node.needs.values()) & nodes.keys()) - placed
        ]
        if not ready:
            raise GraphRunError("the graph has a circle")
        plan += ready
        placed.update(name for name, _ in ready)
    return plan


def run(
    runner: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """What the nodes `targets` make of `inputs`, by their names; raises GraphRunError."""
    wanted = targets or runner._graph_schema.target_names
    plans = runner.__dict__.setdefault("_plans", {})
    plan = plans.get(tuple(wanted))
    if plan is None:
        plan = plans[tuple(wanted)] = make_plan(runner._graph_schema, wanted)
    results: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
    try:
        for name, needs in plan:
            results[name] = runner._instantiated_nodes[name](*[results.get(need, need) for need in needs])
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(results[name] for name in wanted)


def keep_plans() -> None:
    """Has Rasa do it this way from now on; for serving: training goes through its graph once."""
    DaskGraphRunner.run = run
