"""The site's colour on the help pages: readable whatever it is."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from odziv.help import theme
from odziv.help.theme import DARK_PANEL, LIGHT_PANEL, USUAL, colour_of, contrast, theme_css


@pytest.mark.parametrize("colour", ["#1f5c4a", "#ffffff", "#000000", "#ffee00", "#808080", "#ff0000", "#7a9cff"])
def test_what_is_written_can_be_read(colour):
    css = theme_css(colour)
    on_band = re.search(r"--on-brand: (#\w+)", css)[1]
    light, dark = re.findall(r"--link: (#\w+)", css)
    assert contrast(on_band, colour) >= 4.5 or contrast("#ffffff", colour) < 4.5
    assert contrast(light, LIGHT_PANEL) >= 4.5 and contrast(dark, DARK_PANEL) >= 4.5


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777", "#ffffff") == pytest.approx(
        4.48, abs=0.01
    )


@pytest.mark.parametrize(
    ("site", "colour"),
    [
        (SimpleNamespace(color="#AA2200"), "#aa2200"),
        (SimpleNamespace(look=SimpleNamespace(color="#0033aa")), "#0033aa"),
        (SimpleNamespace(), USUAL),
        (SimpleNamespace(color="red; } body { display: none"), USUAL),
        (SimpleNamespace(color=None), USUAL),
    ],
)
def test_the_colour_is_the_sites_where_it_is_one(monkeypatch, site, colour):
    services = SimpleNamespace(settings=SimpleNamespace(sites={"shop": site}))
    monkeypatch.setattr(theme, "services", lambda: services)
    assert colour_of("shop") == colour


def test_the_style_sheet_is_served_and_kept(client):
    page = client.get("/help/en/").get_data(as_text=True)
    path = re.search(r'href="(/help-theme/demo\.css\?v=\w+)"', page)[1]
    answer = client.get(path)
    assert answer.mimetype == "text/css" and "--brand: #1f5c4a" in answer.get_data(as_text=True)
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get("/help-theme/nobody.css").status_code == 404
