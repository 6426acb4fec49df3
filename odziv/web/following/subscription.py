"""What wakes a stream: its subscription, and the pauses in which it waits for that."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Subscription:
    """One follower: woken by changes, and handed the typing signs that came in between."""

    def __init__(self) -> None:
        self._has_news = False
        self._has_changed = True  # whoever comes has read nothing yet
        self._typing: dict[str, bool] = {}
        self._is_typing: set[str] = set()
        self._news = threading.Condition()
        self._call: Callable[[], None] | None = None

    def wake(self) -> None:
        """Something changed."""
        with self._news:
            self._has_changed = True
        self._tell()

    def take_change(self) -> bool:
        """Whether anything changed since the last call; typing alone changes nothing."""
        with self._news:
            changed, self._has_changed = self._has_changed, False
        return changed

    def call_when_news(self, call: Callable[[], None]) -> None:
        """Calls it once when something has changed; at once where it had since the last time."""
        with self._news:
            has_news, self._has_news = self._has_news, False
            self._call = None if has_news else call
        if has_news:
            call()

    def give_up(self, call: Callable[[], None]) -> bool:
        """Doesn't call it any more; False when it isn't what would be called next."""
        with self._news:
            is_next = self._call is call
            if is_next:
                self._call = None
        return is_next

    def _tell(self) -> None:
        """There is news: who waits goes on, or is called."""
        with self._news:
            call, self._call = self._call, None
            self._has_news = call is None
            self._news.notify()
        if call is not None:
            call()

    def wait(self, timeout: float) -> bool:
        """Sleeps until something has changed, or had since the last call; False when `timeout` seconds passed first."""
        with self._news:
            self._news.wait_for(lambda: self._has_news, timeout)
            woken, self._has_news = self._has_news, False
        return woken

    def add_typing(self, sender: str, is_typing: bool, *, wakes: bool = True) -> None:
        """Notes that somebody began or stopped typing; without `wakes` it goes out with what comes next."""
        with self._news:
            if not is_typing and sender not in self._is_typing and sender not in self._typing:
                return  # nobody thinks that they are
            (self._is_typing.add if is_typing else self._is_typing.discard)(sender)
            self._typing[sender] = is_typing
        if wakes:
            self._tell()

    def take_typing(self) -> dict[str, bool]:
        """The newest typing sign of each sender since the last call."""
        with self._news:
            signs, self._typing = self._typing, {}
        return signs


class Pause:
    """In a stream: it goes on when the subscription has news, if there is one, or after `seconds`.

    What is sent into the stream then is whether there was news.
    """

    def __init__(self, seconds: float, subscription: Subscription | None = None) -> None:
        self.seconds, self._subscription = seconds, subscription
        self._call: Callable[[], None] | None = None

    def wait(self) -> bool:
        """Sleeps until it is over; whether there was news."""
        if self._subscription is None:
            time.sleep(self.seconds)
            return False
        return self._subscription.wait(self.seconds)

    def call_when_news(self, call: Callable[[], None]) -> None:
        """As `Subscription.call_when_news`; without one there is never any."""
        self._call = call
        if self._subscription is not None:
            self._subscription.call_when_news(call)

    def give_up(self) -> bool:
        """Calls nothing any more; False when it was called already."""
        call, self._call = self._call, None
        if call is None:
            return False
        return self._subscription is None or self._subscription.give_up(call)
