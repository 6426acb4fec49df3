"""Draws the desk's icons for home screens from the mark: `python -m tests.browser.draw_icons`, after a change of it."""

from __future__ import annotations

from pathlib import Path

from bench.parts.browser import chromium

FOLDER = Path(__file__).parents[2] / "odziv" / "desk" / "static" / "frame"
BUBBLE = "M5 3h22a3 3 0 0 1 3 3v15a3 3 0 0 1-3 3H17l-7 6v-6H5a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3z"
TREE = "M16 6.5l4.3 5.4h-2.2l3.7 4.7h-4.5v3.6h-2.6v-3.6h-4.5l3.7-4.7h-2.2z"
GREEN = "#1f5c4a"
ON_NOTHING = f'<path fill="{GREEN}" d="{BUBBLE}"/><path fill="#fff" d="{TREE}"/>'
# Systems cut these into shapes of their own: colour to the edges, and the mark in the middle.
FULL = (
    f'<path fill="{GREEN}" d="M0 0h32v32H0z"/><g transform="translate(6.4 6.1) scale(.6)">'
    f'<path fill="#fff" d="{BUBBLE}"/><path fill="{GREEN}" d="{TREE}"/></g>'
)
# Of a small sign beside the time, systems take the shape alone.
SHAPE = f'<path fill="#fff" fill-rule="evenodd" d="{BUBBLE}{TREE}"/>'
ICONS = {
    "icon-192": (192, ON_NOTHING),
    "icon-512": (512, ON_NOTHING),
    "icon-full": (512, FULL),
    "icon-apple": (180, FULL),
    "badge": (96, SHAPE),
}


def draw() -> None:
    """Writes them all beside the mark."""
    with chromium() as browser:
        for name, (size, shapes) in ICONS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f'<style>*{{margin:0;display:block}}</style><svg xmlns="http://www.w3.org/2000/svg" width="{size}" '
                f'height="{size}" viewBox="0 0 32 32">{shapes}</svg>'
            )
            page.screenshot(path=FOLDER / f"{name}.png", omit_background=True)


if __name__ == "__main__":
    draw()
