"""The pages around the widget."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from settings import LANGUAGES


@pytest.fixture
def shelf(services):
    """One article in English with a follow-up, and a second in Slovenian too."""
    shelf = services.kb.shelf
    body = "You have **14 days**.\n\n<script>alert(1)</script> [more](orders/refund-time)"
    shelf["orders/return", "en"] = SimpleNamespace(
        id="orders/return", language="en", title="Returns & <b>refunds</b>", body=body, handoff=False,
        follow_ups=("orders/refund-time", "orders/missing"), tags=(), questions=(),
    )  # fmt: skip
    for language in ("en", "sl"):
        shelf["orders/refund-time", language] = SimpleNamespace(
            id="orders/refund-time", language=language, title="Refund time", body="Soon.", handoff=False,
            follow_ups=(), tags=(), questions=(),
        )  # fmt: skip
    return shelf


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


@pytest.mark.parametrize("path", ["/demo/de/", "/help/de/orders/return", "/help/en/orders/nothing", "/help/en/x"])
def test_no_such_page(client, shelf, path):
    assert client.get(path).status_code == 404


def test_no_shop_where_there_is_no_demo_site(client, services, settings):
    services.settings = settings.model_copy(update={"sites": {"other": settings.sites["other"]}})
    assert client.get("/demo/en/").status_code == 404


def test_an_article_to_read(client, shelf):
    page = client.get("/help/en/orders/return").get_data(as_text=True)
    assert "<strong>14 days</strong>" in page
    assert "Returns &amp; &lt;b&gt;refunds&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert page.count('href="/help/en/orders/refund-time"') == 2
    assert "orders/missing" not in page


def test_an_article_in_another_language_where_this_one_has_none(client, shelf):
    answer = client.get("/help/sl/orders/return")
    assert answer.status_code == 200
    assert "<strong>14 days</strong>" in answer.get_data(as_text=True)


def test_no_page_has_script_or_style_that_its_policy_forbids(client, shelf):
    for path in ("/demo/sl/", "/help/en/orders/return"):
        page = client.get(path).get_data(as_text=True).lower()
        assert " style=" not in page and "<style" not in page and "onclick" not in page
        assert "<script>" not in page


def test_the_page_of_calls_makes_each_command_the_types_name(client):
    page = html.unescape(client.get("/demo/calls").get_data(as_text=True))
    types = Path("chat/static/widget.d.ts").read_text(encoding="utf-8")
    commands = {name for names in re.findall(r"command: ([^,)]+)", types) for name in re.findall(r'"(\w+)"', names)}
    assert {"boot", "close", "identify", "on"} <= commands
    assert commands - {"on"} <= set(re.findall(r'data-call=""(\w+)"', page))
