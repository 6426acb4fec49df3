"""The desk over a config.yml that names one site by its name and where it is used, and hardly anything else."""

from __future__ import annotations

import re
from html import unescape

import pytest

from odziv.store.settings.changes import read_edition


@pytest.fixture
def save(boss, store):
    """Sends a page's form with these settings, as a browser does; `seen` is the present edition unless it is given."""

    def save(path: str, seen: int | None = None, **values: str):
        keys = {name.rsplit("/", 1)[0] if "/languages/" in name else name for name in values}
        edition = read_edition(store) if seen is None else seen
        return boss.post(f"/desk/settings/{path}", keys=sorted(keys), edition=str(edition), **values)

    return save


@pytest.fixture
def send_as_shown(boss):
    """Sends the form of a section with all its fields as the page has them."""

    def send_as_shown(section: str):
        page = boss.get(f"/desk/settings/{section}").text
        form = re.search(r'<form class="[^"]*settings-form.*?</form>', page, re.DOTALL)[0]
        fields: dict[str, list[str]] = {}
        for tag in re.findall(r"<input[^>]*>", form):
            name, value = (re.search(rf'{each}="([^"]*)"', tag) for each in ("name", "value"))
            if name and ("checkbox" not in tag or " checked" in tag):
                fields.setdefault(name[1], []).append(unescape(value[1] if value else ""))
        for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
            fields[name] = [unescape(text)]
        for name, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', inside)
            fields[name] = [chosen[1] if chosen else re.search(r'value="([^"]*)"', inside)[1]]
        return boss.client.post(f"/desk/settings/{section}", data=fields)

    return send_as_shown
