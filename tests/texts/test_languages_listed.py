"""Where the languages are listed for readers, the list is the product's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from odziv.settings import LANGUAGES, load_settings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["openapi.yml", "openapi-desk.yml"])
def test_the_descriptions_of_the_interfaces_name_every_language(page):
    lists = re.findall(r"enum: \[(\w\w(?:, \w\w)+)\]", (ROOT / "docs" / page).read_text("utf-8"))
    assert lists and {tuple(each.split(", ")) for each in lists} == {LANGUAGES}


def test_the_widgets_types_name_every_language():
    types = (ROOT / "odziv" / "chat" / "static" / "widget.d.ts").read_text("utf-8")
    [listed] = re.findall(r"type OdzivLanguage = (.*);", types)
    assert listed == " | ".join(f'"{language}"' for language in LANGUAGES)


def test_what_we_ship_serves_every_language():
    assert load_settings(ROOT / "config.yml", {}).languages == LANGUAGES
