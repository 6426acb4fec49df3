"""The two kinds of processes that gunicorn serves: web, and worker. How each is started, and when it is ready."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Literal

import httpx

from odziv.processes.child import ChildProcess
from odziv.settings import Settings

Role = Literal["web", "worker"]
ROLE = "ODZIV_ROLE"  # in the environment, for gunicorn.conf.py; nobody else need set it


def gunicorn_arguments(role: Role) -> list[str]:
    """What Python is called with to serve as that."""
    return ["gunicorn", f"server:create_app(role={role!r})"]


def gunicorn_environment(role: Role, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment to serve in."""
    return {
        **environment,
        ROLE: role,
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # Two arenas: with hundreds of threads, malloc would keep a hundred megabytes in pieces.
        "MALLOC_ARENA_MAX": "2",
    }


def web_process(settings: Settings) -> ChildProcess:
    """Gunicorn with what people use."""
    return _process("web", settings)


def worker_process(settings: Settings) -> ChildProcess:
    """Gunicorn with what Rasa and the web process ask, and beside that the work."""
    return _process("worker", settings)


def _process(role: Role, settings: Settings) -> ChildProcess:
    """In a session of its own, so that Ctrl-C reaches only us."""
    return ChildProcess(
        role,
        [sys.executable, "-m", "bot.launch", str(os.getpid()), *gunicorn_arguments(role)],
        environment=gunicorn_environment(role, os.environ),
        log_file=settings.var / "logs" / f"{role}.log",
        is_ready=lambda: is_up(role, settings),
        grace=25.0,
        first_pause=0.2,  # without this process nobody is served: it is tried again soon, however often it failed
        longest_pause=2.0,
    )


def is_up(role: Role, settings: Settings) -> bool:
    """Whether it serves and can store; what else health finds is no reason to wait for it."""
    url = settings.own_url if role == "web" else settings.worker_url
    try:
        parts = httpx.get(f"{url}/health", timeout=10.0, trust_env=False).json()["parts"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False
    return bool(parts.get(role) == parts.get("store") == "ok")
