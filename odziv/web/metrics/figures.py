"""What is counted and timed in this process as it happens. No label says anything about a customer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

# When each counter began would be as many lines again, and nobody here asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]
# Seconds: from a message that is skipped to one for which Rasa was waited for in vain.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Figures:
    """Counters of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._turns = Counter(
            "odziv_turns", "The bot's turns that ended, by what came of them", ["outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "odziv_turn_seconds",
            "How long turns took, and parts of them: encoding, asking (with the encoding) and saving",
            ["part"],
            registry=self.registry,
            buckets=BUCKETS,
        )
        self._mails = Counter(
            "odziv_mails", "E-mails, by way (in, out) and what was done with them", ["way", "outcome"],
            registry=self.registry,
        )  # fmt: skip

    def count_turn(self, outcome: str, seconds: float) -> None:
        """A turn ended so, after so many seconds."""
        self._turns.labels(outcome).inc()
        self._seconds.labels("whole").observe(seconds)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Notes how long the block takes, as this part of a turn; also where it raises."""
        begun = perf_counter()
        try:
            yield
        finally:
            self._seconds.labels(part).observe(perf_counter() - begun)

    def count_mail(self, way: str, outcome: str) -> None:
        """An e-mail came in, or one that was to go out was seen to."""
        self._mails.labels(way, outcome).inc()
