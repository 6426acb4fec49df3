"""The settings that README and docs/ show to operators, as an operator has them who put a block in word for word."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
# Parts of a section are shown in its indentation: what they are parts of, by their first key.
MAIL = "odziv:\n  mail:\n    address: help@shop.example\n    smtp: {host: mail.provider.example}\n"
ABOVE = {
    "odziv": "",
    "desk": "odziv:\n",
    "shop": "odziv:\n  sites:\n",
    "outlet": "odziv:\n  sites:\n",
    "incoming": MAIL,
    "mailboxes": MAIL,
}
SITES = "  sites:\n    demo: {name: Smreka}\n"


def settings_blocks() -> dict[str, str]:
    """Each YAML block made whole, by the page and line it stands at. Raises KeyError for one whose place is unknown."""
    found = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for fence in re.finditer(r"^( *)```ya?ml\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
            block = textwrap.dedent(fence[2]) if fence[1] else fence[2]
            whole = ABOVE[re.search(r"[\w-]+", block)[0]] + block
            found[f"{page.name}:{text[: fence.start()].count(chr(10)) + 1}"] = whole
    return found


def config_with(block: str) -> str:
    """A config.yml with the shipped recipe and this block below `odziv:`."""
    shipped = (ROOT / "config.yml").read_text(encoding="utf-8")
    recipe = shipped[: shipped.index("\nodziv:\n") + 1]
    return recipe + block + ("" if "sites" in yaml.safe_load(block)["odziv"] else SITES)
