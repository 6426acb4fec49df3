"""Rasa's SQL tracker store, that remembers the conversations at hand, and of long ones their end.

The one it builds on reads and counts all events of a conversation anew at every step of a turn, over a connection
opened for the purpose: two fifths of what a turn takes. And Rasa goes through all events of a tracker several times a
turn, so the thousandth message took five times as long as the tenth. What is written is the same.
"""

from __future__ import annotations

import itertools
import json
import time
from collections import OrderedDict
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.pool import StaticPool

MOST_REMEMBERED = 500  # conversations; the others are read from the file when they go on
# Events of a conversation, some ten for each message and its reply. Of more than MOST_EVENTS the beginning is
# forgotten, down to FEWEST_EVENTS. What was counted is in slots, which stay; no rule looks further back than the
# last message, and our actions at the last two answers.
MOST_EVENTS, FEWEST_EVENTS = 120, 60
OLD_SECONDS = 20 * 60 * 60.0  # well before bot/trackers.py deletes them


class RememberingTrackerStore(SQLTrackerStore):
    """Keeps trackers between turns, with how many of their events are in the file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.engine.dialect.name == "sqlite":
            self._keep_connection()
        self._kept: OrderedDict[str, tuple[DialogueStateTracker, int]] = OrderedDict()

    def _keep_connection(self) -> None:
        """One connection for all, as Rasa works on one turn at a time; what it writes survives a kill, as before."""
        url = self.engine.url
        self.engine.dispose()
        self.engine = sa.create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as last saved; None for a new one."""
        tracker, stored = self._kept.get(sender_id, (None, 0))
        # More events than were saved: a turn failed half-way, and what it left behind does not count. Nothing for long:
        # it may be gone from the file (bot/trackers.py), and would go on there without its beginning.
        if tracker is None or len(tracker.events) != stored or _is_old(tracker):
            self._kept.pop(sender_id, None)
            tracker = await super().retrieve(sender_id)
            if tracker is not None:
                _note_stored(tracker)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes the events that are not in the file yet."""
        await self.stream_events(tracker)
        with self.session_scope() as session:
            stored = tracker.__dict__.get(STORED)
            if stored is None:
                stored = len(tracker.events) - len(list(self._additional_events(session, tracker)))
            rows = [self._row(tracker.sender_id, event) for event in itertools.islice(tracker.events, stored, None)]
            if rows:
                session.execute(sa.insert(self.SQLEvent), rows)
                session.commit()
        _forget_beginning(tracker)
        _note_stored(tracker)
        self._kept.pop(tracker.sender_id, None)
        self._kept[tracker.sender_id] = tracker, len(tracker.events)
        while len(self._kept) > MOST_REMEMBERED:
            self._kept.popitem(last=False)

    def _row(self, sender_id: str, event: Any) -> dict[str, Any]:
        data = event.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data),
        }


STORED = "_odziv_stored"  # how many of a tracker's events are in the file; whatever came later is not


def _note_stored(tracker: DialogueStateTracker) -> None:
    tracker.__dict__[STORED] = len(tracker.events)


def _forget_beginning(tracker: DialogueStateTracker) -> None:
    """Of a long conversation keeps the end, from where the bot listened."""
    if len(tracker.events) <= MOST_EVENTS:
        return
    end = list(tracker.events)[-FEWEST_EVENTS:]
    begins = (place for place, event in enumerate(end) if getattr(event, "action_name", None) == ACTION_LISTEN_NAME)
    tracker.events = tracker._create_events(end[next(begins, 0) :])


def _is_old(tracker: DialogueStateTracker) -> bool:
    return not tracker.events or tracker.events[-1].timestamp < time.time() - OLD_SECONDS
