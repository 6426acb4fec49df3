"""What the workers counted, passed on by a web process: they have no public port for Prometheus to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from odziv.cases.elsewhere.workers import WorkerClient


class WorkersCollector(Collector):
    """The figures of each worker that answers; with several, each with the label `worker`, its address."""

    def __init__(self, workers: WorkerClient) -> None:
        self._workers = workers

    def describe(self) -> Iterable[Metric]:
        """Nobody is asked when it is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every family that a worker has, once."""
        families: dict[str, Metric] = {}
        told = self._workers.ask_each("/inner/figures")
        for address, text in told.items():
            more = {"worker": address.removeprefix("http://")} if len(self._workers.addresses) > 1 else {}
            for family in text_string_to_metric_families(str(text)):
                known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                known.samples += [sample._replace(labels={**sample.labels, **more}) for sample in family.samples]
        yield from families.values()
