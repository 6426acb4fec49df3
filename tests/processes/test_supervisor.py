"""What ends the supervisor, however it was started."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from odziv.processes.starting import StartFailed, find_articles
from odziv.settings import ROOT
from tests.programs import start_program
from tests.scratch_articles import write

# What it would start takes minutes, and is none of this test's business.
DRIVER = """
import odziv.processes.supervisor as it
it.check_port = lambda *_: None
it.serve = lambda settings, stop: (print("serving", flush=True), stop.wait())
raise SystemExit(it.main())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "hears_ctrl_c"), [(signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGTERM, False)]
)
def test_it_stops_when_it_is_told_to(sent, hears_ctrl_c):
    command = [sys.executable, "-c", DRIVER]
    process = start_program(command, hears_ctrl_c=hears_ctrl_c, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout.readline() == "serving\n"
            process.send_signal(sent)
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.fixture
def placed(settings, tmp_path):
    """Settings whose articles are in a folder of their own, which is not there yet."""
    return settings.model_copy(update={"articles": tmp_path / "articles"})


def test_a_start_without_articles_and_without_what_was_kept_is_refused_in_words(placed):
    with pytest.raises(StartFailed, match="the folder of articles, .*articles, is not there, and none was read before"):
        find_articles(placed, print)


def test_an_empty_folder_is_a_beginning_and_is_said(placed, capsys):
    placed.articles.mkdir()
    assert find_articles(placed, print) == placed.articles
    assert "There are no articles" in capsys.readouterr().out


@pytest.mark.parametrize("is_mounted", [False, True])
def test_while_the_folder_is_away_training_reads_what_was_kept(placed, capsys, is_mounted):
    write(placed.index / "last_good", "en/orders/return", "Return", ["how do I return boots"], "Send it back.")
    if is_mounted:
        placed.articles.mkdir()
    assert find_articles(placed, print) == placed.index / "last_good"
    assert "what was read last serves" in capsys.readouterr().out
    write(placed.articles, "en/orders/return", "Return", ["how do I return boots"], "Send it back.")
    assert find_articles(placed, print) == placed.articles
