"""The bot's turns and scheduled replies, where a worker does them: it is told over the bus that there is something."""

from __future__ import annotations

import hashlib

from odziv.bus.bus import Bus
from odziv.cases.scheduled_replies import DUE
from odziv.cases.turn_runner import VISITOR


class TurnsElsewhere:
    """Stands for `TurnRunner` in a web process. `secret` keeps from the bus who a visitor is."""

    def __init__(self, bus: Bus, secret: str) -> None:
        self._bus, self._key = bus, secret.encode()[:64]

    def remember(self, conversation_id: str, visitor: str) -> None:
        """Tells the workers who writes in a conversation, in a form that only says whether it is the same as another's:
        visitors get their turns in rotation."""
        mark = hashlib.blake2b(visitor.encode(), key=self._key, digest_size=8).hexdigest()
        self._bus.publish(VISITOR, (conversation_id, mark))

    def wake(self) -> None:
        """Nothing to tell: the workers hear of every commit."""


class RepliesElsewhere:
    """Stands for `ScheduledReplies` in a web process."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def wake(self) -> None:
        """One may be due sooner than a worker would look."""
        self._bus.publish(DUE, (True,))
