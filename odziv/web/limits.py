"""How often one visitor or network address may do what; counted in memory, per process (shared_windows.py: for all)."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from odziv.web.errors import ApiError

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0  # seconds
SWEEP_SECONDS = 60.0  # between two looks for windows that nothing is left in
# Open at once: by one conversation (a customer's tabs and devices), and by one agent (theirs).
STREAMS_OF_CONVERSATION, STREAMS_OF_AGENT = 4, 20
DESK_PART = 5  # so that crowds of visitors never shut agents out, one in so many streams is kept for the desk
RETRY_SECONDS = 15  # after which somebody without a stream may try again


class Limit(NamedTuple):
    """So many in so many seconds: in any such span or, where it `refills`, at once, and then one by one at that rate.

    Whoever is refused by one that refills waits for one only.
    """

    amount: int
    seconds: float
    refills: bool = False


@dataclass
class Window:
    """When something was counted, oldest first, and for how many seconds each counts."""

    seconds: float
    times: deque[float] = field(default_factory=deque)

    def forget_before(self, now: float) -> None:
        """Drops what counts no more."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()

    def wait(self, now: float, most: int) -> int:
        """0 while fewer than `most` count; else the whole seconds, at least 1, until that is so."""
        self.forget_before(now)
        if len(self.times) < most:
            return 0
        wait = self.times[len(self.times) - most] + self.seconds - now if most > 0 else self.seconds
        return max(1, round(wait))

    def add(self, now: float) -> None:
        """Counts one."""
        self.times.append(now)

    def take_back(self) -> None:
        """The last was none."""
        if self.times:
            self.times.pop()

    def is_empty(self) -> bool:
        """Whether nothing counts any more."""
        return not self.times


@dataclass
class Bucket:
    """How many of those counted are not made good yet; one is, every `each` seconds."""

    each: float
    level: float = 0.0
    looked: float = 0.0

    def forget_before(self, now: float) -> None:
        """Drops what was made good meanwhile."""
        self.level, self.looked = max(0.0, self.level - (now - self.looked) / self.each), now

    def wait(self, now: float, most: int) -> int:
        """0 while there is room for one more; else the whole seconds, at least 1, until there is."""
        self.forget_before(now)
        excess = self.level - (most - 1)
        return max(1, math.ceil(excess * self.each)) if excess > 1e-6 else 0

    def add(self, now: float) -> None:
        """Counts one."""
        self.forget_before(now)
        self.level += 1

    def take_back(self) -> None:
        """The last was none."""
        self.level = max(0.0, self.level - 1)

    def is_empty(self) -> bool:
        """Whether nothing counts any more."""
        return self.level <= 0


class Windows(Protocol):
    """Counts by key how much happened in the last so many seconds, in this process or in all: see MovingWindows."""

    def hit(self, key: Hashable, most: int, seconds: float) -> int: ...

    def hit_all(self, limits: Mapping[Any, Limit]) -> int: ...

    def take_back(self, key: Hashable) -> None: ...

    def clear(self, key: Hashable) -> None: ...


class MovingWindows:
    """Counts by key how much happened in the last so many seconds. Thread-safe.

    Our own few lines because the usual package starts a thread at nearly every call, and the caller waits until that
    runs: beside two busy threads some 30 ms, twice for every message.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[Hashable, Window | Bucket] = {}
        self._swept = clock()
        self._lock = threading.Lock()

    def hit(self, key: Hashable, most: int, seconds: float) -> int:
        """Counts one and returns 0; where `most` were counted already, counts none and returns the seconds to wait.

        Those are whole ones, at least 1.
        """
        return self.hit_all({key: Limit(most, seconds)})

    def hit_all(self, limits: Mapping[Any, Limit]) -> int:
        """The same for several keys together, each with its limit: one counts with all or with none."""
        with self._lock:
            now = self._clock()
            if now - self._swept >= SWEEP_SECONDS:
                self._sweep(now)
            windows = {key: self._window(key, limit) for key, limit in limits.items()}
            wait = max(windows[key].wait(now, limit.amount) for key, limit in limits.items())
            for window in () if wait else windows.values():
                window.add(now)
            return wait

    def _window(self, key: Hashable, limit: Limit) -> Window | Bucket:
        if key not in self._windows:
            self._windows[key] = Bucket(limit.seconds / limit.amount) if limit.refills else Window(limit.seconds)
        return self._windows[key]

    def take_back(self, key: Hashable) -> None:
        """One that was counted was none."""
        with self._lock:
            window = self._windows.get(key)
            if window is not None:
                window.take_back()

    def clear(self, key: Hashable) -> None:
        """Forgets what was counted for `key`."""
        with self._lock:
            self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._swept = now
        for window in self._windows.values():
            window.forget_before(now)
        self._windows = {key: window for key, window in self._windows.items() if not window.is_empty()}


class RateLimits:
    """How often in a minute, or an hour, by kind and key."""

    def __init__(self, windows: Windows | None = None) -> None:
        self._windows = windows or MovingWindows()

    def check(self, kind: str, key: str, per_minute: int) -> None:
        """Counts one. Raises ApiError 429, with the seconds to wait, when it is one too many."""
        self._check(kind, key, per_minute, MINUTE)

    def check_hourly(self, kind: str, key: str, per_hour: int) -> None:
        """The same for what hardly anybody does more than a few times."""
        self._check(kind, key, per_hour, HOUR)

    def _check(self, kind: str, key: str, most: int, seconds: float) -> None:
        if wait := self._windows.hit((kind, key, seconds), most, seconds):
            raise ApiError(429, "rate_limited", f"Too many requests; try again in {wait} seconds.", retry_after=wait)


@dataclass(eq=False)
class Place:
    """A stream that is open. `is_lost`: newer ones of its owner took its place, and it is to end.

    `displaced` says that another one was lost to this one, and has to be woken to end.
    """

    address: str
    owner: str
    is_desk: bool
    is_lost: bool = False
    displaced: bool = False


class OpenStreams:
    """Counts event streams, since each takes memory and a connection.

    Visitors share four fifths of `total`, each address at most `per_address`; the last fifth is the desk's alone, whose
    agents may sit behind one address. A conversation and an agent, an `owner`, hold a few: beyond those the oldest
    goes, which may be one whose browser has left without a word.
    """

    def __init__(self, total: int, per_address: int) -> None:
        self._total, self._per_address, self._kept_for_desk = total, per_address, total // DESK_PART
        self._open: set[Place] = set()
        self._at_desk = 0
        self._addresses: Counter[str] = Counter()  # of those of visitors that are not lost
        self._owners: dict[str, deque[Place]] = defaultdict(deque)
        self._lock = threading.Lock()

    def enter(self, address: str, owner: str, *, is_desk: bool = False) -> Place:
        """Takes a place. Raises ApiError 429 or 503 when there is none; the caller polls instead."""
        place, most = Place(address, owner, is_desk), STREAMS_OF_AGENT if is_desk else STREAMS_OF_CONVERSATION
        with self._lock:
            is_in_excess = len(self._owners.get(owner, ())) >= most
            oldest = self._owners[owner][0] if is_in_excess else None
            self._check_room(place, oldest)
            if oldest is not None:
                oldest.is_lost = place.displaced = True
                self._uncount(oldest)
            self._open.add(place)
            self._at_desk += is_desk
            self._owners[owner].append(place)
            self._addresses[address] += not is_desk
        return place

    def count(self) -> dict[str, int]:
        """How many are open now, of customers ("visitor") and of agents ("desk")."""
        with self._lock:
            return {"visitor": len(self._open) - self._at_desk, "desk": self._at_desk}

    def leave(self, place: Place) -> None:
        """Gives the place back."""
        with self._lock:
            if place in self._open and not place.is_lost:
                self._uncount(place)
            if place in self._open:
                self._open.remove(place)
                self._at_desk -= place.is_desk

    def _check_room(self, place: Place, oldest: Place | None) -> None:
        """`oldest` makes room at its address; it counts among all until it has ended."""
        freed = oldest is not None and oldest.address == place.address
        if not place.is_desk and self._addresses[place.address] - freed >= self._per_address:
            raise ApiError(429, "rate_limited", "Too many open streams from this address.", retry_after=RETRY_SECONDS)
        free = self._total - len(self._open)
        # What agents have taken of their fifth is not kept a second time.
        kept = 0 if place.is_desk else max(0, self._kept_for_desk - self._at_desk)
        if free <= kept:
            raise ApiError(503, "busy", "All streams are taken; ask for new messages instead.", RETRY_SECONDS)

    def _uncount(self, place: Place) -> None:
        self._owners[place.owner].remove(place)
        if not self._owners[place.owner]:
            del self._owners[place.owner]
        self._addresses[place.address] -= not place.is_desk
        if self._addresses[place.address] <= 0:
            del self._addresses[place.address]
