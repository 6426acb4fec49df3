from __future__ import annotations

from actions.replies import only_in, text_for
from odziv.texts import CATALOGUE


def test_no_text_is_empty_but_that_an_answer_is_in_the_customers_own_language():
    for language, texts in CATALOGUE.by_language("replies").items():
        assert [key for key, text in texts.items() if not text] == [f"only_in_{language}"]


def test_a_language_without_texts_gets_english():
    assert text_for("helped", "de") == "This helped"


def test_another_language_is_named_in_the_customers_own():
    assert only_in("pl", "en") == "I only have this in Polish:"
    assert only_in("de", "hr") == "To imam samo na drugom jeziku:"
