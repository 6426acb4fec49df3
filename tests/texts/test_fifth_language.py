"""A fifth language is an entry in a list, a folder of texts, one of articles, and Rasa's examples: no code.

The product is copied with such a language, made of the English one, and walked through in it, in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.texts.pseudo_greek import copy_with_fifth_language

# The walks use the fixtures of the folders that they are put into.
WALKS = {"walk_customer.py": "mail", "walk_desk.py": "desk"}


@pytest.mark.slow
def test_all_a_customer_and_an_agent_see_is_in_a_language_that_was_only_added(tmp_path):
    copy_with_fifth_language(tmp_path)
    paths = []
    for name, folder in WALKS.items():
        paths.append(tmp_path / "tests" / folder / f"test_{name}")
        paths[-1].write_text((Path(__file__).parent / name).read_text("utf-8"), "utf-8")
    left_out = ("PYTEST_XDIST_", "PYTEST_CURRENT_", "COV_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, paths)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
