"""How often somebody may try to sign in, counted in memory by network address and by account."""

from __future__ import annotations

import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from store.agents import normalise_email

PER_ADDRESS = RateLimitItemPerMinute(20, 5)
PER_ACCOUNT = RateLimitItemPerMinute(10, 15)


class SignInLimits:
    """Counts attempts before the password is looked at, so that parallel guesses count too."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count_attempt(self, address: str, email: str) -> int:
        """Counts one attempt. Returns 0, or the seconds to wait when it is one too many."""
        keys = ((PER_ADDRESS, address), (PER_ACCOUNT, normalise_email(email)[:320]))
        refused = [self._seconds_left(item, key) for item, key in keys if not self._limiter.hit(item, key)]
        return max(refused, default=0)

    def forget_account(self, email: str) -> None:
        """The right password was given: earlier slips of this account count no more."""
        self._limiter.clear(PER_ACCOUNT, normalise_email(email)[:320])

    def _seconds_left(self, item: RateLimitItem, key: str) -> int:
        return max(1, round(self._limiter.get_window_stats(item, key).reset_time - time.time()))
