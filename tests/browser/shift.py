"""A shop on the real application: two agents at the desk, customers at the widget, mail on loopback, a clock to move.

The bot and the encoder are fakes; what begins beside requests (turns, scheduled replies) runs as in production.
"""

from __future__ import annotations

import threading
from types import SimpleNamespace

from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from odziv.cases.queue_monitor import GRACE_MS
from odziv.settings import Desk, Settings
from odziv.settings.hours import Hours
from odziv.settings.mail import MailSettings
from odziv.store.handoffs.handoff import list_queue
from odziv.wiring import build_services
from server import create_app
from tests.clock import Clock
from tests.desk.conftest import PASSWORD, add_agent
from tests.fake_encoder import FakeEncoder
from tests.fakes import HAND_OFF, PAYLOAD, FakeBot
from tests.scratch_articles import ARTICLES, write

WIDE = {"width": 1280, "height": 800}
OURS = "pomoc@smreka.example"
PATIENCE = 20_000  # ms: the machine may have other work
OPEN = {"sl": "Odprite klepet", "pl": "Otwórz czat", "en": "Open chat"}


def reply_to(_kind: str, _conversation: str, text: str, *_rest) -> list[dict]:
    """What the fake bot says: a complaint and a wish for a person go to the queue, the rest is answered."""
    if "reklamacj" in text:
        return [{"custom": {"handoff": {"reason": "complaint"}}}]
    return HAND_OFF if "person" in text or "človek" in text else [{"custom": PAYLOAD}]


class Shop:
    """The served application, its browser, and what a test does from outside."""

    def __init__(self, browser: Browser, folder, database: bytes, smtp_port: int) -> None:
        var = folder / "var"
        var.mkdir()
        (var / "odziv.sqlite").write_bytes(database)
        for part in ("new", "cur", "tmp"):
            (folder / "mail" / part).mkdir(parents=True)
        for name, article in ARTICLES.items():
            write(folder / "articles", name, *article)
        mail = {"address": OURS, "smtp": {"host": "127.0.0.1", "port": smtp_port, "security": "none"},
                "incoming": "maildir", "maildir": str(folder / "mail"), "plus_addressing": True}  # fmt: skip
        settings = Settings(
            sites={"demo": {"name": "Smreka"}},
            var=var,
            articles=folder / "articles",
            desk=Desk(undo_seconds=1, hours=Hours(time_zone="Europe/Ljubljana")),
            mail=MailSettings.model_validate(mail),
        )
        bot = FakeBot()
        bot.says = reply_to
        self.services = build_services(settings, encoder=FakeEncoder(), bot=bot)
        self.app = create_app(self.services)
        self.store, self.browser, self.folder = self.services.store, browser, folder
        self.problems: list[str] = []
        self.store.clock = Clock()
        self.store.clock.run()
        self._serve()

    def _serve(self) -> None:
        # Opens the knowledge base, loads the detector.
        self.services.knowledge.detect_language("Kje je moj paket?", page="sl")
        self.services.turns.start()
        self.services.scheduled_replies.start()
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Ends pages, streams and threads."""
        for context in self.browser.contexts:
            context.close()
        self.services.hub.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
        self.services.stop()

    # -- people

    def _page(self, **options) -> Page:
        # A service worker that starts in the middle hides requests from a test's routes.
        context = self.browser.new_context(
            **{"viewport": WIDE, "locale": "en-GB", "service_workers": "block", **options}
        )
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        page = context.new_page()
        page.on("console", lambda line: "Security Policy" in line.text and self.problems.append(line.text))
        return page

    def sign_in(self, name: str, role: str = "agent", **options) -> Page:
        """An agent, new here, at the queue."""
        agent, page = add_agent(self.store, name, role), self._page(**options)
        page.goto(f"{self.url}/desk/sign-in")
        page.get_by_label("E-mail address").fill(agent.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Queue")).to_be_visible()
        page.wait_for_load_state("load")
        return page

    def visit(self, language: str, text: str) -> Page:
        """A customer on the shop's page who opens the chat and writes; waits until a reaction is there."""
        page = self._page(locale=language)
        page.goto(f"{self.url}/demo/{language}/")
        page.get_by_role("button", name=OPEN[language]).click()
        say(page, text)
        expect(page.locator(".msg.bot[data-seq], .msg.system").first).to_be_visible()
        return page

    # -- the world outside

    def waiting(self) -> list[SimpleNamespace]:
        """The queue, in its order."""
        return [SimpleNamespace(id=h.conversation_id, handoff=h.id) for h in list_queue(self.store)]

    def pass_time(self, minutes: float) -> None:
        """Moves the clock, and lets the queue monitor check."""
        self.store.clock.advance(minutes * 60_000)
        self.services.queue_monitor._began = self.store.clock() - GRACE_MS
        self.services.queue_monitor.look()

    def deliver(self, mail: bytes) -> None:
        """A mail arrives in the shop's mailbox, and is fetched."""
        (self.folder / "mail" / "new" / "1.M.host").write_bytes(mail)
        assert self.services.mail.inbound.look() == 1


def say(customer: Page, text: str) -> None:
    """Types into the widget and sends."""
    customer.locator(".panel textarea").fill(text)
    customer.locator(".panel textarea").press("Enter")
    expect(customer.locator(".msg.own[data-seq]", has_text=text).last).to_be_visible()


def hears(customer: Page, sender: str, text: str) -> None:
    """The customer reads `text` from bot, agent or system."""
    expect(customer.locator(f".msg.{sender}", has_text=text).last).to_be_visible()


def take(agent: Page, waiting: SimpleNamespace) -> None:
    """Takes one from the queue by hand; every script is at work then."""
    agent.locator(f"#take-{waiting.handoff}").click()
    expect(agent.locator("#foot")).to_have_attribute("data-mode", "holder")
    agent.wait_for_load_state("load")


def answer(agent: Page, text: str) -> None:
    """Writes a reply and sends it by keyboard; every script is at work then."""
    agent.wait_for_load_state("load")
    agent.locator("#text").fill(text)
    agent.locator("#text").press("Control+Enter")
    expect(agent.locator("#text")).to_have_value("")
