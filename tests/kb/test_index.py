import json

import numpy as np
import pytest

from kb.vectors.index import VectorIndex, text_key
from kb.writing import write_atomically
from tests.fake_encoder import FakeEncoder

TEXTS = ["kje je paket", "where is my parcel", "gdzie jest paczka"]
KEYS = [text_key("query", text) for text in TEXTS]


@pytest.fixture
def saved(tmp_path):
    index = VectorIndex(tmp_path, FakeEncoder())
    index.vectors("query", TEXTS)
    index.save({"sl/a/b.md": "hash"}, KEYS)
    return tmp_path


def reopened(folder, encoder=None) -> tuple[VectorIndex, FakeEncoder]:
    encoder = encoder or FakeEncoder()
    return VectorIndex(folder, encoder), encoder


def test_what_was_saved_is_not_embedded_again(saved):
    index, encoder = reopened(saved)
    assert np.allclose(index.vectors("query", TEXTS), FakeEncoder().encode_query(TEXTS))
    assert encoder.encoded == 0
    index.vectors("query", [*TEXTS, "new"])
    index.vectors("document", TEXTS[:1])
    assert encoder.encoded == 2


def test_the_manifest_says_what_the_index_is(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    assert manifest["encoder"] == "fake/1" and manifest["dimension"] == 64
    assert manifest["articles"] == {"sl/a/b.md": "hash"}
    assert (saved / manifest["index"]).exists()
    assert len(list(saved.glob("*.faiss"))) == 1 and not list(saved.glob(".*tmp"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "manifest.json").write_text("{"),
        lambda folder: (folder / "manifest.json").write_text("[1]"),
        lambda folder: (folder / "manifest.json").write_text('{"format": 1}'),
        lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe"),
        lambda folder: next(folder.glob("*.faiss")).unlink(),
        lambda folder: next(folder.glob("*.faiss")).write_bytes(b"x" * 100),
        lambda folder: (path := next(folder.glob("*.faiss"))).write_bytes(path.read_bytes() + b"more"),
    ],
)
def test_a_damaged_index_is_built_again(saved, damage):
    damage(saved)
    index, encoder = reopened(saved)
    index.vectors("query", TEXTS)
    assert encoder.encoded == 3


def test_rows_that_do_not_match_the_index_are_not_believed(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    manifest["rows"].pop()
    (saved / "manifest.json").write_text(json.dumps(manifest))
    index, encoder = reopened(saved)
    index.vectors("query", TEXTS)
    assert encoder.encoded == 3


def test_another_encoders_index_is_refused(saved):
    other = FakeEncoder()
    other.identity = "fake/2"
    index, _ = reopened(saved, other)
    index.vectors("query", TEXTS)
    assert other.encoded == 3


def test_what_is_no_longer_used_is_forgotten(saved):
    index, _ = reopened(saved)
    index.save({}, KEYS[:1])
    again, encoder = reopened(saved)
    again.vectors("query", TEXTS)
    assert encoder.encoded == 2


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "manifest.json"
    write_atomically(path, b"old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
