"""The preview shows what will be sent, and lets nothing else through."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.reply import LONGEST_REPLY


def preview(person, text, kind="reply"):
    return person.post_fragment("/desk/preview", text=text, kind=kind)


def test_markdown_is_shown_as_it_will_be_sent(ana):
    assert "<strong>takoj</strong>" in preview(ana, "Seveda, **takoj**.").get_data(as_text=True)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](http://e/x.png)"])
def test_nothing_dangerous_is_shown(ana, text):
    shown = preview(ana, text).get_data(as_text=True)
    assert "<script" not in shown and 'href="javascript' not in shown and "<img" not in shown


def test_too_much_is_refused(ana):
    assert preview(ana, "x" * (LONGEST_REPLY + 1)).status_code == 422


def test_strangers_and_forged_requests_get_nothing(client, ana):
    assert client.post("/desk/preview", data={"text": "x"}).status_code in {302, 303, 400}
    assert ana.client.post("/desk/preview", data={"text": "x"}).status_code == 400
