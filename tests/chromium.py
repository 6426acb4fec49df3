"""How the browser tests start Debian's Chromium (headless, as root in a container, asking nobody outside), and what
every page has to pass in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
# A busy machine may take its time; what comes at once is still seen at once.
expect.set_options(timeout=20_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for as long as the block runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS.split())
        yield browser
        browser.close()


def check(page: Page, name: str = "") -> None:
    """Nothing serious for axe, and no sideways scrolling."""
    assert find_serious(page) == [], name or page.url
    assert fits(page), name or page.url


def find_serious(page: Page, context: str | None = None) -> list[str]:
    """What axe finds serious or worse: its rules, each with the pieces of the page that break it."""
    page.wait_for_load_state("load")  # before, styles may be missing
    found = Axe().run(page, context=context).response["violations"]
    serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
    return [f"{rule['id']}: {[node['html'][:200] for node in rule['nodes'][:3]]}" for rule in serious]


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    page.wait_for_load_state("load")
    return page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth"
    )


# JavaScript for a page: gives an element a picture of these bytes, pasted or dropped.
GIVE_PICTURE = """(target, [kind, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], kind + ".png", { type: "image/png" }));
    const options = { bubbles: true, cancelable: true, composed: true };
    target.dispatchEvent(kind === "paste"
        ? new ClipboardEvent(kind, { ...options, clipboardData: data })
        : new DragEvent(kind, { ...options, dataTransfer: data }));
}"""
