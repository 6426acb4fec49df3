"""Between processes with one PostgreSQL: NOTIFY and LISTEN, on one channel.

What a transaction touched is told in that transaction, so it arrives when it is committed, and never otherwise. Signs
that are stored nowhere go over a connection of their own. Both carry ids, never what somebody wrote.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
import structlog
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from odziv.bus.bus import TOUCHED
from odziv.bus.messages import write_messages

log = structlog.get_logger()
CHANNEL = "odziv"
LOOK_SECONDS, AGAIN_SECONDS = 1.0, 1.0
NOTIFY = f"SELECT pg_notify('{CHANNEL}', %s)"
_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', :message)")


def notify_touched(connection: Connection, origin: str, keys: Iterable[str]) -> None:
    """Has the others hear of these when the transaction is committed."""
    for message in write_messages(origin, TOUCHED, ((key,) for key in sorted(keys))):
        connection.execute(_NOTIFY, {"message": message})


class Notifications:
    """The transport of one process: a connection that listens, and one that sends, each made anew where it breaks."""

    def __init__(self, url: URL, options: dict[str, Any]) -> None:
        own = {name: value for name, value in options.items() if name not in url.query}
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._options = own
        self._sending: psycopg.Connection[Any] | None = None
        self._lock = threading.Lock()

    def send(self, message: str) -> None:
        """To all who listen; lost where the server can't be reached."""
        with self._lock:
            for _ in range(2):  # the connection may have broken since it was used last
                try:
                    if self._sending is None:
                        self._sending = self._connect()
                    self._sending.execute(NOTIFY, (message,))
                    return
                except psycopg.Error:
                    self._hang_up()

    def receive(self, hear: Callable[[str | bytes | None], None], stopping: threading.Event) -> None:
        """Hears until told to stop. Where the server is away it is tried each second, and then all may have changed."""
        has_told = False
        while not stopping.is_set():
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    hear(None)  # what was sent before
                    has_told = False
                    while not stopping.is_set():
                        for notify in connection.notifies(timeout=LOOK_SECONDS):
                            hear(notify.payload)
                            if stopping.is_set():
                                return
            except psycopg.Error as error:
                if not has_told:
                    log.warning("bus_away", why=type(error).__name__)
                has_told = True
                stopping.wait(AGAIN_SECONDS)

    def stop(self) -> None:
        """`receive` ends within LOOK_SECONDS."""

    def close(self) -> None:
        """Closes the connection that sends."""
        with self._lock:
            self._hang_up()

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._address, autocommit=True, **self._options)

    def _hang_up(self) -> None:
        if self._sending is not None:
            with contextlib.suppress(psycopg.Error):
                self._sending.close()
            self._sending = None
