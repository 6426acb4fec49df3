"""`python server.py`: trains what changed, starts web, worker and Rasa, proves that a message goes round, watches them.

With the name of one of them it becomes that alone (alone.py).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx

from bot.client import RasaClient
from odziv.processes.child import ChildProcess, rasa_process
from odziv.processes.only_server import FolderTaken, only_server
from odziv.processes.open_files import raise_open_files, say_too_few
from odziv.processes.preparing import Preparation, Stopped
from odziv.processes.serving import web_process, worker_process
from odziv.processes.starting import StartFailed, check_port, check_prefix, told_at_the_start
from odziv.settings import BadSetting, Settings, load_settings

if TYPE_CHECKING:
    from odziv.processes.alone import Alone

STEPS = 4
WEB_START_SECONDS = 300.0  # the first start embeds every article
RASA_START_SECONDS = 300.0
ASK_SECONDS = 3.0  # for which Rasa may think about whether it is there
ALONE = (["web"], ["worker"], ["rasa"])
USAGE = """Usage: python server.py [web | worker | rasa]

Without an argument all of Odziv is started on this machine, watched, and stopped together. With one, this
process becomes that part alone, for a service manager that starts and watches each: see "Processes" in
docs/operators.md."""


def main(arguments: Sequence[str] = ()) -> int:
    """Runs until SIGTERM or Ctrl-C, all of it or, where `arguments` name one, a single process. Returns the exit
    status."""
    os.umask(0o077)  # what customers write is for this account's eyes only
    if arguments and arguments not in ALONE:
        print(USAGE, file=sys.stdout if arguments[0] in ("-h", "--help") else sys.stderr)
        return 0 if arguments[0] in ("-h", "--help") else 2
    try:
        check_prefix(os.environ)
        settings = load_settings()
        if arguments:
            from odziv.processes.alone import become  # with the database's libraries, which the supervisor goes without

            become(cast("Alone", arguments[0]), settings)
        run_all(settings)
    except (BadSetting, FolderTaken, StartFailed) as error:
        print(f"Odziv can't start: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


def run_all(settings: Settings) -> None:
    """All processes on this machine, until SIGTERM or Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with only_server(settings.var):
        check_port(settings.host, settings.port, "port", "ODZIV_PORT")
        check_port(settings.rasa_host, settings.rasa_port, "rasa_port", "ODZIV_RASA_PORT")
        check_port(settings.worker_host, settings.own_worker_port, "worker_port", "ODZIV_WORKER_PORT")
        with told_at_the_start(settings), contextlib.suppress(Stopped):
            serve(settings, stop)
        print("Stopped.", flush=True)


def serve(settings: Settings, stop: threading.Event) -> None:
    """Starts the processes and keeps them running until `stop`. Raises StartFailed, and Stopped."""
    started = time.monotonic()
    if too_few := say_too_few(raise_open_files(), settings.max_connections):
        detail(f"Open files: {too_few}")
    with Preparation(settings, detail, stop) as preparation, contextlib.ExitStack() as parts:
        articles = preparation.look()
        # Neither needs Rasa's model: the worker embeds the articles while that is still being trained.
        web, worker = parts.enter_context(web_process(settings)), parts.enter_context(worker_process(settings))
        say(1, "checking the intent model")
        model = preparation.train(articles)
        token = settings.secret("rasa")
        client = parts.enter_context(contextlib.closing(RasaClient(settings.rasa_url, token, timeout=ASK_SECONDS)))
        rasa = parts.enter_context(rasa_for(settings, model, client))
        say(2, "starting the web process and the worker (the first time, every article is read and embedded)")
        for process in (web, worker):
            wait(process, WEB_START_SECONDS, stop, settings.var / "logs" / f"{process.name}.log")
        say(3, "starting Rasa")
        if wait_for_rasa(settings, rasa, client, stop) or try_others(settings, model, rasa, client, parts, stop):
            say(4, "sending a message all the way round")
            check_round(settings, token)
        if not stop.is_set():
            announce(settings, preparation.invite(), time.monotonic() - started)
        preparation.end()  # what it loaded is not needed again
        stop.wait()
        print("Stopping: letting what is under way finish …", flush=True)
        web.stop()
        worker.stop()  # before Rasa, which the turns under way still need


def wait_for_rasa(settings: Settings, rasa: ChildProcess, client: RasaClient, stop: threading.Event) -> bool:
    """Whether it answers; no longer waited for once it is plain that it can't load its model."""
    if rasa.wait_until_ready(RASA_START_SECONDS, say=detail, stop=stop, gives_up=lambda: has_failed(rasa, client)):
        return True
    if not stop.is_set():
        detail(f"Rasa can't load the intent model; see {settings.var / 'logs' / 'rasa.log'}")
    return False


def try_others(
    settings: Settings,
    model: Path,
    rasa: ChildProcess,
    client: RasaClient,
    others: contextlib.ExitStack,
    stop: threading.Event,
) -> bool:
    """Starts Rasa with the models before `model`, the newest first, in place of `rasa`. Returns whether one answers.

    Where none does, the last one tried stays, and is started again and again.
    """
    from bot.train import other_models

    for path in other_models(settings.var, model):
        if stop.is_set():
            return False
        detail(f"trying the last good one, {path.name}")
        rasa.stop()
        rasa = others.enter_context(rasa_for(settings, path, client))
        if wait_for_rasa(settings, rasa, client, stop):
            return True
    if not stop.is_set():
        detail("Rasa does not answer: customers are answered from the articles, or by a person, until it does.")
    return False


def has_failed(rasa: ChildProcess, client: RasaClient) -> bool:
    """Whether waiting is in vain: it has ended more than once, or found no model that it can load."""
    return rasa.restarts > 1 or client.state() == "no model"


def rasa_for(settings: Settings, model: Path, client: RasaClient) -> ChildProcess:
    """Rasa with that model, not yet started; one that hangs is started again."""
    return rasa_process(
        model,
        var=settings.var,
        host=settings.rasa_host,
        port=settings.rasa_port,
        token=settings.secret("rasa"),
        action_url=f"{settings.worker_url}/rasa/actions",
        is_ready=client.is_ready,
        state=client.state,
    )


def wait(process: ChildProcess, seconds: float, stop: threading.Event, log: Path) -> None:
    """Until the process is ready, or we are told to stop. Raises StartFailed with the end of its log."""
    if process.wait_until_ready(seconds, say=detail, stop=stop) or stop.is_set():
        return
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
    raise StartFailed(f"{process.name} was not ready after {seconds:.0f} s. The end of {log}:\n{tail}")


def check_round(settings: Settings, token: str) -> None:
    """Raises StartFailed unless a real message came back from the bot."""
    try:
        answer = httpx.post(
            f"{settings.worker_url}/rasa/check",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30.0,
            trust_env=False,
        ).json()
    except (httpx.HTTPError, ValueError) as error:
        raise StartFailed(f"the check message failed ({error}); see {settings.var / 'logs' / 'worker.log'}") from error
    if not answer.get("went_round"):
        log = settings.var / "logs" / "worker.log"
        raise StartFailed(f"the check message did not get all the way round ({answer}); see {log}")
    detail(f"answered in {answer['ms']} ms")


def announce(settings: Settings, token: str | None, seconds: float) -> None:
    """Says where everything is, and how the first agent gets in: with `token`, where there is none yet."""
    print(f"\nOdziv is serving (after {seconds:.0f} s).\n", flush=True)
    print(f"  Demo shop with the widget   {settings.url}/")
    print(f"  Desk for agents             {settings.url}/desk/")
    if token:
        print(f"  Create the first agent      {settings.url}/desk/invite/{token}")
        print("                              (works once, for 24 hours; a new one is made at each start until then)")
    print("\nCtrl-C stops it. Logs are in", settings.var / "logs", flush=True)


def say(step: int, text: str) -> None:
    """A step begins."""
    print(f"[{step}/{STEPS}] {text}", flush=True)


def detail(text: str) -> None:
    """Something about the step."""
    print(f"      {text}", flush=True)
