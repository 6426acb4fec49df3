import subprocess

import numpy as np
import pytest

from bot.environment import ROOT
from bot.vectors import read_examples, read_vectors, vector_key, write_vectors
from odziv.processes.embed_examples import main
from odziv.processes.starting import EMBED_EXAMPLES

NLU = """version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hej
      - dober dan
  - lookup: ignored
"""


@pytest.fixture
def nlu(tmp_path):
    folder = tmp_path / "nlu"
    folder.mkdir()
    (folder / "sl.yml").write_text(NLU, encoding="utf-8")
    return folder


def test_the_examples_of_files_and_folders(nlu, tmp_path):
    assert list(read_examples([nlu])) == ["hej", "dober dan"]
    assert list(read_examples([nlu / "sl.yml", nlu])) == ["hej", "dober dan"] * 2
    assert list(read_examples([tmp_path / "nowhere.yml"])) == []


@pytest.mark.parametrize("content", ["", "[", "- a", "nlu: 3", "nlu: [{}]", "nlu: [{examples: [a]}]", "\x00"])
def test_a_file_it_does_not_understand_is_left_to_rasa(tmp_path, content):
    (tmp_path / "odd.yml").write_text(content, encoding="utf-8")
    assert list(read_examples([tmp_path])) == []


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_a_broken_file_of_vectors_is_no_file(tmp_path, content):
    store = tmp_path / "vectors.npz"
    store.write_bytes(content)
    assert read_vectors(store) == {} == read_vectors(None) == read_vectors(tmp_path / "none.npz")


def test_vectors_of_another_encoder_are_not_used(tmp_path, monkeypatch):
    store = tmp_path / "vectors.npz"
    write_vectors(store, {"a": np.ones(384, np.float32)})
    assert list(read_vectors(store)) == ["a"]
    monkeypatch.setattr("bot.vectors.RECIPE", "another")
    assert read_vectors(store) == {}


@pytest.mark.encoder
def test_the_supervisor_has_the_command_for_it(nlu, tmp_path):
    write_vectors(tmp_path / "v.npz", {vector_key(text): np.zeros(384, np.float32) for text in ("hej", "dober dan")})
    subprocess.run([*EMBED_EXAMPLES, tmp_path / "v.npz", nlu], cwd=ROOT, check=True)


@pytest.mark.slow
def test_only_what_is_missing_is_embedded(nlu, tmp_path):
    store = tmp_path / "rasa" / "vectors.npz"
    main(store, [nlu])
    first = read_vectors(store)
    assert set(first) == {vector_key("hej"), vector_key("dober dan")}
    assert all(abs(np.linalg.norm(vector) - 1) < 1e-3 for vector in first.values())
    marked = first | {vector_key("hej"): np.zeros(384, np.float32)}
    write_vectors(store, marked)
    (nlu / "sl.yml").write_text(NLU.replace("dober dan", "dobro jutro"), encoding="utf-8")
    main(store, [nlu])
    assert vector_key("dobro jutro") in read_vectors(store) and not read_vectors(store)[vector_key("hej")].any()
