"""First steps: each is seen from facts, the tag on the real page among them; and they go when all is done."""

from __future__ import annotations

import pytest

from kb import demo_articles
from kb.demo_articles import list_shipped, read_known
from odziv.cases.settings.first_steps import look_at_first_steps
from odziv.settings import Settings
from odziv.store.agents.agent import set_disabled
from odziv.store.audit import list_entries
from odziv.store.settings.changes import change_values
from odziv.store.settings.first_steps import list_sightings
from tests.desk.conftest import add_agent, build_app
from tests.desk.settings.website import give, serving

DAY = 24 * 60 * 60_000
OWN = {"sites/shop": True, "sites/shop/name": "Our shop"}
TAG = '<script src="{}/widget.js" data-site="shop" async></script>'


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Those of an installation of which nothing is said yet."""
    return Settings(var=tmp_path / "var", desk={"undo_seconds": 0, "webhook_hosts": ["127.0.0.1"]})


@pytest.fixture
def app(store, settings):
    return build_app(store, settings)


@pytest.fixture
def steps(boss, app):
    """Which steps the page says are missing."""

    def steps() -> list[str]:
        page = boss.get("/desk/first-steps").text
        parts = page.split('<li class="first-step')[1:]
        return [part.split('id="')[1].split('"')[0] for part in parts if not part.startswith(" is-done")]

    return steps


@pytest.fixture
def set_here(store, app):
    """Sets settings at the desk, over those that are set."""

    def set_here(**values) -> None:
        follower = app.extensions["odziv"].settings_follower
        change_values(store, None, values, seen=follower.edition)
        follower.look()

    return set_here


def test_each_step_is_seen_once_it_is_done(boss, app, store, set_here, steps, client):
    assert steps() == ["site", "origin", "look", "tag", "article", "colleague", "mail"]
    assert "First add your website." in boss.get("/desk/first-steps").text
    set_here(**OWN)
    assert steps() == ["origin", "look", "tag", "article", "colleague", "mail"]
    set_here(**{"sites/shop/origins": ["https://shop.example"], "sites/shop/color": "#aa3311"})
    assert steps() == ["tag", "article", "colleague", "mail"]
    client.get("/widget.js", headers={"Referer": "https://shop.example/some/page"})
    marek = add_agent(store, "Marek Zupan", "agent")
    assert steps() == ["article", "mail"]
    set_disabled(store, marek.id, True)
    assert steps() == ["article", "colleague", "mail"]


def test_demo_articles_are_told_from_ones_own(boss, kb, steps, monkeypatch):
    assert "article" not in steps() and "the demo shop’s still" not in boss.get("/desk/first-steps").text
    shipped = frozenset(article.content_hash[: demo_articles.DIGITS] for article in kb.articles())
    monkeypatch.setattr(demo_articles, "read_known", lambda: shipped)
    assert "article" in steps()
    assert f"{len(kb.articles())} articles are the demo shop’s still" in boss.get("/desk/first-steps").text
    monkeypatch.setattr(demo_articles, "read_known", lambda: frozenset(sorted(shipped)[:1]))
    assert "article" not in steps() and "1 article is the demo shop’s still" in boss.get("/desk/first-steps").text


def test_what_is_shipped_is_known():
    assert set(list_shipped()) == read_known(), "articles have changed: run `python -m kb.demo_articles`"


def test_the_rail_speaks_of_them_until_they_are_put_away(boss, sign_in, store):
    assert 'href="/desk/first-steps"' in boss.get("/desk/people").text
    editor = sign_in("Nik Hribar", "editor")
    assert 'href="/desk/first-steps"' not in editor.get("/desk/queue").text
    assert boss.post("/desk/first-steps/put-away").status_code == 303
    assert 'href="/desk/first-steps"' not in boss.get("/desk/people").text
    assert "Show them in the menu again" in boss.get("/desk/first-steps").text
    boss.post("/desk/first-steps/show")
    assert 'href="/desk/first-steps"' in boss.get("/desk/people").text
    assert list_entries(store, action="first_steps_put_away") and list_entries(store, action="first_steps_shown")


@pytest.mark.parametrize("who", ["agent", "editor"])
def test_others_are_refused(sign_in, who):
    person = sign_in("Nik Hribar", who)
    assert person.get("/desk/first-steps").status_code == 403
    for path in ("tag", "put-away", "show"):
        assert person.post(f"/desk/first-steps/{path}", url="https://shop.example", site="demo").status_code == 403


def test_a_page_is_looked_at_and_what_was_found_is_told(boss, set_here, steps):
    set_here(**OWN)
    with serving(give(TAG.format("http://localhost:8080"))) as website:
        assert boss.post("/desk/first-steps/tag", url=website.url, site="shop").status_code == 303
    page = boss.get("/desk/first-steps").text
    assert f"Found on {website.url}." in page and "tag" not in steps()
    with serving(give("<h1>Hello</h1>")) as website:
        boss.post("/desk/first-steps/tag", url=f"{website.url}/<b>", site="shop")
    page = boss.get("/desk/first-steps").text
    assert "there is no such tag" in page and "<b>" not in page and "tag" in steps()
    with serving(give(TAG.format("https://old.example"))) as website:
        boss.post("/desk/first-steps/tag", url=website.url, site="shop")
    assert "loads the chat from https://old.example/widget.js" in boss.get("/desk/first-steps").text


@pytest.mark.parametrize(
    ("url", "site", "status"),
    [
        ("http://10.0.0.1/", "shop", 422),
        ("10.0.0.1", "shop", 422),
        ("file:///etc/passwd", "shop", 422),
        ("", "shop", 422),
        ("x" * 5000, "shop", 422),
        ("https://shop.example/", "nowhere", 400),
    ],
)
def test_what_is_no_page_of_the_internet_is_refused(boss, set_here, store, url, site, status):
    set_here(**OWN)
    assert boss.post("/desk/first-steps/tag", url=url, site=site).status_code == status


def test_where_the_widget_is_loaded_is_noted_for_origins_of_sites_only_and_by_the_hour(client, store, clock, set_here):
    set_here(**OWN, **{"sites/shop/origins": ["https://shop.example"]})
    for page in ("https://evil.example/", "https://shop.example.evil.example/", "not a page", "http://[", ""):
        assert client.get("/widget.js", headers={"Referer": page}).status_code == 200
    assert list_sightings(store) == {}
    begun = clock()
    for _ in range(3):
        client.get("/widget.js", headers={"Referer": "https://SHOP.example/page?token=secret"})
        clock.advance(60_000)
    assert list_sightings(store) == {"https://shop.example": begun}
    clock.advance(60 * 60_000)
    client.get("/widget.js", headers={"Referer": "https://shop.example/"})
    assert list_sightings(store)["https://shop.example"] > begun


def test_what_was_seen_more_than_a_day_ago_counts_no_more(client, store, clock, set_here, app):
    set_here(**OWN, **{"sites/shop/origins": ["https://shop.example"]})
    client.get("/widget.js", headers={"Referer": "https://shop.example/"})
    settings = app.extensions["odziv"].settings
    assert look_at_first_steps(store, settings, []).done["tag"]
    clock.advance(DAY + 1)
    assert not look_at_first_steps(store, settings, []).done["tag"]
