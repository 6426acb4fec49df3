"""What holds for every page of the desk: CSRF, headers, no inline code, and vendored files as they were."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from odziv.desk.blueprint import blueprint, version_of
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from tests.desk.conftest import csrf_of

DESK = Path(__file__).parents[2] / "odziv" / "desk"
KEPT = "public, max-age=31536000, immutable"
FILES = f"/desk{blueprint.static_url_path}"


@pytest.mark.parametrize("token", ["", "wrong"])
@pytest.mark.parametrize(
    "action", ["messages", "release", "typing", "/desk/handoffs/{handoff}/claim", "/desk/next", "/desk/sign-out"]
)
@pytest.mark.slow
def test_without_this_sessions_token_nothing_changes(ana, taken, store, action, token):
    path = action.format(handoff=taken.handoff) if action.startswith("/") else f"{taken.path}/{action}"
    before = (find_conversation(store, taken.id), list_messages(store, taken.id, internal=True))
    fields = {"csrf_token": token, "text": "x", "kind": "note", "status": "resolved"}
    response = ana.client.post(path, data=fields)
    assert response.status_code == 400
    assert (find_conversation(store, taken.id), list_messages(store, taken.id, internal=True)) == before
    assert ana.get("/desk/queue").status_code == 200


def test_another_sessions_token_is_refused(ana, marek, taken):
    fields = {"csrf_token": csrf_of(marek.client), "text": "x", "kind": "note"}
    assert ana.client.post(f"{taken.path}/messages", data=fields).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/desk/queue",
        "/desk/sign-in",
        "/desk/nothing",
        f"{FILES}/frame/desk.css",
        f"{FILES}/nothing.css",
        "/desk/events",
    ],
)
def test_every_response_carries_the_headers(client, ana, path):
    response = (client if path == "/desk/sign-in" else ana.client).get(path)
    policy = response.headers["Content-Security-Policy"]
    response.close()
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == (KEPT if path == f"{FILES}/frame/desk.css" else "no-store")


def test_browsers_keep_the_files_until_another_version_has_others(ana, tmp_path):
    page = ana.get("/desk/queue").text
    addresses = set(re.findall(r'(?:href|src)="(/desk/static/[^"]+)"', page))
    assert any(address.endswith("/frame/desk.css") for address in addresses) and len(addresses) > 10
    for address in addresses:
        with ana.client.get(address) as file:
            assert file.headers["Cache-Control"] == KEPT
            assert "script-src 'self';" in file.headers["Content-Security-Policy"]
    assert f"{FILES}/frame/desk.css" in addresses
    (tmp_path / "desk.css").write_text("a")
    before = version_of(tmp_path)
    assert version_of(tmp_path) == before
    (tmp_path / "desk.css").write_text("b")
    changed = version_of(tmp_path)
    (tmp_path / "desk.css").rename(tmp_path / "other.css")
    assert len({before, changed, version_of(tmp_path)}) == 3


def test_no_template_has_inline_code_or_style():
    for template in (DESK / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?! src=)|hx-on|js:", text), template.name


@pytest.mark.parametrize("path", ["/desk/queue", "/desk/inbox", "/desk/events", "/desk/list/queue", "/desk/nothing"])
def test_strangers_see_nothing(client, path):
    assert client.get(path).status_code == 303


def test_strangers_change_nothing(client, store, waiting):
    fields = {"csrf_token": csrf_of(client), "text": "x", "kind": "note"}
    for path in (f"/desk/handoffs/{waiting.handoff}/claim", f"{waiting.path}/messages", "/desk/next"):
        assert client.post(path, data=fields).status_code == 303
    assert find_conversation(store, waiting.id).status == "queued"
    assert len(list_messages(store, waiting.id, internal=True)) == 2


def test_unknown_pages_are_the_desks_own_404(ana):
    response = ana.get("/desk/nothing/here")
    assert response.status_code == 404 and "Back to the queue" in response.get_data(as_text=True)


def test_vendored_files_are_unchanged():
    table = (DESK / "static/vendor/VENDORED.md").read_text(encoding="utf-8")
    digest = hashlib.sha256((DESK / "static/vendor/htmx.min.js").read_bytes()).hexdigest()
    assert digest in table
