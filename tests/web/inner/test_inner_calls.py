"""What a worker tells the web processes, and that it tells nobody else."""

from __future__ import annotations

import httpx
import pytest

from kb.scope import within
from odziv.cases.elsewhere.workers import WorkersAway
from odziv.web.inner.calls import MOST_BYTES
from server import create_app
from tests.cases.customer_data.rasa_memory import remember, remembered

PATHS = ["search", "language", "knowledge", "state", "figures", "forget"]


def call(worker, path: str, **more):
    return httpx.post(f"{worker.url}/inner/{path}", headers={**worker.headers, **more.pop("headers", {})}, **more)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", "Bearer \xff\xfe", "Basic x"])
def test_without_the_token_nothing_is_told(worker, path, given):
    headers = {} if given is None else {"Authorization": given.encode("latin-1")}
    answer = httpx.post(f"{worker.url}/inner/{path}", headers=headers, content=b"{}")
    assert answer.status_code == 401 and answer.json()["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("path", ["search", "language"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"{",
        b'{"text": 7, "language": "en", "limit": 3}',
        b'{"text": "x", "language": "tlh", "limit": 3, "page": "tlh"}',
        b'{"text": "x", "language": "en", "limit": 0, "page": 1}',
    ],
)
def test_garbage_is_refused(worker, path, body):
    assert call(worker, path, content=body).status_code == 400


@pytest.mark.parametrize(
    "conversations", [None, "a", [7], ["%"], ["a" * 25], ["A" * 24], ["a" * 24 + "\n"], ["a" * 24] * 101]
)
def test_only_conversations_are_forgotten(worker, conversations):
    assert call(worker, "forget", json={"conversations": conversations}).status_code == 400


def test_rasa_forgets_what_was_deleted_and_nothing_else(worker):
    var = worker.services.settings.var
    remember(var, "a" * 24, "b" * 24)
    for count in (1, 0):
        assert call(worker, "forget", json={"conversations": ["a" * 24]}).json() == {"dialogues": count}
    assert remembered(var) == 1
    (var / "rasa" / "tracker.db").write_bytes(b"no database" * 1000)
    assert call(worker, "forget", json={"conversations": ["b" * 24]}).status_code == 503


def test_a_huge_body_is_refused(worker):
    assert call(worker, "search", content=b" " * (MOST_BYTES + 1)).status_code == 413


def test_a_web_process_has_none_of_these_addresses(web):
    client = create_app(web).test_client()
    for path in (*(f"/inner/{path}" for path in PATHS), "/rasa/actions", "/rasa/check"):
        headers = {"Authorization": f"Bearer {web.inner_token}"}
        assert client.post(path, headers=headers, json={}).status_code == 404, path


def test_a_worker_has_none_of_the_public_ones(worker):
    client = create_app(worker.services).test_client()
    for path in ("/", "/demo/en/", "/widget.js", "/help/en/", "/desk/", "/desk/sign-in", "/metrics"):
        assert client.get(path).status_code == 404, path
    assert client.post("/api/v1/conversations", json={"site": "demo", "language": "en"}).status_code == 404
    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize(
    "text",
    ["how do I return boots", "reset password", "čevlje vrniti", "", "?!", pytest.param("x" * 30_000, id="long")],
)
@pytest.mark.parametrize("language", ["en", "sl"])
def test_what_is_found_is_what_the_worker_itself_finds(web, worker, text, language):
    assert web.kb.search(text, language, 3) == worker.services.kb.search(text[:20_000], language, 3)


def test_the_scope_of_a_site_goes_along(web):
    assert "orders/return" in {hit.article for hit in web.kb.search("how do I return boots", "en")}
    with within(["delivery"]):
        assert {hit.article for hit in web.kb.search("how do I return boots", "en")} <= {"delivery/cost"}


def test_half_characters_are_no_reason_to_fail(web):
    assert isinstance(web.kb.search("boots \ud83d return", "en"), list)
    assert web.knowledge.detect_language("boots \ud83d", page="en") == "en"


def test_both_serve_the_same_edition_and_the_same_figures(web, worker):
    theirs = worker.services.kb
    assert web.kb.edition == theirs.edition and web.kb.edition
    assert web.kb.articles() == theirs.articles()
    assert web.kb.article("orders/return", "sl") == theirs.article("orders/return", "sl")
    assert web.kb.calibration == theirs.calibration
    assert web.kb.topics.state == theirs.topics.state


def test_a_language_is_detected_by_the_worker(web, worker):
    text = "Kako lahko vrnem izdelek, ki sem ga kupila pri vas?"
    assert web.knowledge.detect_language(text, page="en") == "sl"
    worker.kill()
    assert web.knowledge.detect_language(text, page="hr") == "hr"
    assert web.knowledge.detect_language(text) == "en"


def test_without_a_worker_searching_says_so(web, worker):
    worker.kill()
    for ask in (lambda: web.kb.search("boots", "en"), lambda: web.kb.calibration, lambda: web.kb.topics):
        with pytest.raises(WorkersAway):
            ask()
    assert web.kb.articles()
