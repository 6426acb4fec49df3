"""Keeps a child process running: started, watched, started again when it dies, stopped. Rasa is one."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from bot.environment import ROOT, rasa_command, rasa_environment

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a restart; doubled each time
HEALTHY_AFTER = 60.0  # seconds up, after which a crash counts as the first again
LOOK_SECONDS, FIRST_LOOKS_SECONDS = 2.0, 0.5  # between two looks whether it hangs; until it has answered
# For so many seconds it may say nothing; where it works at something meanwhile; and before it has said anything.
PATIENCE_SECONDS, PATIENCE_WHILE_BUSY, PATIENCE_AT_START = 6.0, 60.0, 300.0
BUSY_TICKS = 100  # of processor time since it hangs: it works
LARGEST_LOG = 5_000_000  # bytes; at the next start a larger log is put aside, one older file is kept


def rasa_process(
    model: Path,
    *,
    var: Path,
    host: str = "127.0.0.1",
    port: int,
    token: str,
    action_url: str,
    is_ready: Callable[[], bool],
    state: Callable[[], str] = lambda: "ok",
) -> ChildProcess:
    """Rasa serving `model` there, not yet started.

    Our channel is the only way in: without `--enable-api` Rasa has no other. `token` opens it, and `action_url`
    to Rasa; `is_ready` tells whether it answers, `state` is RasaClient.state.
    """
    (var / "rasa").mkdir(parents=True, exist_ok=True)  # for the tracker store
    environment = rasa_environment(var, ODZIV_RASA_TOKEN=token, ODZIV_ACTION_URL=action_url)
    return ChildProcess(
        "rasa",
        rasa_command(*rasa_arguments(model, host, port)),
        environment=environment,
        log_file=var / "logs" / "rasa.log",
        is_ready=is_ready,
        state=state,
        grace=6.0,  # it takes two or three; longer only while somebody holds a connection, and it has nothing to lose
    )


def rasa_arguments(model: Path, host: str, port: int) -> list[str]:
    """What Rasa's program is called with to serve `model` there."""
    return [
        "run", "--model", str(model.resolve()), "--interface", host, "--port", str(port),
        "--endpoints", "bot/endpoints.yml", "--credentials", "bot/credentials.yml",
    ]  # fmt: skip


class ChildProcess:
    """A supervised child process; `with ChildProcess(…)` starts and stops it.

    It runs in a session of its own, so that Ctrl-C in the terminal reaches only us. To have it end with us
    even when we are killed, its command goes through `python -m bot.launch`.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        environment: Mapping[str, str],
        log_file: Path,
        is_ready: Callable[[], bool],
        state: Callable[[], str] = lambda: "ok",
        grace: float = 5.0,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        self.name, self.restarts = name, 0
        self._command, self._environment, self._log_file = command, environment, log_file
        self._is_ready, self._state, self._grace = is_ready, state, grace
        self._first_pause, self._longest_pause = first_pause, longest_pause
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._answered = 0  # the process that was found ready by who waited for it
        self._thread: threading.Thread | None = None

    def __enter__(self) -> ChildProcess:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The running child's process id; None while there is none."""
        child = self._child
        return child.pid if child and child.poll() is None else None

    def start(self) -> None:
        """Starts the child and the thread that watches it; returns at once. Once only."""
        if self._thread:
            raise RuntimeError(f"{self.name} was started before")
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        # The kernel ends the child with the *thread* that made it, so the thread that watches also makes it.
        self._thread = threading.Thread(target=self._watch, name=f"{self.name}-supervisor", daemon=True)
        self._thread.start()

    def wait_until_ready(
        self,
        seconds: float = 60.0,
        *,
        say: Callable[[str], None] | None = None,
        stop: threading.Event | None = None,
        gives_up: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Whether it answered within so many seconds; `say` gets a line every five, `stop` ends the waiting.

        So does `gives_up`, which says that it is in vain.
        """
        started, told = time.monotonic(), 0.0
        while not (self._stopping.is_set() or (stop and stop.is_set())):
            pid = self.pid
            if pid and self._is_ready():
                self._answered = pid
                return True
            passed = time.monotonic() - started
            if passed > seconds or gives_up():
                break
            if say and passed >= told + 5:
                told = passed
                say(f"waiting for {self.name}… {passed:.0f} s")
            (stop or self._stopping).wait(0.2)
        return False

    def stop(self) -> None:
        """Ends the child: SIGTERM, and SIGKILL when it takes longer than its grace. May be called again."""
        with self._lock:  # from here on the watching thread starts no other
            self._stopping.set()
            child = self._child
        if child and child.poll() is None:
            child.terminate()
            try:
                child.wait(self._grace)
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop within %g s and is killed", self.name, self._grace)
                child.kill()
                child.wait()
        if self._thread:
            self._thread.join()

    def _watch(self) -> None:
        """Runs the child again and again until stopped, with longer pauses while it keeps dying."""
        pause = self._first_pause
        while not self._stopping.is_set():
            started = time.monotonic()
            ending = self._run_once()
            if self._stopping.is_set():
                return
            if time.monotonic() - started >= HEALTHY_AFTER:
                pause = self._first_pause
            self.restarts += 1
            log.error("%s ended (%s), starting again in %g s; see %s", self.name, ending, pause, self._log_file)
            self._stopping.wait(pause)
            pause = min(pause * 2, self._longest_pause)

    def _run_once(self) -> str:
        """Starts the child and waits for its end; returns how it ended."""
        try:
            with self._open_log() as output, self._lock:
                if self._stopping.is_set():
                    return "stopping"
                self._child = subprocess.Popen(
                    self._command,
                    cwd=ROOT,
                    env=dict(self._environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:  # no such program, no disk: say so and try again, the others serve on
            return str(error)
        return self._wait_for_end(self._child)

    def _wait_for_end(self, child: subprocess.Popen[bytes]) -> str:
        """How it ended. One that says nothing any more is killed: it would neither end nor work."""
        patience = Patience(child.pid)
        while True:
            try:
                return f"exit status {child.wait(LOOK_SECONDS if patience.has_answered else FIRST_LOOKS_SECONDS)}"
            except subprocess.TimeoutExpired:
                patience.has_answered = patience.has_answered or self._answered == child.pid
                silent = patience.look(self._state)
            if silent is not None and not self._stopping.is_set():
                log.error("%s has not answered for %.0f s and is killed", self.name, silent)
                child.kill()
                child.wait()
                return f"it hung for {silent:.0f} s"

    def _open_log(self) -> IO[bytes]:
        if self._log_file.exists() and self._log_file.stat().st_size > LARGEST_LOG:
            self._log_file.replace(self._log_file.with_suffix(".log.1"))
        return self._log_file.open("ab")


class Patience:
    """For how long a process has hung: it counts from the first look that found it so, until one does not.

    `has_answered` says that the process has been at work: before, it may take long.
    """

    def __init__(self, pid: int) -> None:
        self._pid, self.has_answered = pid, False
        self._since: float | None = None
        self._worked = 0

    def look(self, state: Callable[[], str]) -> float | None:
        """Asks for its state; returns for how many seconds it has hung where that is too long; None: go on."""
        begun, worked, said = time.monotonic(), ticks_of(self._pid), state()
        self.has_answered = self.has_answered or said == "ok"
        if said != "hangs":
            self._since = None
            return None
        if self._since is None:
            self._since, self._worked = begun, worked
        passed = time.monotonic() - self._since
        return passed if passed >= self._most() else None

    def _most(self) -> float:
        if not self.has_answered:
            return PATIENCE_AT_START
        return PATIENCE_SECONDS if ticks_of(self._pid) - self._worked < BUSY_TICKS else PATIENCE_WHILE_BUSY


def ticks_of(pid: int) -> int:
    """The processor time that a process has taken, in hundredths of a second on Linux; 0 where that is not told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])
