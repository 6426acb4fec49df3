"""`python -m bench.pictures [--prepared var] [--out docs/images]`: the pictures of widget and desk in docs/, made anew.

The product itself is started with the shipped articles; a customer asks on the demo shop's pages, and an agent is at
the desk, so that whoever waits has a place in the queue. For the desk's pictures made-up people have written to it.
Colours are reduced to 256, to keep the files small.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from bench.parts.browser import chromium
from bench.parts.product import Product, stop_tidily
from odziv.desk.people.passwords import hash_password
from odziv.store import Store
from odziv.store.agents.agent import invite
from tests.browser.busy_day import Day, fill_day

WIDE: dict[str, Any] = {"viewport": {"width": 1180, "height": 780}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 1.5,
    "has_touch": True,
    "is_mobile": True,
}
QUESTIONS = {"en": "Can I return a tent I used once?", "sl": "Kako vrnem šotor?", "pl": "Ile kosztuje dostawa?"}
PERSON = {"en": "Talk to a person", "sl": "Pogovor s sodelavcem"}
PASSWORD = "correct horse battery staple"


def visit(browser: Browser, url: str, language: str, **options: Any) -> Page:
    """The demo shop with the chat open, and still."""
    context = browser.new_context(reduced_motion="reduce", locale=language, timezone_id="Europe/Ljubljana", **options)
    page = context.new_page()
    page.goto(f"{url}/demo/{language}/")
    page.locator(".bubble").click()
    page.locator(".home .rows button").first.wait_for()
    return page


def ask(page: Page, text: str) -> None:
    """A question, and its answer with the article's card."""
    page.locator("odziv-chat textarea").fill(text)
    page.locator("odziv-chat textarea").press("Enter")
    page.locator(".msg.bot[data-seq] .card").last.wait_for()
    page.locator(".typing").wait_for(state="hidden")


def look_up(page: Page) -> None:
    """To the customer's question."""
    page.locator(".own[data-seq]").last.evaluate("own => { own.closest('.scroll').scrollTop = own.offsetTop - 16 }")


def show_open(browser: Browser, url: str) -> Page:
    return visit(browser, url, "en", **WIDE)


def show_answered(browser: Browser, url: str) -> Page:
    page = visit(browser, url, "en", **WIDE)
    ask(page, QUESTIONS["en"])
    look_up(page)
    return page


def show_waiting(browser: Browser, url: str) -> Page:
    page = visit(browser, url, "sl", **WIDE)
    ask(page, QUESTIONS["sl"])
    page.locator(".person", has_text=PERSON["sl"]).click()
    page.locator(".wait").first.wait_for()
    return page


def show_offline(browser: Browser, url: str) -> Page:
    page = show_answered(browser, url)
    page.context.set_offline(True)
    page.locator("odziv-chat textarea").fill("And if the zip is broken?")
    page.locator("odziv-chat textarea").press("Enter")
    page.locator(".pending").wait_for()
    page.locator(".banner").wait_for()
    return page


def show_dark(browser: Browser, url: str) -> Page:
    page = visit(browser, url, "pl", **WIDE, color_scheme="dark")
    ask(page, QUESTIONS["pl"])
    look_up(page)
    return page


def show_phone(browser: Browser, url: str) -> Page:
    page = visit(browser, url, "sl", **PHONE)
    ask(page, QUESTIONS["sl"])
    look_up(page)
    return page


def open_desk(browser: Browser, url: str, day: Day, conversation: str, **options: Any) -> Page:
    """A conversation, for the agent whose day it is."""
    context = browser.new_context(reduced_motion="reduce", locale="en-GB", timezone_id="Europe/Ljubljana", **options)
    page = context.new_page()
    page.goto(f"{url}/desk/sign-in")
    page.locator("input[name=email]").fill(day.me.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/desk/queue")
    page.goto(f"{url}/desk/conversations/{conversation}")
    page.wait_for_load_state("load")
    return page


def show_queue(browser: Browser, url: str, day: Day) -> Page:
    return open_desk(browser, url, day, day.waiting[1], viewport={"width": 1280, "height": 800})


def show_conversation(browser: Browser, url: str, day: Day) -> Page:
    page = open_desk(browser, url, day, day.mine, viewport={"width": 1280, "height": 940})
    page.locator("#found .found").first.wait_for()
    page.locator("#customer > summary").click()
    return page


def show_desk_on_phone(browser: Browser, url: str, day: Day) -> Page:
    return open_desk(browser, url, day, day.mine, **{**PHONE, "viewport": {"width": 390, "height": 844}})


SHOWN = {
    "widget-open": show_open,
    "widget": show_answered,
    "widget-waiting": show_waiting,
    "widget-offline": show_offline,
    "widget-dark": show_dark,
    "widget-phone": show_phone,
}
AT_THE_DESK = {"desk": show_queue, "conversation": show_conversation, "phone": show_desk_on_phone}


def photograph(page: Page, target: Path, *, has_scenery: bool) -> None:
    """The picture, with a palette (scenery needs mixed colours, plain pages none); and the page is closed."""
    page.mouse.move(2, 400)  # nothing is pointed at
    page.wait_for_timeout(400)  # the last scroll
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    palette = whole.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=2 if has_scenery else 0)
    dither = Image.Dither.FLOYDSTEINBERG if has_scenery else Image.Dither.NONE
    whole.quantize(palette=palette, dither=dither).save(target, optimize=True)
    page.context.close()
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} KB")


def sit_down(browser: Browser, product: Product) -> Page:
    """An agent at the desk, for as long as the page is open."""
    store = Store(f"sqlite:///{product.var / 'odziv.sqlite'}")
    link = f"{product.url}/desk/invite/{invite(store, 'maja@smreka.example', 'agent')}"
    store.close()
    page = browser.new_context(locale="en").new_page()
    page.goto(link)
    page.locator("input[name=name]").fill("Maja Novak")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=again]").fill(PASSWORD)
    page.locator("input[name=again]").press("Enter")
    page.wait_for_url("**/desk/**")
    return page


def have_a_day(product: Product) -> Day:
    """Customers and colleagues at the desk, as in the middle of a day."""
    store = Store(f"sqlite:///{product.var / 'odziv.sqlite'}")
    day = fill_day(store, hash_password(PASSWORD))
    store.close()
    return day


def main() -> None:
    """Makes them all, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"only these: {', '.join([*SHOWN, *AT_THE_DESK])}")
    parser.add_argument("--prepared", type=Path, help="a data folder whose model and index are copied")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    stop_tidily()
    prepared, drawing = wanted.prepared, "--font-render-hinting=none"
    with (
        tempfile.TemporaryDirectory() as folder,
        Product(Path(folder), prepared) as product,
        chromium(drawing) as browser,
    ):
        sit_down(browser, product)
        names = wanted.names or [*SHOWN, *AT_THE_DESK]
        for name in [name for name in names if name in SHOWN]:
            photograph(SHOWN[name](browser, product.url), wanted.out / f"{name}.png", has_scenery=True)
        if at_the_desk := [name for name in names if name in AT_THE_DESK]:
            day = have_a_day(product)
            for name in at_the_desk:
                page = AT_THE_DESK[name](browser, product.url, day)
                photograph(page, wanted.out / f"{name}.png", has_scenery=False)


if __name__ == "__main__":
    main()
