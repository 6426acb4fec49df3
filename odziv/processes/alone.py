"""`python server.py web|worker|rasa`: one process by itself, for a service manager that starts and watches each.

It becomes what it starts, so signals and the end reach whoever started it. Several of each may run, also on one machine
with one data folder: with other ports.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from bot.environment import rasa_command, rasa_environment
from bot.train import train
from odziv.processes.child import rasa_arguments
from odziv.processes.only_server import only_server
from odziv.processes.open_files import raise_open_files, say_too_few
from odziv.processes.rasa_watch import begin_watch
from odziv.processes.serving import Role, gunicorn_arguments, gunicorn_environment
from odziv.processes.starting import EMBED_EXAMPLES, check_port, find_articles, told_at_the_start
from odziv.settings import Settings
from odziv.store.opening import open_store
from odziv.texts.small_talk import write_responses

Alone = Literal["web", "worker", "rasa"]


def become(role: Alone, settings: Settings) -> None:
    """Turns this process into that one; never returns. Raises what a start raises."""
    with only_server(settings.var, shared=True), told_at_the_start(settings):
        if role == "rasa":
            become_rasa(settings)
        else:
            become_gunicorn(role, settings)


def become_gunicorn(role: Role, settings: Settings) -> None:
    """Once its port is free and the database is whole and of this version."""
    if role == "web":
        check_port(settings.host, settings.port, "port", "ODZIV_PORT")
    else:
        check_port(settings.worker_host, settings.own_worker_port, "worker_port", "ODZIV_WORKER_PORT")
    open_store(settings, wholly=True).close()
    if role == "web" and (too_few := say_too_few(raise_open_files(), settings.max_connections)):
        say(f"Open files: {too_few}")
    say(f"Odziv's {role} process listens on {settings.bind if role == 'web' else settings.worker_bind}.")
    arguments = [sys.executable, "-m", *gunicorn_arguments(role)]
    os.execve(sys.executable, arguments, gunicorn_environment(role, os.environ))


def become_rasa(settings: Settings) -> None:
    """Once its model is trained on what there is."""
    check_port(settings.rasa_host, settings.rasa_port, "rasa_port", "ODZIV_RASA_PORT")
    with only_trainer(settings.var):
        model = train(
            var=settings.var,
            articles=find_articles(settings, say),
            languages=settings.languages,
            responses=write_responses(),
            say=say,
            embed=EMBED_EXAMPLES,
        )
    say(f"Odziv's Rasa listens on {settings.rasa_host}:{settings.rasa_port}.")
    command = rasa_command(*rasa_arguments(model, settings.rasa_host, settings.rasa_port), parent=os.getppid())
    token = settings.secret("rasa")
    secrets = {"ODZIV_RASA_TOKEN": token, "ODZIV_ACTION_URL": f"{settings.worker_url}/rasa/actions"}
    begin_watch(os.getpid(), settings.rasa_url, token)
    os.execve(command[0], command, rasa_environment(settings.var, **secrets))


@contextmanager
def only_trainer(var: Path) -> Iterator[None]:
    """Waits until nobody else trains in this data folder: of several that start together the first one trains, and the
    others find its model."""
    folder = var / "rasa"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "training.lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """To whoever reads the service's log."""
    print(text, flush=True)
