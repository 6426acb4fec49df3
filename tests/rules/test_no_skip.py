"""In CI a skipped test is a failed one; elsewhere it says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import no_skip

ROOT = Path(__file__).parents[2]
SKIPPING = """
import pytest

def test_that_skips(): pytest.skip("nothing here")

@pytest.mark.xfail(strict=True)
def test_that_is_expected_to_fail(): assert False

def test_that_passes(): pass
"""


def run_pytest(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run of its own with nothing but this plugin."""
    (folder / "test_some.py").write_text(SKIPPING)
    (folder / "test_module.py").write_text("import pytest\npytest.skip('not here', allow_module_level=True)\n")
    plugins = ["-p", "tests.no_skip", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, f"--rootdir={folder}", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
def test_with_the_variable_a_skip_fails_the_run(tmp_path):
    run = run_pytest(tmp_path, ODZIV_NO_SKIP="1")
    assert run.returncode in (1, 2), run.stdout
    assert "ODZIV_NO_SKIP=1, but this was skipped" in run.stdout and "not here" in run.stdout


@pytest.mark.slow
def test_without_it_a_skip_is_a_skip(tmp_path):
    run = run_pytest(tmp_path, ODZIV_NO_SKIP="")
    assert run.returncode == 0, run.stdout
    assert "1 passed, 2 skipped, 1 xfailed" in run.stdout


@pytest.mark.parametrize("marker", ["rasa", "browser"])
def test_what_is_missing_is_named(marker, monkeypatch, tmp_path):
    monkeypatch.setattr(no_skip, "ROOT", tmp_path)
    monkeypatch.setattr(no_skip.shutil, "which", lambda _: None)

    class Item:
        @staticmethod
        def get_closest_marker(name):
            return name == marker or None

    with pytest.raises(pytest.skip.Exception, match="is missing"):
        no_skip.pytest_runtest_setup(Item)
