"""What is looked up at each scrape: what waits, what is connected, and how Rasa, index, database and disk are."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from odziv.cases.elsewhere.workers import WorkersAway
from odziv.store.backups.state import read_state
from odziv.store.engine import StoreFailed
from odziv.store.push.subscriptions import count_failing
from odziv.store.waiting import measure_waiting
from odziv.store.webhooks.subscriptions import measure_webhooks
from odziv.web.inner.state import TRAINING_FAILED, WorkState, look_at_work
from odziv.web.services import Services


class StateCollector(Collector):
    """Reads the services; a part that can't be read is left out, and the others are told."""

    def __init__(self, here: Services) -> None:
        self._here = here

    def describe(self) -> Iterable[Metric]:
        """Nothing is looked up when it is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every gauge, as it is now."""
        here = self._here
        is_storing = here.store.why_not_storing() is None
        yield _gauge("odziv_store_up", "1 when messages can be stored", is_storing)
        yield from self._work()
        if here.redis is not None:
            yield _gauge(
                "odziv_redis_up", "1 while limits are counted in Redis, for all processes", not here.redis.trouble
            )
        if (files := here.store.files).elsewhere is not None:
            yield _gauge("odziv_attachments_up", "1 while attachments can be written and read", not files.trouble)
        yield from self._streams()
        yield from self._index()
        yield from self._disk()
        yield from self._backup()
        try:
            yield from self._rows()
        except StoreFailed:  # told by odziv_store_up
            return

    def _work(self) -> Iterator[Metric]:
        """A worker that is away counts as a Rasa that is: nobody answers customers."""
        try:
            work = look_at_work(self._here)
        except WorkersAway:
            work = WorkState("unknown", self._here.guard.list_failures(), None)
        up = work.rasa in ("ok", TRAINING_FAILED)
        yield _gauge("odziv_rasa_up", "1 when Rasa answers with a model loaded", up)
        yield _gauge("odziv_threads_failed", "Threads that should run and do not", len(work.threads))

    def _rows(self) -> Iterator[Metric]:
        now = self._here.store.clock()
        found = measure_waiting(self._here.store)
        count = _family("odziv_waiting", "How many wait: queue (for a person), turns (for the bot), mails …", "what")
        age = _family("odziv_waiting_oldest_seconds", "How long the oldest of them has waited", "what")
        for what, waiting in found.items():
            count.add_metric([what], waiting.count)
            age.add_metric([what], 0 if waiting.since is None else max(0, now - waiting.since) / 1000)
        yield count
        yield age
        failing = measure_webhooks(self._here.store).failing
        yield _gauge("odziv_webhooks_failing", "Webhooks at which nothing arrives", failing)
        away = count_failing(self._here.store)
        yield _gauge("odziv_push_failing", "Browsers of agents that notifications don't reach", away)

    def _streams(self) -> Iterator[Metric]:
        streams = _family("odziv_streams_open", "Pages of customers and agents that are connected", "door")
        for door, count in self._here.open_streams.count().items():
            streams.add_metric([door], count)
        yield streams
        yield _gauge("odziv_streams_limit", "How many can be (max_streams)", self._here.settings.max_streams)

    def _index(self) -> Iterator[Metric]:
        kb = self._here.kb
        articles = _family("odziv_articles", "Articles that are served, by language", "language")
        for language in self._here.settings.languages:
            served = [each for each in kb.articles() if getattr(each, "language", None) == language]
            articles.add_metric([language], len(served))
        yield articles
        yield _gauge("odziv_article_problems", "What is wrong with articles (kb lint names it)", len(kb.problems))
        yield _gauge("odziv_articles_away", "1 while the articles' folder, or a part, is away", bool(kb.away))
        age = max(0.0, self._here.store.clock() / 1000 - kb.refreshed_at)
        yield _gauge("odziv_index_age_seconds", "Since when what is served has been in place", age)
        yield from self._calibration()

    def _calibration(self) -> Iterator[Metric]:
        precision = _family("odziv_calibration_precision", "Expected share of sure answers that are right", "language")
        coverage = _family(
            "odziv_calibration_coverage", "Expected share of answerable questions with a sure answer", "language"
        )
        sure_from = _family("odziv_calibration_sure_from", "The confidence from which on an answer is sure", "language")
        try:
            calibration = self._here.kb.calibration
        except WorkersAway:
            return
        for language, found in calibration.items():
            precision.add_metric([language], found.precision)
            coverage.add_metric([language], found.coverage)
            sure_from.add_metric([language], found.answer_from)
        yield precision
        yield coverage
        yield sure_from

    def _disk(self) -> Iterator[Metric]:
        url = self._here.store.url
        if url.get_backend_name() == "sqlite" and url.database:
            size = sum(_size(Path(url.database + ending)) for ending in ("", "-wal"))
            yield _gauge("odziv_database_bytes", "The database and its log", size)
        try:
            free = shutil.disk_usage(self._here.settings.var).free
        except OSError:
            return
        yield _gauge("odziv_disk_free_bytes", "What is free on the disk of the data folder", free)

    def _backup(self) -> Iterator[Metric]:
        """A backup that never was has the moment 0, so that an alert about its age finds it. PostgreSQL has its own."""
        if self._here.store.url.get_backend_name() != "sqlite":
            return
        state = read_state(self._here.settings.var)
        moment = (state and state.last_success or 0) / 1000
        yield _gauge("odziv_backup_last_success_timestamp_seconds", "When the last good backup ended", moment)
        failed = state is not None and state.outcome == "failed"
        yield _gauge("odziv_backup_failed", "1 when the last backup failed", failed)
        yield _gauge("odziv_backup_bytes", "Bytes of the last good backup", state and state.bytes or 0)
        yield _gauge("odziv_backup_seconds", "How long the last good backup took", state and state.seconds or 0)


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=float(value))


def _family(name: str, told: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, labels=[label])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
