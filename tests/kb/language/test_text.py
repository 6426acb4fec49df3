import numpy as np
import pytest

from kb.language.text import fold, one_line, words
from kb.model.lexical import CharGrams


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Žółć, ĐAK", "zolc, dak"),
        ("Ćevapčići Łódź", "cevapcici lodz"),
        ("ŠČŽ", "scz"),
        ("Straße", "strasse"),
        ("é", "e"),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


def test_words_and_one_line():
    assert words("Kje je SM-123456?") == ["Kje", "je", "SM", "123456"]
    assert one_line(" a\n\tb ") == "a b"


def test_char_grams_forgive_typos_and_diacritics():
    grams = CharGrams(["vračilo izdelka", "plaćanje karticom", "zwrot pieniędzy"])
    like = (grams.transform(["vracilo izdleka", "placanje karticom", "zwrot pieniedzy"]) @ grams.rows.T).toarray()
    assert list(like.argmax(axis=1)) == [0, 1, 2]
    assert like[1, 1] > 0.99 and like[0, 0] > 0.5


def test_rows_have_unit_length_and_strangers_are_zero():
    grams = CharGrams(["abc", "abcd"])
    assert np.allclose(np.sqrt(grams.rows.multiply(grams.rows).sum(axis=1)), 1, atol=1e-5)
    assert grams.transform(["ωψ", ""]).nnz == 0


def test_no_texts_at_all():
    assert CharGrams([]).rows.shape[0] == 0
    assert CharGrams([]).transform(["a"]).shape[0] == 1
