"""Signatures, set at the desk: by language, checked as in config.yml, and in force at once."""

from __future__ import annotations

import pytest

from odziv.settings.mail import check_signature
from odziv.store.lengths import LONGEST_SIGNATURE


@pytest.mark.parametrize(
    ("text", "status", "kept"),
    [
        ("Kind regards\r\n{{agent.name}}", 303, {"en": "Kind regards\n{{agent.name}}"}),
        ("", 303, {}),
        ("{{customer.name}}", 422, {}),
        ("x" * (LONGEST_SIGNATURE + 1), 422, {}),
    ],
)
def test_one_for_a_language_is_kept_or_refused_in_words(save, app, text, status, kept):
    answer = save("mail", **{"mail/signatures/en": text})
    assert answer.status_code == status
    assert app.extensions["odziv"].settings.mail.signatures == kept


def test_the_page_allows_as_much_as_the_settings(save, app):
    assert save("mail", **{"mail/signatures/sl": "x" * LONGEST_SIGNATURE}).status_code == 303
    assert check_signature(" Lep pozdrav ") == "Lep pozdrav"
