"""Every address of the product, with bodies, queries and headers that nobody sends in good faith: none is a 500."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from odziv.desk.people.sign_in import inside_the_desk
from odziv.store.agents.tokens import make_token
from tests.desk.conftest import csrf_of

DEEP = "[" * 2000 + "]" * 2000
VALUES = [
    "1" + "0" * 400, "-1" + "0" * 400, "1" * 5000, "1e999", "-1e999", "NaN", "Infinity", "-Infinity",
    "9223372036854775808",
    "1e308", "-0.0", "0", "-1", "true", "null", '""', '"\\ud800"', '"\\udc00\\ud800"', '"a\\u0000b"', '"\\u202e"',
    '"' + "a" * 20_000 + '"',
    "[]", "{}", "[[]]", DEEP, '{"a":' * 1500 + "1" + "}" * 1500, '["\\ud800"]', '{"\\ud800": 1}',
    '{"a": 1' + "0" * 400 + "}",
    '{"a": NaN}', '{"a": {"b": 1}}', '"2026-13-45"', '"../../etc/passwd"', '"a\\r\\nb: c"', '" "', '"%00"',
    "[null]", '[1e999]',
]  # fmt: skip
FIELDS = [
    "site", "language", "page", "browser", "attributes", "identity", "consent", "resume", "client_id", "text",
    "button",
    "attachments", "name", "email", "to", "note", "topic", "promise_minutes", "minutes", "priority", "from",
    "confirmed",
    "reason", "article", "category", "title", "question", "answer", "available", "helpful", "words", "rating",
    "comment",
    "after", "cursor", "limit", "q", "status", "events", "url", "seq", "index", "declined", "a\\ud800", "",
]  # fmt: skip
BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"a":1}{',
    DEEP.encode(),
    b"{" * 5000,
    b"\x00",
]
QUERIES = [
    "next=/desk/%0d%0aX:%20y", "next=/desk/%0a", "next=%2F%2Fevil.example", "next=/desk/%00", "next=/desk/%C2%85",
    "next=/desk/%E2%80%A8",
    "after=1" + "0" * 400, "after=-1", "after=%00", "after=1&after=2", "limit=1" + "0" * 400, "cursor=%ff",
    "cursor=" + "A" * 5000,
    "q=%ff%fe", "q=%00", "q=" + "a" * 8000, "q=%ED%A0%80", "language=%00", "language=" + "x" * 500, "site=%ff",
    "timezone=../../etc/passwd",
    "timezone=%00", "timezone=" + "a/" * 200, "at=1" + "0" * 400, "at=%D9%A3", "days=1e999", "month=0000-00",
    "from=9999-99-99", "said=%00",
    "v=%00", "topic=%00", "status[]=x", "&&&===", "%", "%zz=%zz", "%ED%A0%80=1",
]  # fmt: skip
PLACES = ["x", "0", "1" + "0" * 400, "-1", "%00", "%ff", "..", "%0d%0a", "a" * 3000, "%ED%A0%80", "९"]
HEADERS = [
    {"Origin": "http://["}, {"Origin": "\x80\xff"}, {"Origin": "x" * 5000}, {"Host": "["}, {"Host": "[::1"},
    {"Host": "a b"},
    {"Host": "evil.example:99999"}, {"Host": ""}, {"Authorization": "Bearer "},
    {"Authorization": "Bearer " + "\xff" * 20},
    {"Authorization": "Bearer a.b.c"}, {"Authorization": "Basic \xff"}, {"Last-Event-ID": "1" + "0" * 400},
    {"Last-Event-ID": "٣"},
    {"Accept-Language": ",;q=x,\xff;q=1e999"}, {"If-Modified-Since": "x" * 500}, {"If-None-Match": '"' * 500},
    {"Range": "bytes=9-1,x"},
    {"Cookie": "odziv_desk=\xff; odziv_desk=.a.b"}, {"User-Agent": "\xff" * 3000}, {"X-Forwarded-For": "x, \xff"},
    {"Referer": "http://["},
    {"Content-Type": "application/json; charset=\xff"}, {"Content-Type": "multipart/form-data"},
    {"HX-Request": "\xff"},
    {"Sec-Fetch-Site": "\xff"},
]  # fmt: skip
NEVER_ENDING = ("events",)


def bodies() -> Iterator[bytes]:
    """Bodies that are hostile whole, then each odd value in every field at once, and one of three in each alone."""
    yield from BODIES
    usual = '"site": "demo", "client_id": "c1", "text": "x", "helpful": true'
    for value in VALUES:
        yield ("{" + ", ".join(f'"{field}": {value}' for field in FIELDS) + "}").encode()
    for field, value in zip(FIELDS, cycle([VALUES[0], '"\\ud800"', DEEP]), strict=False):
        yield ("{" + f'{usual}, "{field}": {value}' + "}").encode()


def addresses(app: Flask, begins: tuple[str, ...], *places: str) -> list[tuple[str, str]]:
    """Each address with each of its methods, with each of `places` for what stands for a part of it."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(begins) and "static" not in rule.rule and not rule.rule.endswith(NEVER_ENDING):
            paths = [fill(rule, place) for place in places] if rule.arguments else [rule.rule]
            found += [(method, path) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}) for path in paths]
    return found


def fill(rule: Rule, place: str) -> str:
    """The rule's address with `place` for each of its arguments."""
    return "".join(part[1] if not part[0] else place for part in rule._trace if part[1] != "|")


def check(client: FlaskClient, method: str, path: str, **sent) -> None:
    try:
        answer = client.open(path, method=method, **sent)
    except Exception as error:
        raise AssertionError(f"{method} {path} {str(sent)[:300]}: {error!r}") from error
    assert answer.status_code < 500, f"{method} {path} {str(sent)[:300]}"
    answer.close()


@pytest.fixture
def patient(app, kb):
    """What a test sends too much of is taken."""
    app.extensions["odziv"].rate_limits.check = lambda *_: None
    return app


@pytest.mark.slow
def test_every_address_survives_odd_places_in_it(patient, visitor_path, sign_in):
    client, headers, _ = visitor_path
    admin = sign_in("Root Admin", "admin").client
    for method, path in addresses(patient, ("/",), *PLACES):
        check(client, method, path, headers=headers)
        check(admin, method, path)


@pytest.mark.slow
@pytest.mark.parametrize("begins", ["/api/v1", "/rasa"])
def test_the_widgets_interface_survives_every_body(patient, visitor_path, begins):
    client, headers, conversation = visitor_path
    for method, path in addresses(patient, (begins,), conversation):
        if method != "GET":
            for body in bodies():
                check(client, method, path, data=body, headers=headers, content_type="application/json")


@pytest.mark.slow
def test_every_address_survives_odd_queries_and_headers(patient, visitor_path, sign_in):
    """Each with a third of them, every one at many addresses."""
    client, headers, conversation = visitor_path
    admin = sign_in("Root Admin", "admin").client
    for number, (method, path) in enumerate(addresses(patient, ("/",), conversation)):
        if method == "GET":
            who, own = (admin, {}) if path.startswith("/desk") else (client, headers)
            for query in QUERIES[number % 3 :: 3]:
                check(who, "GET", f"{path}?{query}", headers=own)
            for odd in HEADERS[number % 3 :: 3]:
                check(who, "GET", path, headers=own | odd)


TYPED = ["1" + "0" * 400, "\x00", "\ud7ff", "a\r\nb", "९", "-1", "1e999", "x" * 20_000, "/desk/\n", "[" * 500]
TYPED_INTO = [
    *FIELDS[:-2], "password", "code", "shortcut", "text_en", "hours", "skills", "role", "secret", "next", "until",
]  # fmt: skip


@pytest.mark.slow
def test_the_desks_forms_survive_what_nobody_types(patient, visitor_path, sign_in):
    _, _, conversation = visitor_path
    admin = sign_in("Root Admin", "admin").client
    for method, path in addresses(patient, ("/desk",), conversation, "1"):
        if method == "POST" and "sign-out" not in path:
            for value in TYPED:
                fields = {**dict.fromkeys(TYPED_INTO, value), "csrf_token": csrf_of(admin)}
                check(admin, "POST", path, data=fields)
            check(admin, "POST", f"{path}?next=/desk/%0d%0ax", data={"csrf_token": csrf_of(admin)})


@pytest.mark.slow
def test_the_interface_for_programs_survives_every_body(patient, visitor_path, sign_in, store):
    client, _, conversation = visitor_path
    admin = sign_in("Root Admin", "admin").agent
    _, token = make_token(store, admin.id, "walk", "admin", days=None)
    headers = {"Authorization": f"Bearer {token}"}
    for method, path in addresses(patient, ("/api/desk",), conversation, "1"):
        for query in QUERIES if method == "GET" else ():
            check(client, method, f"{path}?{query}", headers=headers)
        for body in bodies() if method != "GET" else ():
            check(client, method, path, data=body, headers=headers, content_type="application/json")


@pytest.fixture
def visitor_path(app):
    """A customer's browser, the headers that let it in, and its conversation's id."""
    client = app.test_client()
    answer = client.post("/api/v1/conversations", json={"site": "demo", "language": "en"}).get_json()
    return client, {"Authorization": f"Bearer {answer['token']}"}, answer["conversation"]["id"]


@pytest.mark.slow
@pytest.mark.parametrize("value", VALUES)
def test_an_attribute_that_cannot_be_kept_is_refused_or_left_out(app, value):
    body = '{"site": "demo", "attributes": {"a": ' + value + "}}"
    answer = app.test_client().post("/api/v1/conversations", data=body, content_type="application/json")
    assert answer.status_code in (201, 400)
    if answer.status_code == 400:
        assert answer.get_json()["error"]["code"] == "bad_request"


def test_an_emoji_that_was_cut_does_not_cost_the_message(app, visitor_path):
    client, headers, conversation = visitor_path
    body = '{"client_id": "c1", "text": "Thanks \\ud83d"}'
    path = f"/api/v1/conversations/{conversation}/messages"
    answer = client.post(path, data=body, headers=headers, content_type="application/json")
    assert (answer.status_code, answer.get_json()["message"]["text"]) == (201, "Thanks")


@pytest.mark.parametrize(
    "wanted", ["/desk/\nx", "/desk/\r\nSet-Cookie: a=b", "/desk/\x00", "/desk/\x85", "/desk/\u2028", "/desk/\\x",
    "//x", None]
)  # fmt: skip
def test_nobody_is_sent_where_no_header_can_lead(app, wanted):
    with app.test_request_context("/desk/sign-in"):
        assert inside_the_desk(wanted) == "/desk/queue"
        assert inside_the_desk("/desk/a?b=c") == "/desk/a?b=c"
