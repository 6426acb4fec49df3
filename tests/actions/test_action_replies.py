from __future__ import annotations

from actions.replies import only_in, read_texts, text_for


def test_every_text_is_there_in_every_language():
    for key, texts in read_texts().items():
        assert sorted(texts) == ["en", "hr", "pl", "sl"], key
        for language, text in texts.items():
            assert isinstance(text, str) and (text or key == f"only_in_{language}"), (key, language)


def test_a_language_without_texts_gets_english():
    assert text_for("helped", "de") == "This helped"


def test_another_language_is_named_in_the_customers_own():
    assert only_in("pl", "en") == "I only have this in Polish:"
    assert only_in("de", "hr") == "To imam samo na drugom jeziku:"
