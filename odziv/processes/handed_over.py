"""How an application hands the rest of a response over, so that it holds no thread: streams, which pause for long."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Protocol

HAND_OVER = "odziv.hand_over"  # in WSGI's environment: makes the body of a stream


class Pause(Protocol):
    """What a stream waits for: news, or that `seconds` have passed."""

    seconds: float

    def call_when_news(self, call: Callable[[], None]) -> None:
        """Calls it once, from any thread, when there is news; at once where there is some already."""

    def give_up(self) -> bool:
        """Calls nothing any more; False when it was called already."""


Events = Generator[str | Pause, bool | None, None]


class HandedOver(BaseException):
    """Passes through whoever writes a response: the rest of it is sent by somebody else. `body` is what it is."""

    def __init__(self, body: HandedBody) -> None:
        super().__init__()
        self.body = body


class HandedBody:
    """The body of a response that is handed over once its head has been sent. `leave` is called when it is over."""

    def __init__(self, events: Events, leave: Callable[[], None]) -> None:
        self.events, self.leave = events, leave
        self._is_handed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b""  # the head goes out with the first piece, however short
        self._is_handed = True
        raise HandedOver(self)

    def close(self) -> None:
        """By whoever wrote the response; the end of a stream that was never handed over."""
        if not self._is_handed:
            self.end()

    def end(self) -> None:
        """Nothing is to come any more."""
        try:
            self.events.close()
        finally:
            self.leave()
