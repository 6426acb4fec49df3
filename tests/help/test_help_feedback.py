"""What readers say: counted once, never lost, from the widget and from the page's form, and from nowhere else."""

from __future__ import annotations

import pytest

from odziv.help import feedback
from odziv.store.engine import DAY_MS
from odziv.store.knowledge.feedback import helpful_shares, list_comments
from tests.fixtures import SHOP

CALL = "/api/v1/articles/en/orders/return/feedback"
PAGE = "/help/en/orders/return"


def votes(store) -> list[tuple[str, int, int]]:
    return [(share.article, share.helpful, share.votes) for share in helpful_shares(store)]


def test_a_reader_is_counted_once_and_may_change_their_mind(client, store):
    for helpful in (True, True, False):
        assert client.post(CALL, json={"helpful": helpful}).status_code == 204
    assert votes(store) == [("orders/return", 0, 1)]
    client.post(CALL, json={"helpful": True}, headers={"User-Agent": "Another"})
    assert votes(store) == [("orders/return", 1, 2)]


def test_one_ipv6_network_has_one_vote_and_one_limit(client, store, monkeypatch):
    monkeypatch.setattr(feedback, "PER_MINUTE", 3)
    sources = [{"REMOTE_ADDR": f"2001:db8:1:2::{number:x}"} for number in range(4)]
    codes = [client.post(CALL, json={"helpful": True}, environ_overrides=source).status_code for source in sources]
    assert codes == [204, 204, 204, 429]
    assert votes(store) == [("orders/return", 1, 1)]


def test_the_reason_and_the_words_come_later_and_belong_to_the_same_vote(client, store):
    client.post(CALL, json={"helpful": False})
    client.post(CALL, json={"helpful": False, "reason": "unclear", "words": "Where is the form? ana@posta.example"})
    [comment] = list_comments(store)
    assert (comment.reason, comment.words) == ("unclear", "Where is the form? ⟨e-mail⟩")
    assert (comment.article, comment.language, comment.site) == ("orders/return", "en", "demo")
    assert votes(store) == [("orders/return", 0, 1)]


def test_words_are_never_written_over(client, store):
    for words in ("First.", "Second.", "Second."):
        client.post(CALL, json={"helpful": False, "words": words})
    assert {"First.", "Second."} <= {comment.words for comment in list_comments(store)}
    assert votes(store) == [("orders/return", 0, 1)]


def test_nothing_of_the_reader_is_kept_or_told(client, store):
    answer = client.post(CALL, json={"helpful": True}, headers={"User-Agent": "Firefox of Ana"})
    assert "Set-Cookie" not in answer.headers
    with store.read() as connection:
        row = str(connection.exec_driver_sql("SELECT * FROM article_feedback").first())
    assert "127.0.0.1" not in row and "Firefox" not in row


def test_tomorrow_the_same_reader_is_another(client, store):
    client.post(CALL, json={"helpful": True})
    store.clock.advance(DAY_MS)
    client.post(CALL, json={"helpful": True})
    assert votes(store) == [("orders/return", 2, 2)]


def test_of_an_article_shown_in_another_language_that_one_is_meant(client, store):
    client.post("/api/v1/articles/pl/orders/return/feedback", json={"helpful": False, "reason": "wrong"})
    assert list_comments(store)[0].language == "en"


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        {}, {"helpful": "yes"}, {"helpful": 1}, {"helpful": None}, {"helpful": False, "reason": "because"}, [],
        {"helpful": False, "words": "x" * 1001}, {"helpful": False, "words": 5}, {"helpful": True, "site": "x" * 65},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(client, store, body):
    answer = client.post(CALL, json=body)
    assert answer.status_code == 400 and answer.get_json()["error"]["code"] == "bad_request"
    assert votes(store) == []


def test_only_json_so_that_a_browser_asks_first(client, store):
    assert client.post(CALL, data='{"helpful": true}', content_type="text/plain").status_code == 415
    refused = client.post(CALL, json={"helpful": True}, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403 and votes(store) == []
    allowed = client.post(CALL, json={"helpful": True, "site": "demo"}, headers={"Origin": SHOP})
    assert allowed.status_code == 204 and allowed.headers["Access-Control-Allow-Origin"] == SHOP


def test_the_form_works_without_a_script(client, store):
    first = client.post(PAGE, data={"helpful": "no"})
    assert (first.status_code, first.headers["Location"]) == (303, f"{PAGE}?said=no#feedback")
    page = client.get(f"{PAGE}?said=no").get_data(as_text=True)
    assert "What was missing?" in page and '<form class="why" method="post" action="/help/en/orders/return">' in page
    then = client.post(PAGE, data={"helpful": "no", "reason": "wrong", "words": "<b>old</b>"})
    assert then.headers["Location"].endswith("?said=sent#feedback")
    assert "An editor will read it" in client.get(f"{PAGE}?said=sent").get_data(as_text=True)
    assert [(c.reason, c.words) for c in list_comments(store)] == [("wrong", "<b>old</b>")]
    assert client.get(f"{PAGE}?said=<script>").headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_other_website_can_send_the_form(client, store, headers):
    assert client.post(PAGE, data={"helpful": "yes"}, headers=headers).status_code == 403
    assert votes(store) == []


@pytest.mark.parametrize("fields", [{}, {"helpful": "perhaps"}, {"helpful": "no", "reason": "x"}])
def test_a_form_that_was_tampered_with_is_refused(client, store, fields):
    assert client.post(PAGE, data=fields).status_code == 400 and votes(store) == []


def test_long_words_of_a_form_are_cut(client, store):
    client.post(PAGE, data={"helpful": "no", "words": "wordy " * 1000})
    assert len(list_comments(store)[0].words) <= 1000


def test_too_much_from_one_address_is_refused_on_both_ways(client, monkeypatch):
    monkeypatch.setattr(feedback, "PER_MINUTE", 1)
    assert client.post(CALL, json={"helpful": True}).status_code == 204
    assert client.post(CALL, json={"helpful": True}).status_code == 429
    refused = client.post(PAGE, data={"helpful": "yes"})
    assert refused.status_code == 429 and refused.headers["Retry-After"]
    assert client.post("/help/en/orders/nothing", data={"helpful": "yes"}).status_code == 404
