"""The threads that send what waits. A kill at any moment loses nothing (odziv/store/queue.py)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from odziv.processes.periodic import WatchedThread
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.engine import DAY_MS, HOUR_MS
from odziv.store.queue import BackOff, Worker, stop_all
from odziv.store.webhooks.deliveries import Attempt, Delivery, finish_delivery, remove_old_deliveries, take_delivery
from odziv.store.webhooks.events import WAKE_KEY
from odziv.web.outgoing import post
from odziv.webhooks.signing import headers

log = structlog.get_logger()
HOUR_SECONDS = 3600.0
# Longer than an attempt can take: then whoever made it is gone.
LEASE_MS = 30_000
# 5 s, 15 s, 45 s, … up to three hours, each longer or shorter by a fifth; after a day it has failed.
BACK_OFF = BackOff(first_ms=5_000, factor=3, longest_ms=3 * HOUR_MS, give_up_ms=DAY_MS, jitter=0.2)


class WebhookSender:
    """A few threads. One webhook gets one delivery at a time, so one that hangs doesn't hold up the others."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        workers: int = 4,
        lease_ms: int = LEASE_MS,
        send: Callable[..., Attempt] = post,
    ) -> None:
        self._store, self._listed, self._send = store, settings.desk.webhook_hosts, send
        self._lease_ms = lease_ms
        self._busy: set[int] = set()
        self._taking = threading.Lock()
        self._tidied: float | None = None
        # The first also wakes by itself, for what is tried again, and tidies up; the others are woken.
        self._workers = [Worker(store, "webhook-0", self._tidy_or_send)]
        self._workers += [
            Worker(store, f"webhook-{number}", self.send_next, look_seconds=None) for number in range(1, workers)
        ]
        store.listen(self._hear)

    def start(self) -> None:
        """Begins with what an earlier process left."""
        for worker in self._workers:
            worker.start()

    def threads(self) -> list[WatchedThread]:
        """Those that send."""
        return [thread for worker in self._workers for thread in worker.threads()]

    def stop(self, timeout: float = 12.0) -> None:
        """Lets what is under way end; the rest stays recorded for the next start."""
        stop_all(self._workers, timeout)

    def _hear(self, touched: set[str]) -> None:
        if WAKE_KEY in touched:
            self._wake()

    def _wake(self) -> None:
        for worker in self._workers:
            worker.wake()

    def _tidy_or_send(self) -> bool:
        now = time.monotonic()
        if self._tidied is None or now - self._tidied > HOUR_SECONDS:
            remove_old_deliveries(self._store)
            self._tidied = now
        return self.send_next()

    def send_next(self) -> bool:
        """Sends the delivery that has been due for longest; False when none is."""
        with self._taking:
            delivery = take_delivery(self._store, self._busy, self._lease_ms)
            if delivery is None:
                return False
            self._busy.add(delivery.webhook_id)
        self._wake()  # there may be more, for others
        try:
            self._try(delivery)
        finally:
            with self._taking:
                self._busy.discard(delivery.webhook_id)
        return True

    def _try(self, delivery: Delivery) -> None:
        started = time.perf_counter()
        timestamp = self._store.clock() // 1000
        attempt = self._send(
            delivery.url,
            headers(delivery.secret, delivery.event_id, timestamp, delivery.body),
            delivery.body,
            self._listed,
        )
        milliseconds = round((time.perf_counter() - started) * 1000)
        # Ids only: an address may carry a secret, an answer a customer's words.
        log.info("webhook", webhook=delivery.webhook_id, delivery=delivery.id, status=attempt.status, ms=milliseconds)
        next_at = BACK_OFF.next_try(self._store.clock(), delivery.attempts, delivery.since) if attempt.problem else None
        if finish_delivery(self._store, delivery, attempt, next_at):
            log.warning("webhook_switched_off", webhook=delivery.webhook_id)
