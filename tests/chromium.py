"""What every page has to pass in Chromium."""

from __future__ import annotations

import os

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


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


def shoot(page: Page, name: str) -> None:
    """For people who look: ODZIV_PICTURES names a folder."""
    if folder := os.environ.get("ODZIV_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", caret="initial")  # else it adds a style, which the policy stops
