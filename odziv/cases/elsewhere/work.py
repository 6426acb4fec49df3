"""The bot's turns and what is due later, where a worker does them: it is told over the bus that there is something."""

from __future__ import annotations

import hashlib

from odziv.bus.bus import Bus
from odziv.bus.messages import Kind
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


class WakerElsewhere:
    """Stands for a worker of what is due later, such as `ScheduledReplies`, in a web process."""

    def __init__(self, bus: Bus, kind: Kind) -> None:
        self._bus, self._kind = bus, kind

    def wake(self) -> None:
        """Something may be due sooner than a worker would look."""
        self._bus.publish(self._kind, (True,))
