"""The threads that send what waits to agents' browsers, through the push services of the browsers' makers."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import structlog

from odziv.cases.push.keys import NotAKey, encrypt, make_key, sign
from odziv.cases.push.wording import word
from odziv.processes.periodic import WatchedThread
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.engine import HOUR_MS
from odziv.store.push.pushes import (
    WAKE_KEY,
    Push,
    find_next_push,
    finish_failed,
    finish_gone,
    finish_sent,
    take_push,
    try_push_later,
)
from odziv.store.queue import BackOff, Workers
from odziv.store.webhooks.deliveries import Attempt
from odziv.web.outgoing import post

log = structlog.get_logger()
LEASE_MS = 30_000  # longer than an attempt can take
# A notification about what was hours ago helps nobody: push service and we give up after one.
KEPT_SECONDS = 3600
BACK_OFF = BackOff(first_ms=5_000, factor=3, longest_ms=HOUR_MS // 6, give_up_ms=KEPT_SECONDS * 1000, jitter=0.2)
GONE = (404, 410)
NEVER = (400, 401, 403, 413)  # the same again would be answered the same
WORKERS = 2


class PushSender:
    """A kill at any moment loses nothing, and sends a notification twice at the worst: it takes the first's place."""

    def __init__(self, store: Store, settings: Settings, *, send: Callable[..., Attempt] = post) -> None:
        self._store, self.settings, self._send = store, settings, send
        self._key = make_key(settings.secret("push"))
        self._workers = Workers(store, "push", self.send_next, lambda: find_next_push(store), count=WORKERS)
        store.listen(self._hear)

    def start(self) -> None:
        """Begins with what an earlier process left."""
        self._workers.start()

    def threads(self) -> list[WatchedThread]:
        """Those that send."""
        return self._workers.threads()

    def stop(self, timeout: float = 12.0) -> None:
        """Lets what is under way end; the rest goes on at the next start."""
        self._workers.stop(timeout)

    def _hear(self, touched: set[str]) -> None:
        if WAKE_KEY in touched:
            self._workers.wake()

    def send_next(self) -> bool:
        """Sends what has been due for longest; False when nothing is."""
        push = take_push(self._store, LEASE_MS)
        if push is None:
            return False
        try:
            sealed = encrypt(self._write(push), push.p256dh, push.auth)
        except NotAKey:
            finish_gone(self._store, push)
            return True
        now = self._store.clock()
        headers = {
            **sign(self._key, push.endpoint, find_contact(self.settings), now // 1000),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_SECONDS),
            "Topic": f"odziv-{push.tag}",
            "Urgency": "normal" if push.tag == "mention" else "high",
        }
        attempt = self._send(push.endpoint, headers, sealed, self.settings.desk.webhook_hosts)
        log.info("push", subscription=push.subscription_id, tag=push.tag, status=attempt.status)
        self._note(push, attempt)
        return True

    def _note(self, push: Push, attempt: Attempt) -> None:
        if not attempt.problem:
            finish_sent(self._store, push)
        elif attempt.status in GONE:
            finish_gone(self._store, push)
        else:
            again = BACK_OFF.next_try(self._store.clock(), push.attempts, push.created_at)
            if again is None or attempt.status in NEVER:
                finish_failed(self._store, push, attempt.problem)
            else:
                try_push_later(self._store, push, again, attempt.problem)

    def _write(self, push: Push) -> str:
        conversation = push.content.get("conversation")
        path = f"conversations/{quote(conversation, safe='')}" if conversation else "account"
        told = {**word(push.tag, push.content, push.language), "tag": f"odziv-{push.tag}", "path": path}
        return json.dumps(told, ensure_ascii=False)


def find_contact(settings: Settings) -> str:
    """Whom a push service may write to about what we send: the address of e-mail, else our own on the web."""
    if settings.mail.is_on:
        return f"mailto:{settings.mail.first_address}"
    return settings.url if settings.is_https else "mailto:odziv@localhost"
