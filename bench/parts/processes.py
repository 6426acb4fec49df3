"""Looks at processes through /proc: who is below whom, which is which, how much memory and time they take."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """`started` (clock ticks since boot) tells a process from a later one with the same number."""

    pid: int
    parent: int
    started: int
    cpu_seconds: float
    command: str


def read_process(pid: int) -> Process | None:
    """What /proc tells about one; None when it is gone or only waits to be reaped."""
    try:
        # The name in parentheses may hold anything, so count from its end; field 3 of proc(5) comes first.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        command = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (OSError, ValueError):
        return None
    if fields[0] == "Z":
        return None
    return Process(pid, int(fields[1]), int(fields[19]), (int(fields[11]) + int(fields[12])) / TICKS, command)


def below(root: int) -> list[Process]:
    """Every living process started by `root`, or by one of those; parents first."""
    children: dict[int, list[Process]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (process := read_process(int(entry.name))):
            children.setdefault(process.parent, []).append(process)
    found = list(children.get(root, ()))
    for process in found:  # grows while it is read
        found.extend(children.get(process.pid, ()))
    return found


def roles(supervisor: int) -> dict[str, Process]:
    """Those that are there now: "web" and "worker", each with its gunicorn's "web-master" or "worker-master", and
    "rasa"."""
    found: dict[str, Process] = {}
    for process in below(supervisor):
        if " bot.rasa_program run " in process.command:
            found["rasa"] = process
        elif " gunicorn " in process.command:
            role = "worker" if "role='worker'" in process.command else "web"
            found[f"{role}-master" if process.parent == supervisor else role] = process
    return found


def kill(process: Process) -> bool:
    """SIGKILL to exactly this process, never to another that has got its number since; whether it still lived."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return False
    try:
        now = read_process(process.pid)
        if now is None or now.started != process.started:
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def is_alive(process: Process) -> bool:
    """Whether it is still this one that runs under its number."""
    now = read_process(process.pid)
    return now is not None and now.started == process.started


def memory_mb(pids: Iterable[int]) -> dict[str, float]:
    """Megabytes of these processes together: `pss` (shared pages counted once among all) and `rss`."""
    total = {"pss": 0.0, "rss": 0.0}
    for pid in pids:
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        for name in total:
            kilobytes = sum(int(line.split()[1]) for line in lines if line.lower().startswith(f"{name}:"))
            total[name] += kilobytes / 1024
    return {name: round(value, 1) for name, value in total.items()}


def peak_mb(pid: int) -> float:
    """Megabytes of resident memory this process has had at most since it began its program; 0 when it is gone."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time these processes have used so far, children not included."""
    return sum(process.cpu_seconds for pid in pids if (process := read_process(pid)))


def exact_cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time of the threads that these processes have now, to the microsecond and not in ticks of ten ms."""
    total = 0
    for task in (task for pid in pids for task in (PROC / str(pid) / "task").iterdir()):
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except OSError:  # it has just ended
            continue
    return total / 1e9


def busy_seconds() -> float:
    """Processor time the whole machine has used since boot, all processors together."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(
        int, (PROC / "stat").read_text().split("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / TICKS
