"""`python -m bench.desk.search`: how long it takes to find conversations among a million messages.

A database is filled with short messages in four languages, their words as unevenly used as in any language, with names,
numbers of orders and files. Then it is searched as agents do: whole words, beginnings while typing, errors, two words,
phrases, names, numbers, with filters, and through the pages; and the list of all conversations by each filter.
Exit code 0 when 95 of 100 searches, of each kind, take no longer than the wanted time.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert

from bench.parts.summary import percentile, table
from odziv.settings import LANGUAGES, ROOT
from odziv.store import Store
from odziv.store.migrate import migrate
from odziv.store.schema import conversations, handoffs, messages
from odziv.store.search.filling import fill_again, fill_some
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from odziv.store.search.listing import ORDERS, count_wanted, list_wanted
from odziv.store.search.words import split

WANTED_MS = 100.0
PAGE = 25
MADE_UP = 150_000  # words beside those of the articles: names, products, slips of the pen
YEAR_MS = 365 * 86_400_000
SOUNDS = ("ba", "ce", "či", "do", "đe", "fo", "gri", "ho", "ja", "ko", "łu", "mi", "no", "pe", "ra", "še", "to", "vu")


def words_of(language: str, chance: random.Random) -> list[str]:
    """The articles' words, the usual ones first, and made-up ones after them."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "kb" / "articles" / language).rglob("*.md"))]
    count: dict[str, int] = {}
    for text in texts:
        for word in split(text):
            written = text[word.start : word.end].lower()
            count[written] = count.get(written, 0) + 1
    made = ["".join(chance.choices(SOUNDS, k=chance.randint(2, 5))) for _ in range(MADE_UP // len(LANGUAGES))]
    return sorted(count, key=lambda word: -count[word]) + made


class Shop:
    """Writes messages: the n-th usual word n times as seldom as the first, as Zipf found."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.words = {language: words_of(language, self.chance) for language in LANGUAGES}
        self._weights = {
            language: list(_sums(1 / (number + 3) for number in range(len(words))))
            for language, words in self.words.items()
        }

    def message(self, language: str) -> str:
        """Six to twenty words, in one of eight with the number of an order."""
        count = self.chance.randint(6, 20)
        said = self.chance.choices(self.words[language], cum_weights=self._weights[language], k=count)
        number = f" SM-{self.chance.randint(100_000, 999_999)}" if self.chance.random() < 0.125 else ""
        return " ".join(said).capitalize() + number + "."

    def name(self) -> str:
        """A first and a last name."""
        return " ".join("".join(self.chance.choices(SOUNDS, k=3)).capitalize() for _ in range(2))


def _sums(weights: Iterator[float]) -> Iterator[float]:
    total = 0.0
    for weight in weights:
        total += weight
        yield total


def write(store: Store, shop: Shop, count: int, of_each: int) -> None:
    """`count` messages, `of_each` in a conversation, past the store, as if written before there was a search."""
    now, chance = store.clock(), shop.chance
    for first in range(0, count, 50 * of_each):
        rows: list[dict] = []
        said: list[dict] = []
        waits: list[dict] = []
        for number in range(first, min(first + 50 * of_each, count), of_each):
            language, began = chance.choice(LANGUAGES), now - chance.randrange(YEAR_MS)
            conversation_id = f"{chance.getrandbits(96):024x}"
            status = "queued" if number % 2000 == 0 else "bot" if number % 3 else "resolved"
            rows.append({
                "id": conversation_id, "site": "demo", "language": language, "status": status, "epoch": 1,
                "last_seq": of_each, "agent_id": None, "created_at": began, "updated_at": began + of_each * 1000,
                "name": shop.name(), "email": f"customer{number}@example.com",
            })  # fmt: skip
            said += [
                {
                    "conversation_id": conversation_id, "seq": seq, "sender": ("customer", "bot", "agent")[seq % 3],
                    "internal": seq % 9 == 8, "text": shop.message(language), "html": "", "created_at": began + seq,
                }
                for seq in range(1, of_each + 1)
            ]  # fmt: skip
            waits.append({
                "conversation_id": conversation_id, "reason": chance.choice(("requested", "complaint", "unanswered")),
                "language": language, "status": "closed" if status == "resolved" else "waiting", "created_at": began,
                "topic": chance.choice(("orders", "delivery", "returns")),
            })  # fmt: skip
        with store.write() as connection:
            connection.execute(insert(conversations), rows)
            connection.execute(insert(messages), said)
            connection.execute(insert(handoffs), waits)


def searches(shop: Shop, count: int) -> dict[str, list[str]]:
    """What is typed, by kind."""
    chance = shop.chance
    usual = [word for words in shop.words.values() for word in words[:400] if len(word) > 3]
    rare = [word for words in shop.words.values() for word in words[2000:]]
    kinds = {
        "usual word": lambda: chance.choice(usual),
        "rare word": lambda: chance.choice(rare),
        "while typing": lambda: (word := chance.choice(usual))[: chance.randint(2, len(word))],
        "with an error": lambda: with_error(chance.choice([word for word in usual if len(word) > 5]), chance),
        "two usual words": lambda: f"{chance.choice(usual)} {chance.choice(usual)}",
        "usual and rare": lambda: f"{chance.choice(usual)} {chance.choice(rare)}",
        "phrase": lambda: f'"{chance.choice(usual)} {chance.choice(usual)}"',
        "name and word": lambda: f"{shop.name().split()[0]} {chance.choice(usual)}",
        "customer": shop.name,
        "number": lambda: f"SM-{chance.randint(100_000, 999_999)}",
    }
    return {kind: [make() for _ in range(count)] for kind, make in kinds.items()}


def with_error(word: str, chance: random.Random) -> str:
    """Two letters swapped, or one left out."""
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :] if chance.random() < 0.5 else word[:at] + word[at + 1 :]


def measure(store: Store, shop: Shop, count: int) -> dict[str, list[float]]:
    """Milliseconds by kind."""
    times: dict[str, list[float]] = {}
    for kind, texts in searches(shop, count).items():
        for text in texts:
            times.setdefault(kind, []).append(_time(lambda text=text: search(store, text, Wanted(), PAGE)))
    for text in searches(shop, count)["usual word"]:
        by = Wanted(language=shop.chance.choice(LANGUAGES), states=("waiting",))
        times.setdefault("usual word, few kept", []).append(
            _time(lambda text=text, by=by: search(store, text, by, PAGE))
        )
    lists = {
        "all": Wanted(), "waiting": Wanted(states=("waiting",)), "language": Wanted(language="pl"),
        "reason, topic": Wanted(reason="complaint", topic="returns"), "nobody": Wanted(site="nowhere"),
        "customer": Wanted(customer="customer30"),
    }  # fmt: skip
    for name, by in lists.items():
        for order in ORDERS:
            for _ in range(max(3, count // 10)):
                took = _time(
                    lambda by=by, order=order: (list_wanted(store, by, order, None, 50), count_wanted(store, by))
                )
                times.setdefault(f"list: {name}", []).append(took)
    return times


def look(store: Store, by: Wanted, order: str) -> None:
    """A page of the list, and how many there are."""
    list_wanted(store, by, order, None, 50)
    count_wanted(store, by)


def _time(call) -> float:
    started = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - started)


def main() -> int:
    """Returns 0 when every kind was within the wanted time, 1 when not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=10, help="messages in a conversation")
    parser.add_argument("--rounds", type=int, default=60, help="searches of each kind")
    parser.add_argument("--folder", type=Path, help="keep the database here, and use the one that is there")
    parser.add_argument("--database", help="one of PostgreSQL instead, as database_url names it")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="odziv-bench-") as folder:
        where = options.folder or Path(folder)
        store = Store(options.database, files=where) if options.database else Store.in_folder(where)
        shop = Shop(7)
        migrate(store)
        if not count_wanted(store, Wanted()):
            started = time.perf_counter()
            write(store, shop, options.messages, options.each)
            print(f"{options.messages} messages written in {time.perf_counter() - started:.0f} s", flush=True)
            fill_again(store)
        steps = [_time(lambda: None)]
        started = time.perf_counter()
        while (took := _timed_step(store)) is not None:
            steps.append(took)
        print(
            f"entries made in {time.perf_counter() - started:.0f} s, at most {max(steps):.0f} ms at a time", flush=True
        )
        if options.database:  # its autovacuum counts what there is once a minute
            with store.writer_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        else:
            print(f"{(where / 'odziv.sqlite').stat().st_size / 2**20:.0f} MiB")
        times = measure(store, shop, options.rounds)
        store.close()
    figures = {kind: [round(percentile(each, part), 1) for part in (0.5, 0.95, 1.0)] for kind, each in times.items()}
    print(table(["", "p50 ms", "p95 ms", "most ms"], [[kind, *map(str, each)] for kind, each in figures.items()]))
    slow = [kind for kind, each in figures.items() if each[1] > WANTED_MS]
    print(f"wanted: p95 within {WANTED_MS:.0f} ms; {len(slow)} kinds are not")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 1 if slow else 0


def _timed_step(store: Store) -> float | None:
    started = time.perf_counter()
    return 1000 * (time.perf_counter() - started) if fill_some(store) else None


if __name__ == "__main__":
    raise SystemExit(main())
