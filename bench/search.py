"""`python -m bench.search`: how long search as one types and the help centre's pages take, and what search finds.

The questions are the held-out ones, typed letter by letter; nothing is tuned on them.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from bench.parts.summary import percentile, percentiles_ms, table
from odziv.settings import Settings, load_settings
from odziv.wiring import build_services
from server import create_app

ROOT = Path(__file__).parent.parent
STEP = 6  # letters between two requests
FIRST, LIST = 1, 8
PATHS = ("", "orders/", "orders/return", "shops/opening-hours", "search?q=retrun")


class SearchBench:
    """The product's application in this process, on the real knowledge base, without limits."""

    def __init__(self, settings: Settings) -> None:
        services = build_services(settings)
        services.rate_limits.check = lambda *_: None
        self.settings, self.store = settings, services.store
        self.client = create_app(services).test_client()


def search(client, text: str, language: str) -> tuple[float, list[str]]:
    """One request: seconds and the articles."""
    started = time.perf_counter()
    answer = client.get("/api/v1/articles", query_string={"language": language, "q": text})
    return time.perf_counter() - started, [hit["article"] for hit in answer.get_json()["articles"]]


def measure_language(client, language: str) -> tuple[list[str], dict]:
    lines = (ROOT / "tests/data/questions" / f"{language}.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["article"]]
    search(client, "warm up", language)
    seconds, first, listed = [], 0, 0
    for row in rows:
        for end in range(2, len(row["text"]), STEP):
            seconds.append(search(client, row["text"][:end], language)[0])
        taken, found = search(client, row["text"], language)
        seconds.append(taken)
        first += row["article"] in found[:FIRST]
        listed += row["article"] in found[:LIST]
    figures = {"requests": len(seconds), **percentiles_ms(seconds), "first": first, "listed": listed, "of": len(rows)}
    shown = [f"{figures[key]:.1f}" for key in ("p50", "p95", "p99")]
    return [language, str(len(seconds)), *shown, f"{first}/{len(rows)}", f"{listed}/{len(rows)}"], figures


def measure_pages(bench: SearchBench) -> list[list[str]]:
    """Each page built anew, and as it is kept; milliseconds, the worst of the languages at p95."""
    rows = []
    for path in PATHS:
        built, kept = [], []
        for language in bench.settings.languages:
            for number in range(10):
                for catalogue in bench.client.application.extensions.get("help_catalogues", {}).values():
                    catalogue.pages.clear()
                for into in (built, kept):
                    started = time.perf_counter()
                    bench.client.get(f"/help/{language}/{path}")
                    if number:
                        into.append(time.perf_counter() - started)
        rows.append([path or "(front page)", "", *(f"{percentile(s, 0.95) * 1000:.1f}" for s in (built, kept))])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args()
    bench = SearchBench(load_settings(passwords=False))
    measured = {language: measure_language(bench.client, language) for language in bench.settings.languages}
    head = ["search", "requests", "p50 ms", "p95 ms", "p99 ms", "first", "in 8"]
    print(table(head, [row for row, _ in measured.values()]))
    print(f"\n{table(['page', '', 'built p95 ms', 'kept p95 ms'], measure_pages(bench))}")
    if options.json:
        options.json.write_text(
            json.dumps({language: figures for language, (_, figures) in measured.items()}, indent=1)
        )
    bench.store.close()


if __name__ == "__main__":
    main()
