"""The threads that send what waits. Everything they know is in the store, so a kill at any moment loses nothing."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import structlog

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.webhooks.deliveries import Attempt, Due, finish, remove_old_deliveries, take_due
from odziv.store.webhooks.events import WAKE_KEY
from odziv.webhooks.sending import post
from odziv.webhooks.signing import headers

log = structlog.get_logger()
LOOK_SECONDS = 1.0
HOUR_SECONDS = 3600.0
# Longer than an attempt can take: then whoever made it is gone.
LEASE_MS = 30_000
# 5 s, 15 s, 45 s, … up to three hours, each longer or shorter by a fifth; after a day it has failed.
FIRST_WAIT_MS, WAIT_FACTOR, LONGEST_WAIT_MS, JITTER = 5_000, 3, 3 * 3_600_000, 0.2
GIVE_UP_MS = 24 * 3_600_000


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
        self._workers, self._lease_ms = workers, lease_ms
        self._busy: set[int] = set()
        self._taking = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        store.listen(self._hear)

    def start(self) -> None:
        """Begins with what an earlier process left."""
        for number in range(self._workers):
            thread = threading.Thread(target=self._work, args=(number == 0,), name=f"webhook-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout: float = 12.0) -> None:
        """Lets what is under way end; the rest stays recorded for the next start."""
        self._stopping.set()
        self._wake.set()
        ends = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def _hear(self, touched: set[str]) -> None:
        if WAKE_KEY in touched:
            self._wake.set()

    def _work(self, is_first: bool) -> None:
        """The first looks around by itself too, for what is tried again, and tidies up; the others are told."""
        tidied = 0.0
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and self.send_next():
                    pass
                if is_first and time.monotonic() - tidied > HOUR_SECONDS:
                    remove_old_deliveries(self._store)
                    tidied = time.monotonic()
            except Exception:  # the store itself failed; a dead thread would be silence from then on
                log.exception("webhooks_stuck")
                self._stopping.wait(1.0)
            self._wait(is_first)

    def _wait(self, is_first: bool) -> None:
        self._wake.wait(LOOK_SECONDS if is_first else None)
        self._stopping.wait(0.01)  # so that the others hear it too
        if not self._stopping.is_set():
            self._wake.clear()

    def send_next(self) -> bool:
        """Sends the delivery that has been due for longest; False when none is."""
        with self._taking:
            due = take_due(self._store, self._busy, self._lease_ms)
            if due is None:
                return False
            self._busy.add(due.webhook_id)
        self._wake.set()  # there may be more, for others
        try:
            self._try(due)
        finally:
            with self._taking:
                self._busy.discard(due.webhook_id)
        return True

    def _try(self, due: Due) -> None:
        started = time.perf_counter()
        timestamp = self._store.clock() // 1000
        attempt = self._send(due.url, headers(due.secret, due.event_id, timestamp, due.body), due.body, self._listed)
        milliseconds = round((time.perf_counter() - started) * 1000)
        # Ids only: an address may carry a secret, an answer a customer's words.
        log.info("webhook", webhook=due.webhook_id, delivery=due.id, status=attempt.status, ms=milliseconds)
        next_at = next_try(self._store.clock(), due.attempts, due.since) if attempt.problem else None
        if finish(self._store, due, attempt, next_at):
            log.warning("webhook_switched_off", webhook=due.webhook_id)


def next_try(now: int, attempts: int, since: int) -> int | None:
    """When to try again after that many attempts, in milliseconds; None after a day."""
    if now - since >= GIVE_UP_MS:
        return None
    wait = min(FIRST_WAIT_MS * WAIT_FACTOR ** (attempts - 1), LONGEST_WAIT_MS)
    return now + round(wait * random.uniform(1 - JITTER, 1 + JITTER))
