"""The set-up leaves alone what is up to date, and says what to do when a step fails. Nothing here uses the network."""

from __future__ import annotations

import io
import re
import sys
import urllib.error
from pathlib import Path

import pytest

import install
from install import Environment, StepFailed


@pytest.fixture
def environment(tmp_path, monkeypatch) -> Environment:
    """One in an empty project, with a lock file."""
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "LOGS", tmp_path / "var" / "logs")
    (tmp_path / "var" / "logs").mkdir(parents=True)
    (tmp_path / "requirements.lock").write_text("flask==3.1.3\n")
    return Environment(".venv", "requirements.lock", [("everything", ["install", "-r", "requirements.lock"])])


@pytest.fixture
def commands(environment, monkeypatch) -> list[list[str]]:
    """What would have been run; making the environment makes its Python."""
    commands = []

    def run(label: str, command: list[str]) -> None:
        commands.append(command)
        if command[1:3] == ["-m", "venv"]:
            (environment.path / "bin").mkdir(parents=True)
            (environment.path / "bin" / "python").touch()

    monkeypatch.setattr(environment, "run", run)
    return commands


def test_what_was_built_from_this_lock_file_is_ready(environment, commands):
    assert not environment.is_ready()
    environment.build()
    assert environment.error is None and environment.is_ready()
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]


@pytest.mark.parametrize("change", ["lock file", "interpreter", "python gone", "stamp gone", "stamp damaged"])
def test_what_changed_is_built_again(environment, commands, monkeypatch, change):
    environment.build()
    if change == "lock file":
        environment.lock.write_text("flask==3.1.4\n")
    if change == "interpreter":
        monkeypatch.setattr(sys, "version", "3.11.99")
    if change == "python gone":
        (environment.path / "bin" / "python").unlink()
    if change == "stamp gone":
        environment.stamp.unlink()
    if change == "stamp damaged":
        environment.stamp.write_text("")
    assert not environment.is_ready()


def test_a_step_that_fails_leaves_it_unready_and_keeps_the_reason(environment, commands, monkeypatch):
    def fail(label: str, command: list[str]) -> None:
        raise StepFailed("no connection")

    monkeypatch.setattr(environment, "run", fail)
    environment.build()
    assert str(environment.error) == "no connection"
    assert not environment.is_ready()


def test_a_failing_step_tells_the_end_of_its_log_and_what_to_do(environment, capsys):
    script = "print('ERROR: no matching distribution'); print('WARNING: Location x is odd'); raise SystemExit(3)"
    with pytest.raises(StepFailed) as failure:
        environment.run("everything", [sys.executable, "-c", script])
    message = str(failure.value)
    assert message.startswith(".venv: everything failed.\n    ERROR: no matching distribution\n")
    assert "WARNING: Location" not in message
    assert "var/logs/setup.venv.log" in message and "run the same command again" in message
    assert ".venv: everything …" in capsys.readouterr().out


def test_a_step_that_works_says_how_long_it_took(environment, capsys):
    environment.run("everything", [sys.executable, "-c", "print('quiet')"])
    assert "everything – done in " in capsys.readouterr().out
    assert "quiet" in environment.log.read_text()


def test_pytorch_comes_from_its_own_index_when_that_answers(monkeypatch):
    answer = io.BytesIO(b"")
    answer.status = 200
    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: answer)
    assert install.torch_arguments()[-2:] == ["--index-url", install.TORCH_CPU_INDEX]


@pytest.mark.parametrize("error", [urllib.error.URLError("no route"), TimeoutError(), ConnectionResetError()])
def test_pytorch_comes_from_pips_sources_when_it_does_not(monkeypatch, error):
    def fail(url, timeout):
        raise error

    monkeypatch.setattr("urllib.request.urlopen", fail)
    assert "--index-url" not in install.torch_arguments()


def locked() -> list[tuple[str, str, list[str]]]:
    """Each lock file's packages: the file, the package with its version, and what is said of its files."""
    found = []
    for name in ("requirements.lock", "requirements-torch.lock", "bot/requirements.lock"):
        text = (Path(install.__file__).parent / name).read_text()
        for entry in re.sub(r"#.*", "", text).replace("\\\n", " ").strip().split("\n"):
            package, *hashes = entry.split()
            found.append((name, package, hashes))
    return found


def test_every_package_has_one_version_and_the_hashes_of_its_files():
    packages = locked()
    assert len([1 for name, *_ in packages if name == "requirements.lock"]) > 130
    for _, package, hashes in packages:
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z]+\])?==[0-9][0-9A-Za-z.+!-]*", package), package
        assert hashes and all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes), package


def test_every_step_takes_only_files_whose_hash_is_known(monkeypatch):
    def fail(url, timeout):
        raise TimeoutError

    monkeypatch.setattr("urllib.request.urlopen", fail)
    steps = [arguments or install.torch_arguments() for each in install.environments() for _, arguments in each.steps]
    assert len(steps) == 3
    for arguments in steps:
        assert {"--require-hashes", "--no-deps", "-r"} <= set(arguments)


def test_what_pytorch_needs_is_in_the_lock():
    own = {package.partition("==")[0].lower() for name, package, _ in locked() if name == "requirements.lock"}
    assert {"filelock", "typing-extensions", "sympy", "networkx", "jinja2", "fsspec", "setuptools", "mpmath"} <= own


def test_another_lock_of_pytorch_is_another_environment(environment, commands):
    other = environment.lock.with_name("torch.lock")
    other.write_text("torch==1")
    environment.locks.append(other)
    environment.build()
    assert environment.is_ready()
    other.write_text("torch==2")
    assert not environment.is_ready()


def test_another_python_is_told_which_one_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    assert install.main() == 1
    assert "Odziv needs Python 3.11" in capsys.readouterr().out


def test_a_second_set_up_does_nothing_and_says_nothing(environment, commands, monkeypatch, capsys):
    environment.build()
    monkeypatch.setattr(install, "environments", lambda: [environment])
    commands.clear()
    capsys.readouterr()
    assert install.main() == 0
    assert commands == [] and capsys.readouterr().out == ""


def test_a_set_up_that_stopped_says_why(environment, commands, monkeypatch, capsys):
    def fail(label: str, command: list[str]) -> None:
        raise StepFailed("the disk is full")

    monkeypatch.setattr(environment, "run", fail)
    monkeypatch.setattr(install, "environments", lambda: [environment])
    assert install.main() == 1
    printed = capsys.readouterr().out
    assert "Set-up stopped: the disk is full" in printed and "complete" not in printed
