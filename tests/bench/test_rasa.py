"""Public intents through Rasa: what it is trained on, what is written, and that nothing is left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import bench.rasa
from bench.parts.processes import is_alive, read_process
from bench.plain_rasa import nlu, training
from bench.plain_rasa.nlu import default_pipeline, intent_names
from odziv.settings import ROOT
from tests.programs import start_program

TRAIN = [
    ("return shoes", "return"), ("return [a] (shirt)", "return"), ("delivery time", "delivery"),
    ("what is love", "NO_NODES_DETECTED"), ("delivery cost", "delivery"), ("delivery abroad", "delivery"),
]  # fmt: skip
TEST = [("return it", "return"), ("delivery of it", "return"), ("nothing", "oos"), ("weather", "oos")]


def write_rows(path: Path, rows: list[tuple[str, str]], split: str) -> Path:
    lines = [json.dumps({"text": text, "label": label, "split": split, "lang": "en"}) for text, label in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def arguments(tmp_path) -> list[str]:
    train, test = write_rows(tmp_path / "train", TRAIN, "train"), write_rows(tmp_path / "test", TEST, "test")
    return ["--train", str(train), "--test", str(test), "--out", str(tmp_path / "out" / "predictions.jsonl"),
            "--cache", str(tmp_path / "cache")]  # fmt: skip


@pytest.fixture
def run(arguments, monkeypatch):
    """Runs the bench in this process and returns its exit code."""
    monkeypatch.setattr(bench.rasa, "stop_tidily", lambda: None)

    def run(*more: str) -> int:
        monkeypatch.setattr(sys, "argv", ["bench.rasa", *arguments, *more])
        return bench.rasa.main()

    return run


def written(tmp_path: Path) -> tuple[list[dict], dict]:
    lines = (tmp_path / "out" / "predictions.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines], json.loads((tmp_path / "out" / "predictions.json").read_text())


def test_predictions_are_rasas_best_intents_past_its_fallback(run, fake_rasa, tmp_path, capsys):
    assert run() == 0
    predictions, figures = written(tmp_path)
    assert [list(line.values()) for line in predictions] == [
        ["return it", "return", "return", 0.25],
        ["delivery of it", "return", "delivery", 0.25],
        ["nothing", "oos", "", 0.0],
        ["weather", "oos", "", 0.25],  # an intent it was not trained on is no label
    ]
    assert list(predictions[0]) == ["text", "label", "predicted", "confidence"]
    assert figures["in_scope_accuracy"] == 0.5 and figures["auroc"] == 0.75
    assert figures["milliseconds_a_message"] == figures["milliseconds_a_message_p95"] == pytest.approx(2.0)
    assert figures["answering_mb"] > 1 and figures["seconds_to_train"] > 0 and figures["training_peak_mb"] >= 0
    assert figures["about"]["epochs"] == 100 and figures["about"]["per_class"] is None
    printed = capsys.readouterr().out
    assert "Rasa 3.fake, default pipeline" in printed and "100 epochs, all" in printed and "oscr" in printed


def test_trains_the_default_pipeline_on_what_is_in_scope_and_word_for_word(run, fake_rasa):
    assert run("--epochs", "7", "--per-class", "2") == 0
    examples = json.loads((fake_rasa / "nlu.json").read_text())["rasa_nlu_data"]["common_examples"]
    assert [(example["text"], example["intent"]) for example in examples] == [TRAIN[0], TRAIN[1], TRAIN[2], TRAIN[4]]
    pipeline = yaml.safe_load((fake_rasa / "config.yml").read_text())["pipeline"]
    assert pipeline == [{"name": "DIETClassifier", "epochs": 7}, {"name": "FallbackClassifier", "threshold": 0.3}]


def test_trains_with_one_thread_without_telemetry_or_cache(run, fake_rasa, monkeypatch):
    monkeypatch.setenv("ODZIV_SECRET", "ours")
    assert run() == 0
    environment = json.loads((fake_rasa / "environment.json").read_text())
    assert environment == {"OMP_NUM_THREADS": "1", "RASA_TELEMETRY_ENABLED": "false", "RASA_MAX_CACHE_SIZE": "0"}


def test_a_model_is_kept_for_the_same_texts_and_epochs(run, fake_rasa, tmp_path):
    assert run() == run() == 0
    first = written(tmp_path)[1]
    assert (fake_rasa / "trainings").read_text() == "x"
    assert run("--epochs", "3") == 0
    assert (fake_rasa / "trainings").read_text() == "xx"
    assert written(tmp_path)[1]["about"]["epochs"] == 3 and first["about"]["epochs"] == 100


def test_without_rasa_it_says_what_builds_it(run, fake_rasa, monkeypatch, capsys):
    monkeypatch.setattr(training, "PYTHON", fake_rasa.parent / "nowhere" / ".venv-rasa" / "bin" / "python")
    assert run() == 2
    assert "`make setup`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("mood", "told"),
    [("fails", "no space left on the fake's disk"), ("no model", "1/2"), ("parser fails", "the fake fell over")],
)
def test_the_end_of_rasas_log_tells_why_it_failed(run, fake_rasa, monkeypatch, capsys, mood, told):
    monkeypatch.setenv("FAKE_RASA", mood)
    assert run() == 2
    assert told in capsys.readouterr().err
    assert not (fake_rasa.parent / "out" / "predictions.jsonl").exists()


def test_after_a_failed_training_the_next_run_trains(run, fake_rasa, monkeypatch):
    monkeypatch.setenv("FAKE_RASA", "no model")
    assert run() == 2
    monkeypatch.delenv("FAKE_RASA")
    assert run() == 0


def test_a_file_that_is_none_of_ours_is_named_with_its_line(run, fake_rasa, tmp_path, capsys):
    (tmp_path / "test").write_text('{"text": "a", "label": "b"}\n{"text": 5, "label": "b"}\n')
    assert run() == 2
    assert f'{tmp_path / "test"}, line 2: has no text "text"' in capsys.readouterr().err


def test_one_label_is_too_few(run, fake_rasa, tmp_path, capsys):
    write_rows(tmp_path / "train", [("a", "one"), ("b", "oos")], "train")
    assert run() == 2
    assert "two labels" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [("--epochs", "0"), ("--per-class", "many"), ("--out", "predictions.json")])
def test_arguments_that_make_no_sense(run, wrong):
    with pytest.raises(SystemExit) as stop:
        run(*wrong)
    assert stop.value.code == 2


def test_names_rasa_would_read_more_into():
    labels = ["CALL_CENTER", "faq/pay", "faq pay", "nlu_fallback", "faq_pay"]
    names = intent_names(labels)
    assert list(names) == labels and names["CALL_CENTER"] == "CALL_CENTER"
    assert len(set(names.values())) == len(labels)
    assert not any("/" in name or " " in name or name == nlu.FALLBACK for name in names.values())


@pytest.mark.parametrize("mood", ["hangs", "parser hangs"])
@pytest.mark.parametrize(
    ("sent", "hears_ctrl_c"), [(signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGTERM, False)]
)
def test_whatever_ends_it_leaves_no_rasa(arguments, fake_rasa, wait_until, mood, sent, hears_ctrl_c):
    driver = (
        "import sys, pathlib, bench.plain_rasa.training as training\n"
        f"training.PYTHON = pathlib.Path({str(training.PYTHON)!r})\n"
        "import bench.rasa\nsys.exit(bench.rasa.main())"
    )
    process = start_program(
        [sys.executable, "-c", driver, *arguments], hears_ctrl_c=hears_ctrl_c, cwd=ROOT,
        env={**os.environ, "FAKE_RASA": mood}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert wait_until(lambda: (fake_rasa / "pid").exists() and (fake_rasa / "pid").read_text())
        child = read_process(int((fake_rasa / "pid").read_text()))
        assert child.parent == process.pid
        process.send_signal(sent)
        assert process.wait(30) != 0
        assert not is_alive(child)
    finally:
        process.kill()
        process.wait()


@pytest.mark.rasa
def test_the_default_pipeline_is_the_documented_one():
    pipeline = default_pipeline(100)
    assert [part["name"] for part in pipeline] == [
        "WhitespaceTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer",
        "CountVectorsFeaturizer", "DIETClassifier", "EntitySynonymMapper", "ResponseSelector", "FallbackClassifier",
    ]  # fmt: skip
    assert pipeline[4].items() >= {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}.items()
    assert [part["epochs"] for part in pipeline if "epochs" in part] == [100, 100]
    assert (pipeline[8]["threshold"], pipeline[8]["ambiguity_threshold"]) == (0.3, 0.1)


@pytest.mark.rasa
def test_the_real_rasa_trains_and_parses(run, tmp_path):
    texts = [("/return this", "return"), ("return [it](x)", "return"), ("delivery?", "delivery"), ("/", "oos")]
    write_rows(tmp_path / "test", texts, "test")
    assert run("--epochs", "2") == 0
    predictions, figures = written(tmp_path)
    assert {line["predicted"] for line in predictions[:3]} <= {"return", "delivery"}
    assert all(0 < line["confidence"] < 1 for line in predictions[:3])
    assert figures["about"]["rasa"].startswith("3.6")
    assert figures["training_peak_mb"] > 300 and figures["answering_mb"] > 300
    assert 0 < figures["processor_seconds_to_train"] <= os.cpu_count() * figures["seconds_to_train"]
