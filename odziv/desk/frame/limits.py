"""How often somebody may try to sign in, counted in memory by network address and by account."""

from __future__ import annotations

from typing import NamedTuple

from odziv.store.agents.agent import normalise_email
from odziv.store.lengths import LONGEST_EMAIL
from odziv.web.limits import MINUTE, MovingWindows


class Limit(NamedTuple):
    """So many attempts in so many seconds."""

    amount: int
    seconds: float


PER_ADDRESS = Limit(20, 5 * MINUTE)
PER_ACCOUNT = Limit(10, 15 * MINUTE)


class SignInLimits:
    """Counts attempts before the password is looked at, so that parallel guesses count too."""

    def __init__(self) -> None:
        self._addresses, self._accounts = MovingWindows(), MovingWindows()

    def count_attempt(self, address: str, email: str) -> int:
        """Counts one attempt. Returns 0, or the seconds to wait when it is one too many."""
        return max(self._addresses.hit(address, *PER_ADDRESS), self._accounts.hit(account_of(email), *PER_ACCOUNT))

    def forget_account(self, email: str) -> None:
        """The right password was given: earlier slips of this account count no more."""
        self._accounts.clear(account_of(email))


def account_of(email: str) -> str:
    """What an account's attempts are counted by."""
    return normalise_email(email)[:LONGEST_EMAIL]
