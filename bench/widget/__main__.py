"""`python -m bench.widget [--rounds 15]`: what the widget costs a page, in Chromium: bytes, layout shift, main thread.

The demo shop's page is loaded with the widget and with its script blocked, in turns; the difference of the main
thread's CPU time (Chromium's TaskDuration until a second after load) is the widget's. Medians, from 25 to 75 %.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench.parts.browser import chromium
from bench.widget.drops import serving
from odziv.chat.widget_files import scripts

SHIFTS = """window.shift = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => { shift += entry.value }))
  .observe({ type: "layout-shift", buffered: true })"""


def sizes() -> dict[str, int]:
    """Compressed bytes: the loader, what opening adds, and what comes only when used."""
    packed = {name: len(script.packed) for name, script in scripts().items()}
    language = max(size for name, size in packed.items() if "/texts/" in name)
    late = {"widget.js", "widget/main.js"}
    return {
        "loader": packed["widget.js"],
        "opened": packed["widget.js"] + packed["widget/main.js"] + language,
        "when_used": sum(size for name, size in packed.items() if name not in late and "/texts/" not in name),
    }


def load(browser: Browser, url: str, has_widget: bool) -> tuple[float, float]:
    """One fresh load: milliseconds the main thread was busy, and cumulative layout shift."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    if not has_widget:
        page.route("**/widget.js", lambda route: route.abort())
    page.add_init_script(SHIFTS)
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # its own time, not that of other programs
    page.goto(url)
    page.wait_for_timeout(1000)
    metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    shift = page.evaluate("window.shift")
    context.close()
    return metrics["TaskDuration"] * 1000, shift


def measure(rounds: int) -> dict[str, Any]:
    """All figures."""
    busy: dict[bool, list[float]] = {True: [], False: []}
    shifts = []
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (_, proxy), chromium() as browser:
        url = f"http://127.0.0.1:{proxy.port}/demo/en/"
        load(browser, url, True)  # the first one warms the server up
        for _ in range(rounds):
            for has_widget in (True, False):
                milliseconds, shift = load(browser, url, has_widget)
                busy[has_widget].append(milliseconds)
                if has_widget:
                    shifts.append(shift)
    costs = [with_it - without for with_it, without in zip(busy[True], busy[False], strict=True)]
    low, middle, high = statistics.quantiles(costs, n=4)
    return {
        "bytes": sizes(),
        "layout_shift_max": max(shifts),
        "main_thread_ms": {"median": round(middle, 1), "from": round(low, 1), "to": round(high, 1), "rounds": rounds},
        "page_without_ms": round(statistics.median(busy[False]), 1),
    }


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    print(json.dumps(measure(parser.parse_args().rounds), indent=2))


if __name__ == "__main__":
    main()
