"""`python -m bench.desk.storing [--database URL]`: how long a message takes to be stored, on SQLite and PostgreSQL.

Messages as in `bench.desk.search`, with their entries for the search and the bot's turn, each committed and on the
disk: from one customer, and from eight at once. Then how long the end of a log takes to read. Without `--database`, an
empty one of PostgreSQL, only SQLite is measured. They take turns, so that both meet the same noise.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path

from bench.desk.search import Shop
from bench.parts.summary import percentiles_ms, table
from odziv.store import Store
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.log_pages import read_page
from odziv.store.conversations.messages import add_customer_message
from odziv.store.migrate import migrate

ROUNDS, AT_ONCE = 5, 8


class Measured:
    """One database: seconds for each message alone and among eight, messages a second, and seconds for each page."""

    def __init__(self, store: Store) -> None:
        self.store, self.shop = store, Shop(7)
        self.alone: list[float] = []
        self.among: list[float] = []
        self.rates: list[float] = []
        self.pages: list[float] = []

    def measure(self, count: int) -> None:
        """One round."""
        self.alone += self._write(count)
        started, lock = time.perf_counter(), threading.Lock()

        def write() -> None:
            took = self._write(count // AT_ONCE)
            with lock:
                self.among.extend(took)

        threads = [threading.Thread(target=write) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.rates.append(count // AT_ONCE * AT_ONCE / (time.perf_counter() - started))

    def _write(self, count: int) -> list[float]:
        conversation = create_conversation(self.store, "demo", "sl")
        texts, took = [self.shop.message("sl") for _ in range(count)], []
        for number, text in enumerate(texts):
            started = time.perf_counter()
            add_customer_message(self.store, conversation.id, f"c{number}", text, text)
            took.append(time.perf_counter() - started)
        for _ in range(count):
            started = time.perf_counter()
            read_page(self.store, conversation.id, max(0, count - 50), 50)
            self.pages.append(time.perf_counter() - started)
        return took

    def figures(self) -> dict[str, float]:
        """Milliseconds, and messages a second."""
        found = {f"{name} {part}": value for name in ("alone", "among", "pages")
                 for part, value in percentiles_ms(getattr(self, name)).items()}  # fmt: skip
        return {**found, "messages a second": round(sorted(self.rates)[len(self.rates) // 2], 1)}


def main() -> int:
    """Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", help="an empty database of PostgreSQL, as database_url names one")
    parser.add_argument("--messages", type=int, default=400, help="of each round, alone and then from eight at once")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="odziv-bench-", dir=".") as folder:
        stores = {"SQLite": Store.in_folder(Path(folder))}
        if options.database:
            stores["PostgreSQL"] = Store(options.database, files=Path(folder) / "attachments")
        measured = {name: Measured(store) for name, store in stores.items()}
        for each in measured.values():
            migrate(each.store)
        for _ in range(ROUNDS):
            for each in measured.values():
                each.measure(options.messages)
        figures = {name: each.figures() for name, each in measured.items()}
        for store in stores.values():
            store.close()
    kinds = next(iter(figures.values()))
    print(table(["", *figures], [[kind, *(str(each[kind]) for each in figures.values())] for kind in kinds]))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
