"""What several of these tests need: to wait for another process, and a Rasa that costs nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from bench.plain_rasa import nlu, training

FAKE_RASA = Path(__file__).with_name("fake_rasa.py")


@pytest.fixture
def wait_until():
    def wait(condition, seconds=20.0):
        ends = time.monotonic() + seconds
        while not (value := condition()) and time.monotonic() < ends:
            time.sleep(0.02)
        return value

    return wait


@pytest.fixture
def fake_rasa(tmp_path, monkeypatch) -> Path:
    """A folder in place of .venv-rasa; what the fake was asked for is kept there."""
    folder = tmp_path / ".venv-rasa"
    defaults = folder / nlu.DEFAULTS.replace("*", "11")
    for path in (folder / "bin" / "python", defaults):
        path.parent.mkdir(parents=True)
    defaults.write_text("pipeline: [{name: DIETClassifier, epochs: 100}, {name: FallbackClassifier, threshold: 0.3}]")
    python = folder / "bin" / "python"
    python.write_text(f"#!{sys.executable}\n{FAKE_RASA.read_text()}")
    python.chmod(0o755)
    monkeypatch.setattr(training, "PYTHON", python)
    return folder
