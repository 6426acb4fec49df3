"""Run with .venv-rasa: prints what our tracker store still knows of a dialogue whose rows were deleted from its file.

python -m tests.bot.keep_trackers FILE HOURS, after so many hours of silence
"""

import asyncio
import sqlite3
import sys
import time


async def keep(file: str, hours: float) -> int:
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import UserUttered

    from bot.components.tracker_store import RememberingTrackerStore

    store = RememberingTrackerStore(Domain.empty(), dialect="sqlite", db=file)
    tracker = await store.get_or_create_tracker("odziv:a-0", append_action_listen=False)
    tracker.update(UserUttered("hi", timestamp=time.time() - hours * 3600))
    await store.save(tracker)
    with sqlite3.connect(file) as connection:
        assert connection.execute("DELETE FROM events").rowcount == 1
        connection.commit()
    found = await store.retrieve("odziv:a-0")
    return len(found.events) if found else 0


if __name__ == "__main__":
    print(asyncio.run(keep(sys.argv[1], float(sys.argv[2]))))
