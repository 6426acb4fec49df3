"""Run with .venv-rasa: writes a dialogue of many turns into our tracker store, and prints what it and its file hold.

python -m tests.bot.long_dialogue FILE TURNS
"""

import asyncio
import json
import sqlite3
import sys


async def talk(file: str, turns: int) -> dict:
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
    from rasa.shared.core.slots import AnySlot

    from bot.components.tracker_store import MOST_EVENTS, RememberingTrackerStore

    def open_store() -> RememberingTrackerStore:
        domain = Domain.empty()
        domain.slots = [AnySlot("language", mappings=[{}], influence_conversation=False)]
        return RememberingTrackerStore(domain, dialect="sqlite", db=file)

    store, longest = open_store(), 0
    for number in range(turns):
        tracker = await store.get_or_create_tracker("odziv:a-0", append_action_listen=False)
        events = [ActionExecuted("action_listen"), UserUttered(f"asked {number}"), ActionExecuted("action_answer")]
        events += [SlotSet("language", "pl")] if number == 0 else []
        for event in [*events, BotUttered(f"said {number}")]:
            tracker.update(event)
        await store.save(tracker)
        longest = max(longest, len(tracker.events))
        if number == turns - 3:
            store._kept.clear()  # others went on meanwhile, more than are remembered
    kept = await store.retrieve("odziv:a-0")
    read = await open_store().retrieve("odziv:a-0")
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT data FROM events WHERE type_name IN ('user', 'bot') ORDER BY id")
        written = [json.loads(data)["text"] for (data,) in rows]
    return {
        "most": MOST_EVENTS,
        "longest": longest,
        "first": kept.events[0].type_name,
        "last": kept.events[-1].text,
        "slots": [kept.get_slot("language"), read.get_slot("language")],
        "read": len(read.events),
        "written": written,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(talk(sys.argv[1], int(sys.argv[2])))))
