"""What a site's pages may know of it, and which articles its customers are answered from."""

from __future__ import annotations

import json
import re

import pytest

from kb.scope import scope
from odziv.chat.sites import looks
from odziv.settings import Site
from odziv.settings.mail import MailSettings


@pytest.fixture
def outlet(services, settings):
    """A site with everything set."""
    outlet = Site(
        name="Outlet",
        color="#a8431f",
        position="left",
        theme="dark",
        launcher={"en": "</script>"},
        greeting={"en": "Hello!"},
        languages=("en", "sl"),
        tags=("outlet",),
    )
    services.settings = settings.model_copy(update={"sites": {**settings.sites, "demo": outlet}})
    return outlet


def test_a_page_learns_how_its_site_wants_the_widget(client, outlet):
    answer = client.get("/api/v1/sites/demo", headers={"Origin": "https://anybody.example"})
    assert answer.get_json()["site"] == {
        "key": "demo", "name": "Outlet", "color": "#a8431f", "theme": "dark", "position": "left",
        "launcher": {"en": "</script>"}, "greeting": {"en": "Hello!"}, "languages": ["en", "sl"], "person": True,
        "mail": False, "consent": None, "proactive": [], "allowed": False,
    }  # fmt: skip
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True), ("https://shop.example", True), ("http://localhost", True),
        ("null", False), ("http://shop.example", False), ("https://shop.example:8443", False),
        ("https://shop.example.evil.example", False), ("https://SHOP.example", False), ("š\x7f", False),
    ],
)  # fmt: skip
def test_a_page_is_told_whether_it_is_the_sites(client, origin, allowed):
    answer = client.get("/api/v1/sites/demo", headers={"Origin": origin} if origin else {})
    assert answer.get_json()["site"]["allowed"] is allowed
    assert answer.headers["Vary"] == "Origin"  # what one page is told is not kept for another


def test_a_page_learns_that_mail_is_sent_and_not_from_where(client, services, settings):
    mail = {"address": "help@smreka.example", "smtp": {"host": "relay.example", "port": 587, "security": "starttls"}}
    services.settings = settings.model_copy(update={"mail": MailSettings.model_validate(mail)})
    answer = client.get("/api/v1/sites/demo")
    assert answer.get_json()["site"]["mail"] is True
    assert "smreka.example" not in answer.text and "relay.example" not in answer.text


@pytest.mark.parametrize("key", ["nobody", "%00", "demo%2f..", "DEMO", "🙂"])
def test_unknown_sites(client, key):
    assert client.get(f"/api/v1/sites/{key}").status_code == 404


@pytest.mark.slow
def test_the_loader_carries_what_differs_and_cant_be_broken_out_of(client, services, outlet):
    found = json.loads(looks(services.settings))
    assert found == {
        "demo": {
            "color": "#a8431f", "theme": "dark", "position": "left",
            "launcher": {"en": "</script>"}, "languages": ["en", "sl"],
        }
    }  # fmt: skip
    script = client.get("/widget.js").get_data(as_text=True)
    assert "</script>" not in script
    assert json.loads(re.search(r"SITES=(\{.*?\});", script).group(1)) == found


@pytest.mark.slow
def test_the_loader_changes_its_tag_with_a_look(client, services, settings, outlet):
    first = client.get("/widget.js").headers["ETag"]
    services.settings = settings
    assert client.get("/widget.js").headers["ETag"] != first


def test_the_bot_looks_for_answers_among_the_sites_articles(services, visitor, run_turns, outlet):
    seen = []
    services.bot.says = lambda *call: seen.append(scope()) or [{"text": "Hello."}]
    visitor.say("hello")
    run_turns()
    assert seen == [frozenset({"outlet"})]
    assert scope() == frozenset()


def test_a_site_that_is_gone_has_no_tags(settings):
    assert settings.tags_of("gone") == ()
