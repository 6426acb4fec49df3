"""How often somebody may try to sign in, counted in memory: the guesser is slowed down, the owner is not.

A browser that has been signed in before (`odziv/desk/people/known_devices.py`) is counted by itself, so nobody
elsewhere can use up its tries. All others are counted by network, by account and network, and by account. Only wrong
tries count. What that leaves to a guesser is worked out in docs/operators.md.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from odziv.store.agents.agent import normalise_email
from odziv.store.lengths import LONGEST_EMAIL
from odziv.web.limits import HOUR, MINUTE, MovingWindows


class Limit(NamedTuple):
    """So many wrong tries in so many seconds."""

    amount: int
    seconds: float


# From browsers that are not known: from one network whatever the account, at one account from one network, and at one
# account from everywhere.
PER_ADDRESS = Limit(20, 5 * MINUTE)
PER_ACCOUNT_AT_ADDRESS = Limit(10, 15 * MINUTE)
PER_ACCOUNT = Limit(100, HOUR)
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


class SignInLimits:
    """Counts tries before the password is looked at, so that parallel guesses count too."""

    def __init__(self) -> None:
        self._windows = MovingWindows()
        self._under_way: Counter[Hashable] = Counter()
        self._waiting = self._strangers = 0
        self._decided = threading.Condition()

    @contextmanager
    def attempt(self, network: str, email: str, device: str | None) -> Iterator[Attempt]:
        """One try at an account; `device` names a browser known to it. Raises TooManyAttempts."""
        account = account_of(email)
        if device is not None:
            limits: dict[Hashable, Limit] = {("device", device, account): PER_DEVICE}
        else:
            limits = {
                ("network", network): PER_ADDRESS,
                ("account", account, network): PER_ACCOUNT_AT_ADDRESS,
                ("account", account): PER_ACCOUNT,
            }
        attempt = Attempt(("codes", account, device))
        with self._door(is_known=device is not None):
            self._begin(limits)
            try:
                yield attempt
            finally:
                self._end(limits, attempt.is_right)

    def may_try_code(self, attempt: Attempt) -> bool:
        """Counts one code tried after the right password; False when it is one too many."""
        return not self._windows.hit(attempt.codes_key, *CODES)

    def was_right_code(self, attempt: Attempt) -> None:
        """Earlier slips count no more."""
        self._windows.clear(attempt.codes_key)

    def count_inside(self, agent_id: int) -> int:
        """Counts a try at password or code by an agent who is signed in; returns 0 or the seconds to wait."""
        return self._windows.hit(("inside", agent_id), *PER_DEVICE)

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

    def _begin(self, limits: Mapping[Hashable, Limit]) -> None:
        ends = time.monotonic() + WAIT_SECONDS
        with self._decided:
            while seconds := self._windows.hit_all(limits):
                left = ends - time.monotonic()
                is_open = any(self._under_way[key] for key in limits)
                if not is_open or left <= 0 or self._waiting >= MOST_WAITING:
                    raise TooManyAttempts(seconds)
                self._waiting += 1
                self._decided.wait(left)
                self._waiting -= 1
            self._under_way.update(limits.keys())

    def _end(self, limits: Mapping[Hashable, Limit], is_right: bool) -> None:
        with self._decided:
            self._under_way.subtract(limits.keys())
            self._under_way += Counter()  # forgets those at nought
            for key, limit in limits.items() if is_right else ():
                if limit in (PER_DEVICE, PER_ACCOUNT_AT_ADDRESS):
                    self._windows.clear(key)
                else:
                    self._windows.take_back(key)
            self._decided.notify_all()


def account_of(email: str) -> str:
    """What an account's tries are counted by."""
    return normalise_email(email)[:LONGEST_EMAIL]
