"""Looking at a page for the script tag: what is found, and that nothing else can be reached by it."""

from __future__ import annotations

import threading

import pytest

from odziv.desk.settings.page_check import Tag, find_tags, judge, look_for_tag
from odziv.web.webhook_addresses import NotAllowed
from tests.desk.settings.website import give, serving

OURS = "https://help.example"
PAGE = '<!doctype html><html><head><script src="{}" data-site="{}" async></script></head><body></body></html>'


@pytest.mark.parametrize(
    ("html", "outcome", "detail"),
    [
        (PAGE.format(f"{OURS}/widget.js", "shop"), "found", "shop"),
        (PAGE.format("//help.example/widget.js?v=1", "shop"), "found", "shop"),
        (PAGE.format(f"{OURS}/widget.js", "shop").upper().replace("HTTPS://HELP.EXAMPLE", OURS), "missing", ""),
        (PAGE.format(f"{OURS}/widget.js", "demo"), "other_site", "demo"),
        (PAGE.format("https://help.example.evil.example/widget.js", "shop"), "other_server", None),
        (PAGE.format("/widget.js", "shop"), "other_server", "https://shop.example/widget.js"),
        (f"<!-- {PAGE.format(f'{OURS}/widget.js', 'shop')} -->", "missing", ""),
        ("<p>data-site=shop src=widget.js", "missing", ""),
        ("<script src></script><script src='http://[/widget.js'><script src=", "missing", ""),
        ("", "missing", ""),
    ],
)
def test_what_a_page_has(html, outcome, detail):
    found = judge(find_tags(html, "https://shop.example/"), "shop", [OURS])
    assert found[0] == outcome and detail in (None, found[1])


@pytest.mark.parametrize(
    ("piece", "count"), [("<", 2_000_000), ("<script ", 250_000), ("<!--", 500_000), ("<script >", 100_000)]
)
def test_a_page_that_is_made_to_be_slow_is_not(piece, count):
    assert find_tags(piece * count, "https://shop.example/") == []


def test_of_several_tags_the_right_one_counts():
    html = PAGE.format("https://old.example/widget.js", "shop") + PAGE.format(f"{OURS}/widget.js", "shop")
    assert find_tags(html, "https://shop.example/")[1] == Tag(f"{OURS}/widget.js", "shop")
    assert judge(find_tags(html, "https://shop.example/"), "shop", [OURS])[0] == "found"


def look(website, path="/", **options):
    return look_for_tag(f"{website.url}{path}", "shop", [OURS], [website.host], **options)


def test_a_page_is_fetched_and_a_redirect_followed():
    def answers(request) -> None:
        if request.path == "/":
            give("", 302, Location="/sl/")(request)
        else:
            give(PAGE.format(f"{OURS}/widget.js", "shop"))(request)

    with serving(answers) as website:
        found = look(website)
        assert found == {"outcome": "found", "detail": "shop", "page": f"{website.url}/sl/"}
        assert website.asked == ["/", "/sl/"]


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (give("", 404), "status"),
        (give("", 301, Location="/"), "redirects"),
        (give("x" * 2_100_000), "large"),
        (lambda request: request.wfile.write(b"nonsense\r\n\r\n"), "away"),
    ],
)
def test_what_is_no_page(answers, outcome):
    with serving(answers) as website:
        assert look(website)["outcome"] == outcome


def test_who_is_slow_is_not_waited_for():
    def drips(request) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(200):
            request.wfile.write(b"<p>")
            request.wfile.flush()
            waiting.wait(0.05)

    waiting = threading.Event()
    with serving(drips) as website:
        assert look(website, seconds=0.4)["outcome"] == "slow"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://0/",
        "file:///etc/passwd",
        "gopher://shop.example/",
        "http://user:secret@shop.example/",
        "http://shop.example/\r\nHost: x",
        "javascript:alert(1)",
        "",
    ],
)
def test_nothing_inside_is_reached(url):
    with pytest.raises(NotAllowed):
        look_for_tag(url, "shop", [OURS], [])


def test_a_page_outside_can_not_lead_inside():
    with serving(give("secret")) as inside:

        def answers(request) -> None:
            give("", 302, Location=f"{inside.url}/")(request)

        with serving(answers) as outside, pytest.raises(NotAllowed):
            look(outside)
        assert inside.asked == []


def test_a_name_that_leads_inside_is_not_followed():
    with pytest.raises(NotAllowed):
        look_for_tag("https://shop.example/", "shop", [OURS], [], look_up=lambda host, port: ["1.1.1.1", "10.0.0.1"])
