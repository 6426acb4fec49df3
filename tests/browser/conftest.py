"""A browser, and a server that speaks the widget's interface from memory."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Keyboard, Locator, Page, expect

from bench.parts.browser import chromium
from tests.browser.fake_api import Served

# A busy machine may take its time; what comes at once is still seen at once.
expect.set_options(timeout=20_000)


def becomes(page: Page, expression: str, seconds: float = 20.0) -> None:
    """Waits until `expression` is true in the page. Playwright's own wait evaluates it there, which the CSP forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(50)


@pytest.fixture(autouse=True)
def keys_are_heard(monkeypatch):
    """No key is pressed before its page's scripts listen: on a busy machine a page is seen well before that."""
    press, keyboard = Locator.press, Page.keyboard.fget

    def press_when_loaded(locator: Locator, *arguments, **options) -> None:
        locator.page.wait_for_load_state("load")
        press(locator, *arguments, **options)

    def keyboard_when_loaded(page: Page) -> Keyboard:
        page.wait_for_load_state("load")
        return keyboard(page)

    monkeypatch.setattr(Locator, "press", press_when_loaded)
    monkeypatch.setattr(Page, "keyboard", property(keyboard_when_loaded))


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def store(store):
    """Its clock runs: pages count on, in real time, from what the server said."""
    store.clock.run()
    return store


@pytest.fixture(scope="module")
def served():
    """The fake interface and its pages."""
    served = Served()
    yield served
    served.close()


@pytest.fixture
def fake(served):
    """The fake interface, as new; it confirms every customer message."""
    served.fake.reset()
    served.fake.reply = lambda message, conversation: served.fake.say(
        f"Answer to {message['text']}", conversation=conversation
    )
    return served.fake


@pytest.fixture
def context(browser: Browser, fake):
    """A visitor's browser; anything the page's CSP had to stop, or that threw, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    problems: list[str] = []
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
    yield context
    context.close()
    assert problems == []


@pytest.fixture
def page(context) -> Page:
    """One tab."""
    return context.new_page()
