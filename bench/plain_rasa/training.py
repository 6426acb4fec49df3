"""Runs plain Rasa in its own environment: trains a model once for the same content, and ends what was started."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.parts.processes import cpu_seconds, peak_mb
from bench.parts.product import ROOT, NotStarted, end_of
from bot.environment import PYTHON

# Threads that wait for each other double the time of training, or worse.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
LOCK = ROOT / "bot" / "requirements.lock"
LOOK_EVERY, SAY_EVERY = 0.5, 15.0  # seconds


@dataclass(frozen=True)
class Training:
    """What training one model took, and when it began: of a kept model, that was an earlier run.

    On a busy machine `cpu_seconds`, its processor time, says more than `seconds`.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    began: str


def environment() -> dict[str, str]:
    """Rasa's own choice of threads, as a plain `rasa run` has it; only telemetry is off, whose host isn't there."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("ODZIV_", "OMP_", "TF_"))}
    return {**ours, "RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore", "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "PYTHONPATH": str(ROOT)}  # fmt: skip


def command(module: str, *arguments: str | Path) -> list[str]:
    """The command line that runs a module in Rasa's environment, and that ends when this process does."""
    if not PYTHON.exists():
        raise NotStarted(f"{PYTHON.parents[1].name} is missing: `make setup` builds it")
    return [str(PYTHON), "-m", "bot.launch", str(os.getpid()), module, *map(str, arguments)]


def fingerprint(files: Iterable[Path]) -> str:
    """A hash of what training reads and of Rasa's packages."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in (*files, LOCK))).hexdigest()[:16]


def train_once(
    cache: Path, name: str, arguments: list[str], folder: Path, say: Callable[[str], None], **variables: str
) -> tuple[Path, Training]:
    """The model `name`, made by `rasa train` with `arguments` in `folder` unless `cache` has it. Raises NotStarted."""
    model, notes, log = (cache / f"{name}{ending}" for ending in (".tar.gz", ".json", ".log"))
    if model.is_file() and notes.is_file():
        return model, Training(**json.loads(notes.read_text("utf-8")))
    draft = cache / f"{name}-{os.getpid()}.tar.gz"
    child = command("rasa", "train", *arguments, "--out", cache, "--fixed-model-name", draft.name[: -len(".tar.gz")])
    try:
        training = watch(child, folder, {**environment(), **ONE_THREAD, **variables}, log, say)
        if not draft.is_file():  # Rasa's own word for some failures is success
            raise NotStarted(f"plain Rasa wrote no model; the end of {log}:\n{end_of(log)}")
        notes.write_text(json.dumps(asdict(training)) + "\n", "utf-8")
        os.replace(draft, model)
    finally:
        draft.unlink(missing_ok=True)
    say(f"  plain Rasa is trained after {training.seconds:.0f} s")
    return model, training


def watch(
    command: list[str], folder: Path, variables: dict[str, str], log: Path, say: Callable[[str], None]
) -> Training:
    """Runs a training to its end, with lines of progress. Raises NotStarted."""
    started, told, peak, used, began = time.monotonic(), 0.0, 0.0, 0.0, time.strftime("%Y-%m-%d %H:%M")
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        while child.poll() is None:
            passed = time.monotonic() - started
            peak, used = max(peak, peak_mb(child.pid)), max(used, cpu_seconds([child.pid]))
            if not told or passed >= told + SAY_EVERY:
                told = passed
                say(f"  training plain Rasa (once; minutes) … {passed:.0f} s{epoch_in(log)}")
            try:
                child.wait(LOOK_EVERY)
            except subprocess.TimeoutExpired:
                continue
    finally:
        end(child)
    if child.returncode:
        raise NotStarted(f"plain Rasa could not be trained; the end of {log}:\n{end_of(log)}")
    return Training(round(time.monotonic() - started, 3), round(used, 3), round(peak, 1), began)


def epoch_in(log: Path, tail: int = 4000) -> str:
    """How far Rasa's progress bar is; nothing while it has none."""
    bars = re.findall(rb"Epochs: .*?(\d+)/(\d+) \[", log.read_bytes()[-tail:])
    return ", epoch {} of {}".format(*(number.decode() for number in bars[-1])) if bars else ""


def end(child: subprocess.Popen[bytes] | None, grace: float = 10.0) -> None:
    """SIGTERM, and SIGKILL after `grace` seconds."""
    if child is None or child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
