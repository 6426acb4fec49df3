"""Two workers on one database: each turn is taken by one of them, and a conversation's in their order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.conversations.turns import find_next_turn
from odziv.web.services import Services
from odziv.wiring import build_services
from tests.fakes import FakeBot, FakeKnowledge
from tests.fixtures import open_again
from tests.waiting import wait_until

CONVERSATIONS, MESSAGES = 6, 5


@pytest.fixture
def workers(settings: Settings, store: Store) -> Iterator[list[Services]]:
    """Two of them, each with a bot and a store of its own."""
    store.clock.run()
    built = []
    for _ in range(2):
        services = build_services(
            settings, role="worker", store=open_again(store), bot=FakeBot(), knowledge=FakeKnowledge()
        )
        services.store.clock = store.clock
        built.append(services)
    yield built
    for services in built:
        services.store.close()


@contextmanager
def running(workers: list[Services]) -> Iterator[None]:
    """Their buses and their turns."""
    for services in workers:
        services.bus.start()
        services.turns.start()
    try:
        yield
    finally:
        for services in workers:
            services.turns.stop()
            services.bus.stop()


def write(store: Store, conversation: str, names: list[str]) -> None:
    for name in names:
        add_customer_message(store, conversation, name, f"{conversation} {name}", "")


def test_each_turn_is_taken_once_and_in_order(store: Store, workers: list[Services]):
    conversations = [create_conversation(store, "demo", "en").id for _ in range(CONVERSATIONS)]
    names = [f"m{number}" for number in range(MESSAGES)]
    with running(workers):
        writers = [threading.Thread(target=write, args=(store, each, names)) for each in conversations]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(60)
        wait_until(lambda: find_next_turn(store) is None, 60)
    asked = [call[2] for services in workers for call in services.bot.calls]
    assert sorted(asked) == sorted(f"{conversation} {name}" for conversation in conversations for name in names)
    for conversation in conversations:
        messages = list_messages(store, conversation)
        written = [message.seq for message in messages if message.sender == "customer"]
        answered = [message.reply_to for message in messages if message.sender == "bot"]
        assert answered == written and len(written) == MESSAGES


def test_who_starts_second_leaves_the_turns_of_the_first_alone(store: Store, workers: list[Services]):
    first, second = workers
    held, go_on = threading.Event(), threading.Event()

    def wait(*_call):
        held.set()
        assert go_on.wait(60)
        return [{"custom": {"text": "Hello", "buttons": [], "answer": None, "considered": []}}]

    first.bot.says = wait
    conversation = create_conversation(store, "demo", "en").id
    with running([first]):
        add_customer_message(store, conversation, "m", "Hello", "")
        assert held.wait(60)
        with running([second]):
            go_on.set()
            wait_until(lambda: find_next_turn(store) is None, 60)
    assert [message.sender for message in list_messages(store, conversation)] == ["customer", "bot"]
    assert second.bot.calls == []
