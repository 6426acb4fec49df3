"""`python -m bench.long`: whether the 1,000th message of a conversation costs more than the 10th.

The running product, its real Rasa included. One conversation is written until it has a thousand messages; then a
message there, and the 9th and 10th of a new conversation, are measured by turns: seconds to the acknowledgement and to
the answer on the stream, processor time of the web process and of Rasa, and the desk's page of the conversation with
what a page that is open fetches after a message. Exit code 0 when no median costs more than 1.2 times as much.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient

from bench.parts.processes import exact_cpu_seconds
from bench.parts.product import ROOT, NotStarted, Product, stop_tidily
from bench.parts.summary import table
from bench.parts.visitor import Visitor, open_client
from odziv.settings import load_settings
from odziv.store.agents.agent import accept_invitation, invite, open_session
from odziv.wiring import build_services
from server import create_app
from tests.fakes import FakeBot, FakeKnowledge

LONG, WANTED = 1000, 1.2
# What is answered again and again, without anybody being fetched.
WORDS = ("Hello", "Thank you", "Hello again", "Thanks a lot", "Good morning")
OURS = ("web", "worker")  # roles of processes
OPENING = "opening the desk's page"
PAGES = {
    "what the open desk fetches": "/desk/conversations/{id}/log?after={after}",
    OPENING: "/desk/conversations/{id}",
}
Costs = dict[str, list[float]]


async def exchange(visitor: Visitor, text: str) -> tuple[float, float]:
    """Seconds to the acknowledgement, and to the answer on the stream. Raises RuntimeError when a person is fetched."""
    began = time.perf_counter()
    sent = await visitor.post(text)
    arrival = await asyncio.wait_for(visitor.reaction_to(sent.seq), 20.0)
    if arrival is None or visitor.status != "bot":
        raise RuntimeError(f"{text!r} fetched a person")
    return sent.seconds, arrival.at - began


@contextmanager
def followed(visitor: Visitor) -> Iterator[None]:
    """While it lasts, the visitor's stream is read."""
    following = asyncio.create_task(visitor.follow())
    try:
        yield
    finally:
        following.cancel()


async def talk(visitor: Visitor, exchanges: int) -> None:
    """So many messages, each with its answer."""
    for number in range(exchanges):
        await exchange(visitor, WORDS[number % len(WORDS)])


async def measure_one(product: Product, visitor: Visitor, desk: FlaskClient, costs: Costs) -> None:
    """One message and its answer, and the desk's pages then."""
    found = product.roles()
    processes = {
        "processor, ours": [found[role].pid for role in OURS if role in found],
        "processor, Rasa": [found["rasa"].pid],
    }
    before = {name: exact_cpu_seconds(pids) for name, pids in processes.items()}
    acknowledged, answered = await exchange(visitor, random.choice(WORDS))
    await asyncio.sleep(0.05)  # what is done after the answer is part of it
    costs["to the acknowledgement"].append(acknowledged)
    costs["to the answer"].append(answered)
    for name, pids in processes.items():
        costs[name].append(exact_cpu_seconds(pids) - before[name])
    for name, address in PAGES.items():
        costs[name].append(
            await asyncio.to_thread(fetch, desk, address.format(id=visitor.id, after=visitor.last_seen - 2))
        )


def fetch(desk: FlaskClient, address: str) -> float:
    """Seconds of processor time it takes. Raises RuntimeError when the page isn't shown."""
    began = time.thread_time()
    answer = desk.get(address)
    size = len(answer.get_data())
    if answer.status_code != 200 or not size:
        raise RuntimeError(f"{address}: {answer.status}")
    return time.thread_time() - began


async def measure(product: Product, desk: FlaskClient, rounds: int) -> tuple[Costs, Costs]:
    """What the 10th message of new conversations costs, and the 1,000th and later of one."""
    short, long = defaultdict(list), defaultdict(list)
    async with open_client(product.url) as client:
        old = Visitor(client, "en")
        await old.open()
        with followed(old):
            await talk(old, LONG // 2)
            for number in range(rounds):
                new = Visitor(client, "en")
                await new.open()
                with followed(new):
                    await talk(new, 4)
                    for visitor, costs in ((old, long), (new, short))[:: 1 if number % 2 else -1]:
                        await measure_one(product, visitor, desk, costs)
    return short, long


def sign_in(product: Product) -> FlaskClient:
    """An agent's browser at an application of our own over the product's database."""
    settings = load_settings(product.folder / "config.yml").model_copy(update={"var": product.var, "database_url": ""})
    services = build_services(settings, bot=FakeBot(), knowledge=FakeKnowledge())
    store = services.store
    agent = accept_invitation(store, invite(store, None, "admin"), "ana@shop.example", "Ana", "no hash")
    client = create_app(services).test_client()
    with client.session_transaction("/desk") as session:
        session["_user_id"], session["_fresh"] = open_session(store, agent.id), True
    return client


def compare(short: Costs, long: Costs) -> list[dict[str, float | str]]:
    """The median of each cost in milliseconds, early and late."""
    found = []
    for name in short:
        early, late = 1000 * median(short[name]), 1000 * median(long[name])
        times = round(late / early, 2) if early else 1.0
        found.append({"what": name, "early_ms": round(early, 1), "late_ms": round(late, 1), "times": times})
    return found


def find_dearer(found: list[dict[str, float | str]]) -> list[dict[str, float | str]]:
    """What costs more late than was wanted."""
    return [each for each in found if float(each["times"]) > WANTED and each["what"] != OPENING]


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when a late message costs no more than was wanted, 1 when it does, 2 when the product did not start."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.long", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model and an index")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="odziv-long-") as folder:
        try:
            with Product(Path(folder), options.prepared) as product:
                short, long = asyncio.run(measure(product, sign_in(product), options.rounds))
        except NotStarted as error:
            print(f"stopped: {error}", flush=True)
            return 2
    found = compare(short, long)
    lines = [[str(each["what"]), str(each["early_ms"]), str(each["late_ms"]), str(each["times"])] for each in found]
    print(table(["", "10th, ms", f"{LONG:,}th, ms", "times"], lines))
    dearer = find_dearer(found)
    print(f"wanted: none above {WANTED} times, but for {OPENING}; {len(dearer)} are")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 1 if dearer else 0


if __name__ == "__main__":
    stop_tidily()
    sys.exit(main())
