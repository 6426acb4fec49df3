"""Run as a process: writes events and sends them, saying what was committed, until it is killed or has written all."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import structlog

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.webhooks import WebhookSender, sender


def main(folder: str, host: str, name: str, count: int) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    sender.BACK_OFF = replace(sender.BACK_OFF, first_ms=50, longest_ms=200)
    settings = Settings(sites={"demo": {"name": "Smreka"}}, desk={"webhook_hosts": [host]})
    store = Store.in_folder(Path(folder))
    sending = WebhookSender(store, settings, lease_ms=600)
    sending.start()
    conversation = create_conversation(store, "demo", "sl")
    for number in range(count):
        text = f"{name}-{number}"
        add_customer_message(store, conversation.id, text, text, text)
        print(text, flush=True)  # acknowledged
        time.sleep(0.01)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
