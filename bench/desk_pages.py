"""`python -m bench.desk_pages`: how long the server takes for each page of the desk, with 10,000 conversations or more.

The product's own application over a store filled for it, asked in this process as an administrator, one request after
the other; every page without a variable part, and the conversation pages of six kinds of conversations, one of them of
5,000 messages. Beside them what Prometheus asks for. What counts is the whole answer, from the request to its last
byte. The real encoder and the shipped articles serve; Rasa is not asked.
Exit code 0 when 95 of 100 answers of each page are within the wanted time; of fewer rounds than 20 that is all.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

from sqlalchemy import insert

from bench.parts.summary import percentile, table
from kb.render import render_plain
from odziv.settings import LANGUAGES, load_settings
from odziv.store import Store
from odziv.store.agents.agent import Agent, accept_invitation, invite, list_agents, open_session
from odziv.store.schema import conversations, handoffs, messages
from odziv.store.search.filling import fill_again, fill_some
from odziv.web.logs import configure_logs
from odziv.wiring import build_services
from server import create_app

WANTED_MS = 200.0
# Streams, redirects, files, a page that has to be told a topic, and those of a sign-in that is under way elsewhere.
LEFT_OUT = {"static", "stream_events", "show_start", "sign_out", "show_new_article"}
LEFT_OUT |= {"go_to_provider", "come_back", "show_code"}
PASSWORD = "nobody signs in with one here"
LONG, LONGEST = 2, 5000  # which conversation is very long, and how long
MOST_WAITING = 1000  # and as many with agents, however many there are in all
# All conversations by filters that many and that few have, and by words: everybody's, with an error, and a customer's.
SEARCHED = ("language=pl&reason=requested", "state=waiting&order=oldest", "site=nowhere", "q=parcel", "q=pracel",
            "q=parcel&state=waiting", "q=customer1234", "customer=customer12")  # fmt: skip
SENTENCE = "Where is my parcel, I ordered it on Monday and the tracking page shows nothing at all? "


def rows(count: int, each: int, agent_ids: list[int], now: int) -> Iterator[tuple[dict, list[dict], dict | None]]:
    """Conversations as a shop has them after a year: nearly all resolved, some hundred with agents or waiting."""
    chance = random.Random(7)
    waiting = min(count // 50, MOST_WAITING)
    for number in range(count):
        status = "queued" if number < waiting else "open" if number < 2 * waiting else "resolved"
        language, began = chance.choice(LANGUAGES), now - chance.randrange(365 * 86_400_000)
        agent = chance.choice(agent_ids) if status == "open" else None
        size = LONGEST if number == LONG else 300 if number % 1000 == 0 else chance.randrange(2, 2 * each)
        conversation_id = f"bench{number:07d}"
        conversation = {
            "id": conversation_id, "site": "demo", "language": language, "status": status, "epoch": 1,
            "last_seq": size, "agent_id": agent, "created_at": began, "updated_at": began + size * 1000,
            "email": f"customer{number % 3000}@example.com",
        }  # fmt: skip
        said = [
            {
                "conversation_id": conversation_id, "seq": seq, "sender": ("customer", "bot", "agent")[seq % 3],
                "internal": False, "text": SENTENCE * 2, "html": render_plain(SENTENCE * 2),
                "created_at": began + seq * 1000,
            }
            for seq in range(1, size + 1)
        ]  # fmt: skip
        handoff = {
            "conversation_id": conversation_id, "reason": "requested", "language": language,
            "status": {"queued": "waiting", "open": "claimed"}.get(status, "closed"), "agent_id": agent,
            "created_at": began, "claimed_at": None if status == "queued" else began + 60_000,
            "closed_at": began + 600_000 if status == "resolved" else None, "topic": "orders",
        }  # fmt: skip
        yield conversation, said, handoff if number % 3 or status != "resolved" else None


def fill(store: Store, count: int, each: int, agent_ids: list[int]) -> None:
    """Writes `count` conversations of `each` messages on average, some hundred in a transaction."""
    coming = rows(count, each, agent_ids, store.clock())
    while made := list(islice(coming, 500)):
        with store.write() as connection:
            connection.execute(insert(conversations), [conversation for conversation, _, _ in made])
            connection.execute(insert(messages), [message for _, said, _ in made for message in said])
            connection.execute(insert(handoffs), [handoff for _, _, handoff in made if handoff])
    fill_again(store)


def pages(app, count: int) -> list[str]:
    """The addresses to ask for."""
    found = []
    waiting = min(count // 50, MOST_WAITING)
    kinds = [0, 1, LONG, waiting + 1, count // 2, count - 1]  # waiting (long ones first), open, resolved
    for rule in app.url_map.iter_rules():
        name = rule.endpoint.removeprefix("desk.")
        if not rule.endpoint.startswith("desk.") or "GET" not in rule.methods or name in LEFT_OUT:
            continue
        if rule.arguments == {"conversation_id"}:
            found += [rule.rule.replace("<conversation_id>", f"bench{number:07d}") for number in kinds]
        elif not rule.arguments:
            found.append(rule.rule)
    long = f"/desk/conversations/bench{LONG:07d}"
    searched = [f"/desk/conversations?{query}" for query in SEARCHED]
    return sorted([*found, *searched, "/metrics", f"{long}?at=1000", f"{long}/part?before=3000", f"{long}/log?after=1"])


def measure(app, token: str, addresses: list[str], rounds: int) -> list[dict]:
    """Asks for each page `rounds` times, in turns, so that no page has the quiet minute for itself."""
    client = app.test_client()
    with client.session_transaction("/desk") as session:  # elsewhere no session is kept
        session["_user_id"], session["_fresh"] = token, True
    times: dict[str, list[float]] = {address: [] for address in addresses}
    worked: dict[str, list[float]] = {address: [] for address in addresses}
    codes, sizes = {}, {}
    for _ in range(rounds + 1):
        for address in addresses:
            started, began = time.perf_counter(), time.thread_time()
            response = client.get(address)
            body = response.get_data()
            times[address].append(1000 * (time.perf_counter() - started))
            worked[address].append(1000 * (time.thread_time() - began))
            is_refused = "/sign-in" in (response.location or "")  # a page that is quick since it shows nothing
            codes[address], sizes[address] = 401 if is_refused else response.status_code, len(body)
    return [
        {
            "page": address, "status": codes[address], "bytes": sizes[address],
            "cpu_ms": round(median(worked[address][1:]), 1),
            "median_ms": round(median(each[1:]), 1), "p95_ms": round(percentile(each[1:], 0.95), 1),
        }
        for address, each in times.items()
    ]  # fmt: skip


def main() -> int:
    """Returns 0 when every page was within the wanted time, 1 when not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=6, help="messages in a conversation, on average")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="keep the database here, and use the one that is there")
    parser.add_argument("--only-fill", action="store_true", help="measure nothing yet")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="odziv-bench-") as folder:
        where = options.folder or Path(folder)
        settings = load_settings(passwords=False).model_copy(update={"var": where, "log_level": "WARNING"})
        configure_logs(settings.log_level)
        services = build_services(settings)
        app = create_app(services)
        agents = prepare(services.store, options)
        if options.only_fill:
            services.stop()
            return 0
        token = open_session(services.store, agents[0].id)
        addresses = pages(app, options.conversations)
        found = measure(app, token, addresses, options.rounds)
        services.stop()
    slow = [page for page in found if page["p95_ms"] > WANTED_MS or page["status"] >= 400]
    found.sort(key=lambda page: -page["p95_ms"])
    figures = ("status", "cpu_ms", "median_ms", "p95_ms", "bytes")
    lines = [[each["page"], *(str(each[name]) for name in figures)] for each in found]
    print(table(["page", "", "processor ms", "median ms", "p95 ms", "bytes"], lines))
    print(f"{options.conversations} conversations; wanted: each within {WANTED_MS:.0f} ms; {len(slow)} are not")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 1 if slow else 0


def prepare(store: Store, options: argparse.Namespace) -> list[Agent]:
    """Five administrators, and the conversations where there are none; goes on where filling was stopped."""
    agents = list_agents(store)
    if not agents:
        for number in range(5):
            invitation = invite(store, None, "admin")
            agents.append(accept_invitation(store, invitation, f"a{number}@example.com", f"Agent {number}", PASSWORD))
        fill(store, options.conversations, options.each, [agent.id for agent in agents])
    while fill_some(store, 5000):
        pass
    return agents


if __name__ == "__main__":
    raise SystemExit(main())
