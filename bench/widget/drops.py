"""`python -m bench.widget.drops [--drops 1000]`: the widget in Chromium while its connections are cut at random.

A real server (store, interface, turns; a bot that echoes) behind a proxy that resets every connection and refuses new
ones for up to a second. Two tabs share a conversation; either one writes, or is reloaded, or an agent writes, around
each cut. Afterwards both must show what the server has: nothing lost, nothing twice, in order. Catching up is timed
from the moment the network is back until both tabs show everything.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import random
import socket
import struct
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from playwright.sync_api import Browser, Page, TimeoutError
from werkzeug.serving import WSGIRequestHandler, make_server

from bench.parts.browser import chromium
from odziv.settings import Limits, Settings
from odziv.store.conversations.messages import read_log
from odziv.web.services import Services
from odziv.wiring import build_services
from server import create_app

A_VISIT = 100  # drops in one conversation
LONGEST_CUT = 1.0  # seconds
RESET = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s: the other side gets a reset, no goodbye
SHOWN = """[...document.querySelector("odziv-chat").shadowRoot.querySelectorAll(".msg[data-seq]")]
  .map(node => [Number(node.dataset.seq), node.querySelector(".body").innerText.trim()])"""
STATE = """() => {
  const { conversation } = document.querySelector("odziv-chat").widget || {};
  if (!conversation) return "none";
  const { known, cursor, outbox, isConnected, isFlushing, line } = conversation;
  const waiting = outbox.map(({ state, tries, text }) => [state, tries, text]);
  const { failures, blocked, isRunning } = line;
  return { known: known.size, cursor, waiting, isConnected, isFlushing, failures, blocked, isRunning };
}"""
CAUGHT_UP = """newest => { const chat = document.querySelector("odziv-chat"); if (!chat || !chat.widget) return false;
  const { known, outbox } = chat.widget.conversation; return known.size >= newest && outbox.length === 0; }"""


class EchoBot:
    """Answers at once with what was said."""

    def ask(self, tracker: str, text: str, language: str, vector: Any = None) -> list[dict[str, Any]]:
        return [{"text": f"Answer to {text}"}]


class NoArticles:
    """What the widget's front page finds: nothing to read."""

    edition = 0

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def articles(self) -> list[Any]:
        return []

    def article(self, article: str, language: str) -> None:
        return None


class NoKnowledge:
    """Everything is English, and nothing is known."""

    def __init__(self, folder: Path) -> None:
        self.kb = NoArticles(folder)

    def answer_directly(self, text: str, language: str, article: str | None = None) -> None:
        return None

    def take_settings(self, settings: Any) -> None:
        return None

    def detect_language(self, text: str, **known: str | None) -> str:
        return "en"

    def note_to_stranger(self, text: str, language: str) -> None:
        return None

    def vector_of(self, text: str, language: str) -> None:
        return None

    def tags_of(self, tracker: str) -> tuple[str, ...]:
        return ()


class CuttingProxy:
    """Forwards TCP to a port until told to cut."""

    def __init__(self, port: int) -> None:
        self._target, self._open, self._lock, self._is_cut = port, set(), threading.Lock(), False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, seconds: float) -> None:
        """Resets every connection, and every new one for so long."""
        with self._lock:
            self._is_cut = True
            broken, self._open = self._open, set()
        for connection in broken:
            _reset(connection)
        time.sleep(seconds)
        self._is_cut = False

    def close(self) -> None:
        self._listener.close()
        self.cut(0)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with self._lock:
                    if self._is_cut:
                        _reset(client)
                        continue
                    server = socket.create_connection(("127.0.0.1", self._target))
                    self._open |= {client, server}
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        with self._lock:
            self._open -= {source}
            if sink not in self._open:  # the other way has ended too, or both were cut
                source.close()
                sink.close()


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[Services, CuttingProxy]]:
    """The product with an echoing bot and no knowledge base, and the proxy in front of it."""
    many = 1_000_000
    limits = Limits(
        messages_per_minute_per_visitor=many,
        messages_per_minute_per_address=many,
        conversations_per_minute_per_address=many,
        streams_per_address=400,
    )
    sites = {"demo": {"name": "Smreka"}}
    settings = Settings(sites=sites, var=folder, limits=limits, max_streams=400, turn_workers=2)
    services = build_services(settings, bot=EchoBot(), knowledge=NoKnowledge(folder))
    app = create_app(services)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    services.turns.start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy = CuttingProxy(server.server_port)
    try:
        yield services, proxy
    finally:
        proxy.close()
        services.begin_stop()
        server.shutdown()
        server.server_close()
        services.stop()


class Quiet(WSGIRequestHandler):
    """Says nothing of requests, nor of connections that broke: that is the point here."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@dataclass
class Tally:
    """What came out of some drops."""

    drops: int = 0
    sent: int = 0
    shown: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    catch_up: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Seconds with three digits; `catch_up` at half, 95 of 100, and the worst."""
        times = sorted(self.catch_up) or [0.0]
        at = {"p50": 0.5, "p95": 0.95, "max": 1.0}
        quantiles = {name: round(times[min(len(times) - 1, int(len(times) * part))], 3) for name, part in at.items()}
        return {**{key: value for key, value in vars(self).items() if key != "catch_up"}, "catch_up_s": quantiles}


class Visit:
    """One customer with two tabs."""

    def __init__(self, browser: Browser, services: Services, proxy: CuttingProxy, chance: random.Random) -> None:
        self.services, self.proxy, self.chance = services, proxy, chance
        self.context = browser.new_context(viewport={"width": 1000, "height": 700})
        self.tabs = [self._open_tab() for _ in range(2)]
        self.sent: list[str] = []
        self.say(self.tabs[0])
        self.wait(self.tabs[0], 2)
        self.conversation = self.tabs[0].evaluate("document.querySelector('odziv-chat').widget.conversation.id")
        self.wait_all()

    def _open_tab(self) -> Page:
        page = self.context.new_page()
        page.goto(f"http://127.0.0.1:{self.proxy.port}/demo/en/")
        page.evaluate("odziv('open')")
        return page

    def say(self, page: Page) -> None:
        """The customer writes."""
        text = f"message {len(self.sent)} {self.chance.randrange(10**6)}"
        self.sent.append(text)
        page.evaluate("text => document.querySelector('odziv-chat').widget.say(text)", text)

    def log(self) -> list[tuple[int, str, str]]:
        """What the server has: number, sender, text."""
        _, messages = read_log(self.services.store, self.conversation, 0)
        return [(message.seq, message.sender, message.text) for message in messages]

    def wait(self, page: Page, newest: int) -> None:
        """Until the tab shows so many messages and has nothing left to send."""
        try:
            page.wait_for_function(CAUGHT_UP, arg=newest, polling=20, timeout=60_000)
        except TimeoutError as error:
            states = [tab.evaluate(STATE) for tab in self.tabs]
            raise RuntimeError(f"not caught up after a minute: {newest} wanted, tabs {states}") from error

    def wait_all(self) -> None:
        """Until both tabs show everything, the answers to what was sent included."""
        for page in self.tabs:
            self.wait(page, 2 * len(self.sent))

    def drop(self, tally: Tally) -> None:
        """Somebody writes around a cut; the time both tabs take afterwards."""
        tab = self.chance.choice(self.tabs)
        before, length = self.chance.random() * 0.05, self.chance.random() ** 2 * LONGEST_CUT
        cut = threading.Thread(target=lambda: (time.sleep(before), self.proxy.cut(length)))
        cut.start()
        time.sleep(self.chance.random() * 0.08)
        for _ in range(self.chance.choice([0, 1, 1, 2])):
            self.say(self.chance.choice(self.tabs))
        cut.join()
        back = time.perf_counter()
        is_reload = self.chance.random() < 0.04
        if is_reload:
            tab.reload()
            tab.evaluate("odziv('open')")
        self.wait_all()
        tally.drops += 1
        if not is_reload:
            tally.catch_up.append(time.perf_counter() - back)

    def check(self, tally: Tally) -> None:
        """Compares what each tab shows with what the server has, and that with what was written."""
        log = self.log()
        kept = Counter(text for _, sender, text in log if sender == "customer")
        tally.sent += len(self.sent)
        tally.lost += sum(kept[text] == 0 for text in self.sent)
        tally.doubled += sum(times - 1 for times in kept.values())
        for page in self.tabs:
            shown = [tuple(pair) for pair in page.evaluate(SHOWN)]
            tally.shown += len(shown)
            tally.lost += len({(seq, text) for seq, _, text in log} - set(shown))
            tally.doubled += len(shown) - len(set(shown))
            tally.disordered += shown != sorted(shown)
        self.context.close()


def run(drops: int, seed: int = 1, tell: Any = lambda tally: None) -> Tally:
    """So many drops, in visits of A_VISIT."""
    tally, chance = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (services, proxy), chromium() as browser:
        while tally.drops < drops:
            visit = Visit(browser, services, proxy, chance)
            for _ in range(min(A_VISIT, drops - tally.drops)):
                visit.drop(tally)
            visit.check(tally)
            tell(tally)
    return tally


def main() -> None:
    """Prints the figures so far after each visit, at the end as JSON."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drops", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    tally = run(given.drops, given.seed, lambda tally: print(tally.figures(), flush=True))
    print(json.dumps(tally.figures()))


if __name__ == "__main__":
    main()
