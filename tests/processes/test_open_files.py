"""The limit of open files is raised at the start, and a hard limit that is too low is said."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from odziv.processes.open_files import most_connections, raise_open_files, say_too_few
from odziv.settings import ROOT


@pytest.mark.parametrize(
    ("soft", "hard", "raised"),
    [
        (1024, 4096, 4096),
        (1024, 1024, 1024),
        (256, resource.RLIM_INFINITY, 65_536),
        (1024, 1_048_576, 65_536),
        (100_000, 1_048_576, 100_000),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 65_536),
    ],
)
def test_the_soft_limit_is_raised_as_far_as_it_may(monkeypatch, soft, hard, raised):
    given = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: given.append(limits))
    assert raise_open_files() == raised
    assert given == ([] if soft in (raised, hard) or soft > raised else [(raised, hard)])


@pytest.mark.slow
def test_really():
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (512, 2048));"
        "from odziv.processes.open_files import raise_open_files as r; print(r(), resource.getrlimit(7))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == "2048 (2048, 2048)\n"


def test_too_few_are_said_with_what_to_do():
    assert say_too_few(4096, 1128) is None
    assert "LimitNOFILE=1384" in (say_too_few(1024, 1128) or "")
    assert most_connections(1024, 1128) == 768 and most_connections(4096, 1128) == 1128
