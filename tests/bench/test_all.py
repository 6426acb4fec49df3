"""One bench after the other: none stops the rest, and the list at the end tells what became of each."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import bench.all as bench_all
from bench.all import data_benches, run, shipped_benches, verdict
from bench.parts.processes import is_alive, read_process
from odziv.settings import ROOT
from tests.programs import start_program

WRITES = "import sys; open(sys.argv[sys.argv.index('--json') + 1], 'w').write('{}')\n"
HANGS = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
INTENTS = "import sys, pathlib; pathlib.Path(sys.argv[sys.argv.index('--out') + 1]).with_suffix('.json').touch()"
FAKES = {
    "questions": WRITES,
    "passages": WRITES,
    "several": WRITES + "sys.exit(1)",
    "routing": WRITES,
    "dialogues": "raise RuntimeError('broken')",
    "replies": WRITES,
    "languages": WRITES,
    "detection": WRITES,
    "encoder": "print('but writes nothing')",
    "desk_pages": WRITES,
    "turns": WRITES + "sys.exit(2)",
    "intents": INTENTS,
    "scores": WRITES,
    "rasa": INTENTS,
}
QUESTIONS = [[name, "ran", "0"] for name in ("questions", "questions_rough", "questions_further", "questions_near")]


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A project's folder with our launcher and fake benches, in place of the real one."""
    for folder in ("bot", "bench"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    shutil.copy(ROOT / "bot" / "launch.py", tmp_path / "bot")
    for name, code in FAKES.items():
        (tmp_path / "bench" / f"{name}.py").write_text(code)
    monkeypatch.setattr(bench_all, "ROOT", tmp_path)
    monkeypatch.setattr(bench_all, "RESULTS", tmp_path / "bench" / "results")
    monkeypatch.setattr(bench_all, "stop_tidily", lambda: None)
    return tmp_path


def listed(printed: str) -> list[list[str]]:
    """The rows of the list at the end: name, verdict and exit code."""
    lines = printed.split("seconds\n")[1].split("\n\n")[0].splitlines()[1:-1]
    return [[line.split()[0], " ".join(line.split()[1:-2]), line.split()[-2]] for line in lines]


def test_all_run_in_order_whatever_becomes_of_one(root, monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["bench.all"])
    assert bench_all.main() == 1
    assert listed(capfd.readouterr().out) == [
        *QUESTIONS,
        ["several", "a figure missed", "1"],
        ["passages", "ran", "0"],
        ["routing", "ran", "0"],
        ["dialogues", "could not measure", "1"],
        ["replies", "ran", "0"],
        ["languages", "ran", "0"],
        ["detection", "ran", "0"],
        ["encoder", "wrote no result", "0"],
        ["desk_pages", "ran", "0"],
        ["turns", "could not measure", "2"],
    ]


def test_zero_when_everything_ran(root, monkeypatch):
    for name in FAKES:
        (root / "bench" / f"{name}.py").write_text(WRITES)
    monkeypatch.setattr(sys, "argv", ["bench.all"])
    assert bench_all.main() == 0


def test_public_sets_are_measured_where_they_are_there(root, monkeypatch, capfd):
    (root / "sets" / "hint3_curekart").mkdir(parents=True)
    (root / "sets" / "hint3_curekart" / "curekart_v1.jsonl").touch()
    monkeypatch.setattr(sys, "argv", ["bench.all", "--data", str(root / "sets")])
    assert bench_all.main() == 1
    rows = listed(capfd.readouterr().out)[14:]
    assert rows[0] == ["intents_curekart", "ran", "0"] and rows[-1] == ["rasa_curekart", "ran", "0"]
    assert rows[-2] == ["scores_curekart", "ran", "0"]
    assert [row[0] for row in rows[1:-2]] == [
        "intents_clinc150", "retrieval_gnome_en", "retrieval_gnome_pl",
        "retrieval_handoff_gnome_en", "retrieval_handoff_gnome_pl",
    ]  # fmt: skip
    assert all("left out" in row[1] and row[2] == "–" for row in rows[1:-2])


def test_a_folder_that_is_none_is_said_before_anything_runs(root, monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["bench.all", "--data", str(root / "nowhere")])
    with pytest.raises(SystemExit, match="2"):
        bench_all.main()
    assert not (root / "bench" / "results").exists()
    assert "nowhere is no folder" in capfd.readouterr().err


def test_an_earlier_result_does_not_stand_for_a_bench_that_broke(root):
    results = root / "bench" / "results"
    results.mkdir()
    (results / "dialogues.json").write_text("{}")
    outcome = run(shipped_benches(results)[7], results)
    assert outcome.verdict == "could not measure" and not (results / "dialogues.json").exists()


def test_verdicts():
    assert verdict(0, True) == "ran"
    assert verdict(1, True) == "a figure missed"
    assert verdict(1, False) == verdict(2, True) == verdict(-9, False) == "could not measure"


def test_every_result_has_a_name_of_its_own_and_every_bench_is_there(tmp_path):
    benches = shipped_benches(tmp_path) + data_benches(tmp_path, tmp_path)
    assert len({bench.result for bench in benches}) == len(benches)
    assert all(importlib.util.find_spec(f"bench.{bench.module}") for bench in benches)
    assert not any(bench.module == "kills" for bench in benches)


@pytest.mark.parametrize(
    ("sent", "hears_ctrl_c"), [(signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGTERM, False)]
)
def test_what_ends_it_ends_the_bench_under_way_and_still_gives_the_list(root, wait_until, sent, hears_ctrl_c):
    (root / "bench" / "several.py").write_text(HANGS)
    driver = (
        "import sys, pathlib, bench.all as it\n"
        f"it.ROOT = pathlib.Path({str(root)!r}); it.RESULTS = it.ROOT / 'bench' / 'results'\n"
        "sys.argv = ['bench.all']; sys.exit(it.main())"
    )
    process = start_program(
        [sys.executable, "-c", driver], hears_ctrl_c=hears_ctrl_c, cwd=ROOT, env={**os.environ},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert wait_until(lambda: (root / "pid").exists() and (root / "pid").read_text())
        child = read_process(int((root / "pid").read_text()))
        process.send_signal(sent)
        printed = process.communicate(timeout=30)[0]
        assert process.returncode == 130 and not is_alive(child)
        assert listed(printed) == QUESTIONS
    finally:
        process.kill()
        process.wait()
