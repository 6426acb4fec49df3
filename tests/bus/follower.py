"""Another process of an installation: streams a conversation, and what is set at the desk, to its output, without
ever looking by itself.

`python -m tests.bus.follower FOLDER DATABASE CONVERSATION`; ends when its input does.
"""

from __future__ import annotations

import sys
import threading
from functools import partial
from pathlib import Path

from odziv.cases.settings import following
from odziv.chat.json import message_json
from odziv.settings import Settings
from odziv.web import streams
from odziv.web.following.response import wait_for
from odziv.web.limits import Place
from odziv.web.services import Services
from odziv.wiring import build_services
from tests.fakes import FakeBot, FakeKnowledge


def follow(services: Services, conversation_id: str) -> None:
    """Prints each piece of the stream as it comes."""
    streams.HEARTBEAT_SECONDS = 3600.0
    place = Place("", conversation_id, False)
    say = partial(print, flush=True)
    shown = streams.event_stream(
        services.store, services.hub, place, 0, message_json, lambda found: {"status": found.status}, lambda found: True
    )
    for piece in wait_for(shown):
        say(piece)


def main(var: str, database: str, conversation_id: str) -> None:
    """Follows until its input ends."""
    settings = Settings(sites={"demo": {"name": "Smreka"}}, var=Path(var), database_url=database)
    following.LOOK_SECONDS = 3600.0
    services = build_services(settings, bot=FakeBot(), knowledge=FakeKnowledge())
    services.settings_follower.takers.append(lambda taken: print("colour", taken.sites["demo"].color, flush=True))
    services.settings_follower.start()
    services.bus.on_missed(partial(print, "listening", flush=True))
    services.bus.start()
    threading.Thread(target=follow, args=(services, conversation_id), daemon=True).start()
    for line in sys.stdin:
        services.hub.typing(conversation_id, line.strip(), True)
    services.begin_stop()
    services.settings_follower.stop()
    services.bus.stop()
    services.store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
