"""Words by their pieces: what is misspelt, shortened or said in dialect shares most of them with what is meant."""

from __future__ import annotations

import numpy as np
import pytest

from kb.model.pieces import LONGEST, MOST_WORDS, Pieces, piece_names, pieces, places

TYPED = [
    ("pošilka je zgublena", "pošiljka je izgubljena", "račun za podjetje"),
    ("di mi je posiljka", "gdje mi je pošiljka", "vrijeme dostave"),
    ("gdzie moja przesylk", "gdzie jest moja przesyłka", "zwrot pieniędzy"),
    ("wheres my pacel", "where is my parcel", "paying by card"),
]


def shared(one: str, other: str) -> float:
    """Return how much of the smaller text's pieces are the other's as well."""
    ours, theirs = set(piece_names(one).tolist()), set(piece_names(other).tolist())
    return len(ours & theirs) / min(len(ours), len(theirs))


@pytest.mark.parametrize(("typed", "meant", "else_"), TYPED)
def test_what_is_misspelt_shares_pieces_with_what_is_meant(typed, meant, else_):
    assert shared(typed, meant) > 0.3 > 0.15 > shared(typed, else_)


def test_pieces_are_words_letters_with_their_edges_and_pairs():
    assert list(pieces("Žem, ja")) == ["=zem", "<ze", "zem", "em>", "<zem", "zem>", "<zem>", "=ja", "<ja", "ja>",
                                       "<ja>", "zem ja"]  # fmt: skip
    assert list(pieces("?!")) == [] and len(piece_names("")) == 0


def test_what_is_endless_is_looked_at_in_part():
    assert len(piece_names("x" * 100_000)) == len(piece_names("x" * LONGEST))
    assert len(piece_names(" ".join(f"w{n}" for n in range(10_000)))) <= 20 * MOST_WORDS


def test_a_text_is_the_sum_of_its_known_pieces_whatever_its_length():
    known = piece_names("račun")
    rows = np.zeros((len(known), 2), dtype=np.int8)
    rows[:, 0] = 10
    learnt = Pieces(known, rows, 0.5)
    assert places("racun nov", known).tolist() == list(range(len(known)))
    found = learnt.directions(["RACUN", "xyz", "", "racun racun"])
    assert found[0].tolist() == pytest.approx([5 * len(known) ** 0.5, 0])
    assert not found[1:3].any() and found[3].tolist() == found[0].tolist()


def test_without_pieces_there_are_no_directions():
    assert Pieces.none().directions(["račun", ""]).shape == (2, 0)
