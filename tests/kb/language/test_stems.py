import pytest

from kb.language.stems import hardened, stems


def alike(one: str, other: str) -> bool:
    return bool((stems(one) | hardened(one)) & (stems(other) | hardened(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("nemčijo", "Nemčija"), ("sobotah", "soboto"), ("petka", "petek"), ("Ljubljani", "Ljubljana"),
        ("njemacku", "Njemačka"), ("Rijeci", "Rijeka"), ("utorkom", "utorak"), ("subotom", "subota"),
        ("Niemiec", "Niemcy"), ("Polsce", "Polska"), ("Warszawie", "Warszawa"), ("niedzielę", "niedziela"),
        ("Węgier", "Węgry"), ("tents", "tent"), ("Saturdays", "saturday"), ("parking", "parked"),
    ],
)  # fmt: skip
def test_forms_of_a_word_share_a_stem(one, other):
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Slovenia", "Slovakia"), ("Austria", "Australia"), ("card", "care"), ("kupon", "kupim"), ("račun", "računalo"),
        ("Słowenia", "Słowacja"), ("post", "poster"), ("2019", "201"), ("na", "nas"),
    ],
)  # fmt: skip
def test_different_words_share_none(one, other):
    assert not alike(one, other)
