"""Below a path of another site nothing of ours would work, so that is said instead of half working."""

from __future__ import annotations

import pytest

from odziv.processes.starting import StartFailed, check_prefix


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/desk/", "/help/en/", "/api/v1/conversations", "/health", "/nothing"])
@pytest.mark.parametrize("prefix", ["/support", "support/", "/a/b", "/support, /more"])
def test_a_prefix_that_the_web_server_in_front_tells_is_refused(client, path, prefix):
    answer = client.get(path, headers={"X-Forwarded-Prefix": prefix})
    assert answer.status_code == 501 and "can't be served below a path" in answer.get_data(as_text=True)
    assert answer.is_json == path.startswith("/api/")
    assert client.get(path, environ_overrides={"SCRIPT_NAME": "/support"}).status_code == 501


@pytest.mark.parametrize("prefix", ["", "/", " / "])
def test_none_is_none(client, prefix):
    assert client.get("/health", headers={"X-Forwarded-Prefix": prefix}).status_code != 501


def test_a_prefix_in_the_environment_stops_the_start():
    with pytest.raises(StartFailed, match="SCRIPT_NAME is set"):
        check_prefix({"SCRIPT_NAME": "/support"})
    check_prefix({"SCRIPT_NAME": "/"})
    check_prefix({})
