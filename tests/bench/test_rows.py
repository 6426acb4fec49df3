"""Files of data: what is wrong with one is said with its line."""

import json

import pytest

from bench.parts.figures import intent_figures, prediction_figures
from bench.parts.rows import BadFile, read_rows, read_split

GOOD = b'{"text": "a", "label": "b"}\n'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "nothing in it"),
        (b"\n  \n", "nothing in it"),
        (GOOD + b"{'text': 1}\n", "line 2: not JSON"),
        (GOOD + b"\n" + b'{"text": "a"}', 'line 3: has no text "label"'),
        (b'{"text": null, "label": "b"}', 'line 1: has no text "text"'),
        (b'{"text": "  ", "label": "b"}', 'line 1: has no text "text"'),
        (b'{"text": "a", "label": ["b"]}', 'line 1: has no text "label"'),
        (GOOD * 2 + b'{"text": "\xff"}', "line 3: not UTF-8"),
        (b"[1]", "line 1: not an object"),
        (b'{"text": "a", "label": "b", "split": "train"}', 'no row of the split "test"'),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path, content, told):
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadFile, match="data.jsonl") as error:
        read_split(path, "test")
    assert told in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadFile, match="nowhere.jsonl: No such file"):
        read_rows(tmp_path / "nowhere.jsonl")


def test_only_the_lines_of_a_file_end_its_rows(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + '{"text": "a\u2028b"}\r\n{"text": "č"}'.encode())
    assert [row["text"] for row in read_rows(path, "text")] == ["a\u2028b", "č"]


def test_a_split_has_its_own_rows_those_of_none_and_one_word_for_out_of_scope(tmp_path):
    path = tmp_path / "data.jsonl"
    rows = [{"text": "ours", "label": "OOS", "split": "test"}, {"text": "other", "label": "a", "split": "train"},
            {"text": "of none", "label": "NO_NODES_DETECTED"}]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, rows)))
    assert [(row["text"], row["label"]) for row in read_split(path, "test")] == [("ours", "oos"), ("of none", "oos")]


def test_figures_of_predictions():
    lines = [
        {"label": "a", "predicted": "a", "confidence": 0.9},
        {"label": "b", "predicted": "a", "confidence": 0.6},
        {"label": "oos", "predicted": "a", "confidence": 0.5},
    ]
    figures = prediction_figures(lines)
    assert figures == intent_figures(["a", "b", "oos"], ["a", "a", "a"], [0.9, 0.6, 0.5])
    assert figures["in_scope_accuracy"] == figures["oscr"] == figures["accuracy_at_90"] == 0.5
    assert figures["auroc"] == 1.0


@pytest.mark.parametrize("labels", [["a", "a"], ["oos", "oos"]])
def test_without_both_kinds_there_is_no_area(labels):
    assert set(intent_figures(labels, ["a", "a"], [0.9, 0.6])) == {"in_scope_accuracy", "ece"}
