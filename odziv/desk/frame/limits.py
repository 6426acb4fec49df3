"""How often somebody may try to sign in: the guesser is slowed down, the owner is not.

A browser that has been signed in before (`odziv/desk/people/known_devices.py`) is counted by itself, so nobody
elsewhere can use up its tries. All others are counted by network, by account and network, and by account. When those
at an account have used up its tries, there are others for blocks of networks from which hardly anybody tried it that
day, and password and code together are looked at all the same. Only wrong tries count. What that leaves to a guesser
is worked out in docs/operators.md. Tries are counted where all limits are, with Redis for all processes together; who
waits for whom, and how many are let in at once, is each process's own matter.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from odziv.store.agents.agent import normalise_email
from odziv.store.lengths import LONGEST_EMAIL
from odziv.web.limits import DAY, HOUR, MINUTE, Limit, MovingWindows, Windows
from odziv.web.networks import block_of

# From browsers that are not known: from one network whatever the account, at one account from one network, and at one
# account from everywhere.
PER_ADDRESS = Limit(20, 5 * MINUTE)
PER_ACCOUNT_AT_ADDRESS = Limit(10, 15 * MINUTE)
PER_ACCOUNT = Limit(100, HOUR, refills=True)
# When that is used up: from blocks with fewer wrong tries at the account, and from all such blocks together.
PER_QUIET_BLOCK = Limit(3, DAY)
PER_ACCOUNT_FROM_QUIET = Limit(100, HOUR, refills=True)
COUNTED = Limit(10**9, PER_QUIET_BLOCK.seconds)  # what a block did before
# From a known browser, at an account that has been signed in there.
PER_DEVICE = Limit(10, 15 * MINUTE)
# Codes after the right password, of a known browser or of all the others: six digits are guessed sooner.
CODES = Limit(20, 24 * HOUR)
# Whose try would be one too many only if those under way are wrong waits for them; so many do, so long.
MOST_WAITING, WAIT_SECONDS = 20, 5.0
# So many from browsers that are not known are seen to at once; the next is asked to come again in a moment.
MOST_STRANGERS, CROWDED_SECONDS = 40, 5


class TooManyAttempts(Exception):
    """It would be one too many; the next may be in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


@dataclass
class Attempt:
    """A try under way. Counts as wrong unless `is_right` is set."""

    codes_key: Hashable
    is_right: bool = False
    needs_code: bool = False  # the password alone is not enough, and nothing is said about it


# What is counted of all together: one that was right takes back only itself, and earlier ones still count.
SHARED = ("network", "account", "quiet")
Limits = Mapping[tuple[str, ...], Limit]
CODE_WAY = 2  # of the ways of a stranger, the one that needs a code


class SignInLimits:
    """Counts tries before the password is looked at, so that parallel guesses count too."""

    def __init__(self, windows: Windows | None = None) -> None:
        self._windows = windows or MovingWindows()
        self._under_way: Counter[Hashable] = Counter()
        self._waiting = self._strangers = 0
        self._decided = threading.Condition()

    @contextmanager
    def attempt(self, network: str, email: str, device: str | None, *, has_code: bool = False) -> Iterator[Attempt]:
        """One try at an account; `device` names a browser known to it, `has_code`: a code came with the password.

        Raises TooManyAttempts, after the try too where that needed a code and was wrong.
        """
        account = account_of(email)
        ways = _stranger_ways(account, network, has_code) if device is None else [_device_way(account, device)]
        attempt = Attempt(("codes", account, device))
        with self._door(is_known=device is not None):
            taken, seconds = self._begin(ways)
            attempt.needs_code = device is None and taken == CODE_WAY
            try:
                yield attempt
            finally:
                self._end(ways[taken], attempt.is_right)
        if attempt.needs_code and not attempt.is_right:
            raise TooManyAttempts(seconds)

    def may_try_code(self, attempt: Attempt) -> bool:
        """Counts one code tried after the right password; False when it is one too many."""
        return not self._windows.hit_all({attempt.codes_key: CODES})

    def was_right_code(self, attempt: Attempt) -> None:
        """Earlier slips count no more."""
        self._windows.clear(attempt.codes_key)

    def count_inside(self, agent_id: int) -> int:
        """Counts a try at password or code by an agent who is signed in; returns 0 or the seconds to wait."""
        return self._windows.hit_all({("inside", agent_id): PER_DEVICE})

    def forgive_inside(self, agent_id: int) -> None:
        """It was right."""
        self._windows.clear(("inside", agent_id))

    @contextmanager
    def _door(self, *, is_known: bool) -> Iterator[None]:
        """Lets few strangers in at once: each holds a thread, and who is known waits behind them for the hashing."""
        if is_known:
            yield
            return
        with self._decided:
            if self._strangers >= MOST_STRANGERS:
                raise TooManyAttempts(CROWDED_SECONDS)
            self._strangers += 1
        try:
            yield
        finally:
            with self._decided:
                self._strangers -= 1

    def _begin(self, ways: Sequence[Limits]) -> tuple[int, int]:
        """Counts by the first of `ways` that has room. Returns its number, and the seconds till one before it has."""
        ends = time.monotonic() + WAIT_SECONDS
        with self._decided:
            while (taken := self._hit_first(ways))[0] is None:
                left = ends - time.monotonic()
                is_open = any(self._under_way[key] for limits in ways for key in limits)
                if not is_open or left <= 0 or self._waiting >= MOST_WAITING:
                    raise TooManyAttempts(taken[1])
                self._waiting += 1
                self._decided.wait(left)
                self._waiting -= 1
            self._under_way.update(ways[taken[0]].keys())
        return taken[0], taken[1]

    def _hit_first(self, ways: Sequence[Limits]) -> tuple[int | None, int]:
        waits: list[int] = []
        for number, limits in enumerate(ways):
            if not (seconds := self._windows.hit_all(limits)):
                return number, min(waits, default=0)
            waits.append(seconds)
        return None, min(waits)

    def _end(self, limits: Limits, is_right: bool) -> None:
        with self._decided:
            self._under_way.subtract(limits.keys())
            self._under_way += Counter()  # forgets those at nought
            for key in limits if is_right else ():
                if key[0] in SHARED:
                    self._windows.take_back(key)
                else:
                    self._windows.clear(key)
            self._decided.notify_all()


def account_of(email: str) -> str:
    """What an account's tries are counted by."""
    return normalise_email(email)[:LONGEST_EMAIL]


def _device_way(account: str, device: str) -> Limits:
    return {("device", device, account): PER_DEVICE}


def _stranger_ways(account: str, network: str, has_code: bool) -> list[Limits]:
    """What a try from a browser that is not known may be counted by, the first that has room."""
    own: Limits = {("network", network): PER_ADDRESS, ("here", account, network): PER_ACCOUNT_AT_ADDRESS}
    block = ("block", account, block_of(network))
    ways: list[Limits] = [
        {**own, block: COUNTED, ("account", account): PER_ACCOUNT},
        {**own, block: PER_QUIET_BLOCK, ("quiet", account): PER_ACCOUNT_FROM_QUIET},
    ]
    return [*ways, own] if has_code else ways
