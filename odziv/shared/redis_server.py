"""The Redis of an installation. While it is away nobody waits for it: whoever asks is told so at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError, RedisError
from redis.retry import Retry

from odziv.processes.periodic import PeriodicTask

log = structlog.get_logger()
Answer = TypeVar("Answer")
OLDEST = 7  # the first version that is tested
TIMEOUT_SECONDS = 0.2  # to connect, for an answer, and for a connection that others use
MOST_CONNECTIONS = 16  # a call takes a fraction of a millisecond
LOOK_SECONDS = 2.0
PREFIX = "odziv:"  # before the name of every key of ours
PROBE = f"{PREFIX}probe"
NOT_ASKED = "not asked yet"


class RedisAway(Exception):
    """It can't be used now; the text says why. It names no key and no value."""


class RedisServer:
    """The server at an address, like redis://:password@host:6379/0. Thread-safe.

    It is used from the first `look` that finds it well, until a call fails or takes longer than TIMEOUT_SECONDS. From
    then on every call fails at once, until a later `look` finds it well again: of all who call only those wait who
    called before that, and they once.
    """

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=TIMEOUT_SECONDS,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # what a connection begins with is a question less
        )
        self.client = Redis(connection_pool=pool)
        self._trouble: str | None = NOT_ASKED

    @property
    def trouble(self) -> str | None:
        """Why it is not used now, in words for an operator; None while it is."""
        return self._trouble

    def call(self, ask: Callable[[Redis], Answer]) -> Answer:
        """What `ask` makes of the client. Raises RedisAway."""
        if self._trouble is not None:
            raise RedisAway(self._trouble)
        try:
            return ask(self.client)
        except (RedisError, OSError) as error:
            self._note(_tell(error))
            raise RedisAway(_tell(error)) from error

    def look(self) -> None:
        """Whether it is there, new enough and can be written to. Takes a few times TIMEOUT_SECONDS at most, and as long
        as its name takes to be looked up."""
        try:
            self.client.set(PROBE, 1, px=60_000)
            self._note(self._tell_version())
        except (RedisError, OSError) as error:
            self._note(_tell(error))

    def close(self) -> None:
        """Closes every connection."""
        self.client.close()
        self.client.connection_pool.disconnect()

    def _tell_version(self) -> str | None:
        try:
            version = str(self.client.info("server").get("redis_version", ""))
        except NoPermissionError:  # some providers keep it to themselves
            return None
        first = version.partition(".")[0]
        is_older = first.isdigit() and int(first) < OLDEST
        return f"it is Redis {version[:20]}; {OLDEST} or newer is needed" if is_older else None

    def _note(self, trouble: str | None) -> None:
        was, self._trouble = self._trouble, trouble
        if trouble is not None and was in (None, NOT_ASKED):
            log.warning("redis_away", why=trouble)
        if trouble is None and was is not None:
            log.info("redis_in_use")


def _tell(error: Exception) -> str:
    """What a driver says, in a line. It repeats no password, and of what is asked nothing."""
    said = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {said}"[:200] if said else type(error).__name__


class RedisWatch(PeriodicTask):
    """Looks every few seconds, so that no request has to find out."""

    def __init__(self, server: RedisServer) -> None:
        super().__init__("redis-watch", pause=LOOK_SECONDS)
        self._server = server

    def stop(self, timeout: float = 10.0) -> None:
        """Ends, and closes the connections."""
        super().stop(timeout)
        self._server.close()

    def _run_once(self) -> None:
        self._server.look()


def script(text: str) -> Callable[[Redis, list[str], list[Any]], Any]:
    """A function that runs the Lua script, with the keys and arguments it is given, in one step that nobody sees half.

    The server keeps the text; one that has lost it is given it again.
    """

    def run(client: Redis, keys: list[str], arguments: list[Any]) -> Any:
        return client.register_script(text)(keys=keys, args=arguments)

    return run
