"""Sets up both environments from nothing but Python 3.11: what `make setup` runs. Standard library only.

An environment that is already up to date (its lock file's hash is noted in it) is left alone.
"""

from __future__ import annotations

import hashlib
import http.client
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent
LOGS = ROOT / "var" / "logs"
# Nothing comes in that a lock file doesn't name, and no file whose hash it doesn't have (but see PyTorch).
CHECKED = ["install", "--no-input", "--no-deps", "--require-hashes"]
TORCH, TORCH_LOCK = "torch==2.13.0", "requirements-torch.lock"
# PyTorch's own index of builds without CUDA, which states the hash of each file; pip checks it. Asked once, briefly;
# where it doesn't answer, pip's own sources must have the one build whose hash is in TORCH_LOCK.
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class StepFailed(Exception):
    """A step of the set-up failed; the message says what to do."""


class Environment:
    """One virtual environment and the steps that fill it; `others` are further lock files that they use."""

    def __init__(
        self, folder: str, lock: str, steps: list[tuple[str, list[str] | None]], others: tuple[str, ...] = ()
    ) -> None:
        self.path, self.lock, self.steps = ROOT / folder, ROOT / lock, steps
        self.locks = [self.lock, *(ROOT / other for other in others)]
        self.stamp = self.path / "odziv-lock.sha256"
        self.log = LOGS / f"setup{folder}.log"
        self.error: Exception | None = None

    def fingerprint(self) -> str:
        """Changes when a lock file, the steps or the interpreter do."""
        told = repr((sys.version, self.steps)).encode()
        return hashlib.sha256(b"".join(lock.read_bytes() for lock in self.locks) + told).hexdigest()

    def is_ready(self) -> bool:
        """Whether it was filled from this very lock file, and its Python is still there."""
        return (
            self.stamp.is_file()
            and self.stamp.read_text() == self.fingerprint()
            and (self.path / "bin" / "python").exists()
        )

    def build(self) -> None:
        """Makes the environment anew. Sets `error` instead of raising, since it runs in a thread."""
        try:
            shutil.rmtree(self.path, ignore_errors=True)
            self.run(f"creating {self.path.name}", [sys.executable, "-m", "venv", str(self.path)])
            for label, arguments in self.steps:
                pip = [str(self.path / "bin" / "python"), "-m", "pip"]
                self.run(label, [*pip, *(arguments or torch_arguments())])
            self.stamp.write_text(self.fingerprint())
        except Exception as error:
            self.error = error

    def run(self, label: str, command: list[str]) -> None:
        """One step, its output in the log. Raises StepFailed with the end of it."""
        say(f"{self.path.name}: {label} …")
        started = time.monotonic()
        with open(self.log, "ab") as log:
            result = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=ROOT)
        if result.returncode:
            tail = "\n".join(f"    {line}" for line in important_lines(self.log)[-12:])
            raise StepFailed(
                f"{self.path.name}: {label} failed.\n{tail}\n"
                f"  The whole log: {self.log.relative_to(ROOT)}. Usual causes: no connection to the package index, or "
                "a full disk (6 GB are needed). Mend that and run the same command again. Where a hash does not match, "
                "the file is another one than was tried: docs/operators.md, Two environments, has more."
            )
        say(f"{self.path.name}: {label} – done in {time.monotonic() - started:.0f} s")


def important_lines(log: Path) -> list[str]:
    """The log's lines without pip's remarks about places it looked in."""
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("WARNING: Location")]


def say(text: str) -> None:
    """A line on the terminal, at once."""
    print(f"  {text}", flush=True)


def torch_arguments() -> list[str]:
    """How pip is to find a PyTorch without CUDA."""
    try:
        with urllib.request.urlopen(f"{TORCH_CPU_INDEX}/torch/", timeout=4) as answer:
            if answer.status == 200:
                return ["install", "--no-input", "--no-deps", TORCH, "--index-url", TORCH_CPU_INDEX]
    except (OSError, http.client.HTTPException):
        pass
    return [*CHECKED, "-r", TORCH_LOCK]


def environments() -> list[Environment]:
    """What has to be there: the web process's environment, and Rasa's, whose pins can't live with it."""
    return [
        Environment(
            ".venv",
            "requirements.lock",
            [
                ("PyTorch, the build without CUDA", None),
                ("everything else of the web process", [*CHECKED, "-r", "requirements.lock"]),
            ],
            (TORCH_LOCK,),
        ),
        Environment(
            ".venv-rasa",
            "bot/requirements.lock",
            [
                (
                    "Rasa and TensorFlow, every file checked against its hash",
                    [*CHECKED, "--ignore-requires-python", "-r", "bot/requirements.lock"],
                )
            ],
        ),
    ]


def main() -> int:
    """Builds what is missing, both at once."""
    if sys.version_info[:2] != (3, 11):
        print(f"Odziv needs Python 3.11, this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 …")
        return 1
    LOGS.mkdir(parents=True, exist_ok=True)
    wanted = [environment for environment in environments() if not environment.is_ready()]
    if not wanted:
        return 0
    print(f"Setting up {' and '.join(e.path.name for e in wanted)} (2 to 5 minutes, once)", flush=True)
    threads = [threading.Thread(target=environment.build) for environment in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for environment in wanted:
        if environment.error:
            print(f"Set-up stopped: {environment.error}", flush=True)
    if any(environment.error for environment in wanted):
        return 1
    print("Set-up is complete.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
