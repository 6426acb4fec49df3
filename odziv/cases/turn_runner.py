"""The threads that take the bot's turns; what is done in one is told in odziv/cases/turns.py."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from odziv.bus.bus import TOUCHED, Bus
from odziv.bus.messages import Item, Kind
from odziv.cases.danger import read_signs
from odziv.cases.lanes import FairShare
from odziv.cases.turns import Reactions, TurnServices, has_spoken
from odziv.processes.periodic import PeriodicTask, WatchedThread
from odziv.store import Store
from odziv.store.conversations.turns import (
    DueTurn,
    Turn,
    find_next_turn,
    keep_turns,
    list_due_turns,
    return_running_turns,
    take_this_turn,
    try_turn_later,
)
from odziv.store.queue import BackOff, Workers

log = structlog.get_logger()
VISITOR = Kind("visitor", (str, str))  # of a conversation that is written in in another process, who writes there
# 0.2 s, 0.4 s, 0.8 s, … up to five. It goes to a person after so many attempts (MAX_ATTEMPTS), not after a time.
BACK_OFF = BackOff(first_ms=200, factor=2, longest_ms=5_000, give_up_ms=None)
MOST_LOOKED_AT = 500  # of the turns that are due, those that have been longest
# So often is looked at the turns under way, and those that have been for so long are kept; the others, nearly all, need
# not be. A lease is four times as long: a worker may be held up, and the database.
KEEP_SECONDS = 3.0
HELD_MS = 500  # when all that is due waits for its own visitor's turns under way, whose threads look again themselves


class UnderWay(PeriodicTask):
    """The turns that this process is at work on: those that take long are kept, so that no other process takes them."""

    def __init__(self, store: Store) -> None:
        super().__init__("turn-leases", pause=KEEP_SECONDS, first=KEEP_SECONDS)
        self._store = store
        self._since: dict[int, tuple[Turn, float]] = {}  # by the monotonic clock

    @contextmanager
    def at_work(self, turn: Turn) -> Iterator[None]:
        """While it lasts, the turn is under way."""
        self._since[id(turn)] = (turn, time.monotonic())
        try:
            yield
        finally:
            del self._since[id(turn)]

    def _run_once(self) -> None:
        before = time.monotonic() - KEEP_SECONDS
        if long := [turn for turn, since in list(self._since.values()) if since <= before]:
            keep_turns(self._store, long)


class TurnRunner(Workers):
    """Takes the turns that are due and finishes them, a few at a time, in threads of this process."""

    def __init__(self, services: TurnServices, bot_failed: type[Exception], workers: int = 8) -> None:
        self._store, self._hub = services.store, services.hub
        self._figures = services.figures
        self._reactions = Reactions(services, bot_failed)
        self._share, self._taking, self._are_held = FairShare(max(1, workers // 2)), threading.Lock(), False
        self._under_way = UnderWay(services.store)
        super().__init__(self._store, "turn", self.run_next, self._find_next, count=workers)

    @property
    def bot_failures(self) -> int:
        """How often the bot had no usable reply, since this process began."""
        return self._reactions.bot_failures

    def start(self) -> None:
        """Picks up what an earlier process left unfinished, then waits for work."""
        read_signs()  # so that the first customer doesn't wait for it
        # Of several workers one knows that what runs is nobody's: the others' turns are due again after their lease.
        returned = return_running_turns(self._store) if self._store.keeps() else 0
        if returned:
            log.info("turns_picked_up", count=returned)
        self._under_way.start()
        super().start()

    def threads(self) -> list[WatchedThread]:
        """Those of all of them."""
        return [*super().threads(), *self._under_way.threads()]

    def stop(self, timeout: float = 10.0) -> None:
        """As ever; those that have not ended by then go on at the next start, or are another's."""
        super().stop(timeout)
        self._under_way.stop(timeout)

    def join(self, bus: Bus) -> None:
        """From now on what other processes commit wakes it too, and it hears from them who writes."""
        bus.subscribe(TOUCHED, lambda _items: self.wake())
        bus.subscribe(VISITOR, self._hear_visitors)
        bus.on_missed(self.wake)

    def _hear_visitors(self, items: Sequence[Item]) -> None:
        for conversation_id, visitor in items:
            self._share.remember(conversation_id, visitor)

    def remember(self, conversation_id: str, visitor: str) -> None:
        """Notes who writes in a conversation: visitors get their turns in rotation."""
        self._share.remember(conversation_id, visitor)

    def run_next(self) -> bool:
        """Finishes a turn that is due, of the visitor who had one longest ago; False when there is none to take."""
        taken = self._take()
        if taken is None:
            return False
        turn, visitor = taken
        try:
            with self._under_way.at_work(turn):
                self.run(turn)
        finally:
            self._share.end(visitor)
        return True

    def _take(self) -> tuple[Turn, str] | None:
        with self._taking:  # else two would see the same order
            due = list_due_turns(self._store, MOST_LOOKED_AT)
            ordered = self._share.order(due)
            self._are_held = bool(due) and not ordered
            return next(filter(None, map(self._try_to_take, ordered)), None)

    def _try_to_take(self, due: DueTurn) -> tuple[Turn, str] | None:
        turn = take_this_turn(self._store, due)
        return (turn, self._share.begin(due)) if turn else None

    def _find_next(self) -> int | None:
        due = find_next_turn(self._store)
        return due if due is None or not self._are_held else max(due, self._store.clock() + HELD_MS)

    def run(self, turn: Turn) -> None:
        """Finishes one turn whatever happens; what nobody foresaw is logged and tried again, then handed off."""
        started, outcome = time.perf_counter(), ""
        try:
            outcome = self._reactions.react(turn)
            self._figures.count_turn(outcome, seconds := time.perf_counter() - started)
            milliseconds = round(seconds * 1000)
            log.info("turn", conversation=turn.conversation_id, seq=turn.seq, outcome=outcome, ms=milliseconds)
        except Exception:
            self._figures.count_turn("failed", time.perf_counter() - started)
            log.exception("turn_failed", conversation=turn.conversation_id, seq=turn.seq)
            self._give_back(turn)
        finally:
            if not has_spoken(outcome):  # else the sign's end was told with that
                self._hub.typing(turn.conversation_id, "bot", False)

    def _give_back(self, turn: Turn) -> None:
        """Until it works: else its conversation would wait for the end of the lease."""
        while True:
            try:
                return try_turn_later(self._store, turn, self._store.clock() + BACK_OFF.wait_ms(turn.attempts))
            except Exception:
                log.exception("turn_not_returned", conversation=turn.conversation_id, seq=turn.seq)
                if self._stopping.wait(1.0):
                    return None  # the next start picks it up
