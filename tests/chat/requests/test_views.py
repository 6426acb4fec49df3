"""The pages around the widget."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from odziv.settings import LANGUAGES


def test_the_script_may_be_loaded_by_any_site(client):
    answer = client.get("/widget.js")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "javascript" in answer.mimetype and b"data-site" in answer.data or b"dataset" in answer.data
    answer.close()


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("sl,en;q=0.5", "sl"), ("pl-PL", "pl"), ("de", "en"), ("", "en"), ("hr;q=0.9,sl;q=0.8", "hr"), ("%%%", "en")],
)
def test_the_front_page_leads_to_the_shop_in_the_browsers_language(client, accepts, language):
    answer = client.get("/", headers={"Accept-Language": accepts})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/demo/{language}/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shop_carries_the_widget(client, language):
    page = client.get(f"/demo/{language}/").get_data(as_text=True)
    assert f'lang="{language}"' in page
    assert 'src="/widget.js"' in page and 'data-site="demo"' in page


def test_no_such_page(client):
    assert client.get("/demo/de/").status_code == 404


def test_no_shop_where_there_is_no_demo_site(client, services, settings):
    services.settings = settings.model_copy(update={"sites": {"other": settings.sites["other"]}})
    assert client.get("/demo/en/").status_code == 404


def test_no_page_has_script_or_style_that_its_policy_forbids(client):
    for path in ("/demo/sl/", "/demo/calls"):
        page = client.get(path).get_data(as_text=True).lower()
        assert " style=" not in page and "<style" not in page and "onclick" not in page
        assert "<script>" not in page


def test_the_page_of_calls_makes_each_command_the_types_name(client):
    page = html.unescape(client.get("/demo/calls").get_data(as_text=True))
    types = Path("odziv/chat/static/widget.d.ts").read_text(encoding="utf-8")
    commands = {name for names in re.findall(r"command: ([^,)]+)", types) for name in re.findall(r'"(\w+)"', names)}
    assert {"boot", "close", "identify", "on"} <= commands
    assert commands - {"on"} <= set(re.findall(r'data-call=""(\w+)"', page))
