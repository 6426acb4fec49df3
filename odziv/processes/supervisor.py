"""`python server.py`: trains what changed, starts web and Rasa, proves that a message goes round, watches both."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from bot.client import RasaClient
from bot.train import TrainingFailed, other_models, train
from odziv.processes.child import ChildProcess, rasa_process
from odziv.processes.only_server import FolderTaken, only_server
from odziv.processes.open_files import raise_open_files, say_too_few
from odziv.settings import BadSetting, Settings, load_settings
from odziv.store import Store
from odziv.store.agents.agent import invite_first
from odziv.store.backups.refused import BackupFailed
from odziv.store.backups.restoring import clear_stage
from odziv.store.damage import tell_trouble
from odziv.store.migrate import DatabaseTooNew
from odziv.store.opening import name_of, open_store
from odziv.texts.small_talk import write_responses

STEPS = 4
WEB_START_SECONDS = 300.0  # the first start embeds every article
RASA_START_SECONDS = 300.0
ASK_SECONDS = 3.0  # for which Rasa may think about whether it is there
# In our environment the examples are embedded several times faster than in Rasa's.
EMBED_EXAMPLES = (sys.executable, "-m", "odziv.processes.embed_examples")


class StartFailed(Exception):
    """The start can't go on; the message says what to do."""


def main() -> int:
    """Runs until SIGTERM or Ctrl-C. Returns the exit status."""
    os.umask(0o077)  # what customers write is for this account's eyes only
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        check_prefix(os.environ)
        settings = load_settings()
        with only_server(settings.var):
            check_port(settings.host, settings.port, "port", "ODZIV_PORT")
            check_port("127.0.0.1", settings.rasa_port, "rasa_port", "ODZIV_RASA_PORT")
            clear_stage(settings.var)
            with told_at_the_start(settings):
                serve(settings, stop)
    except (BadSetting, BackupFailed, DatabaseTooNew, FolderTaken, StartFailed, TrainingFailed) as error:
        print(f"Odziv can't start: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


@contextlib.contextmanager
def told_at_the_start(settings: Settings) -> Iterator[None]:
    """Raises StartFailed, with a sentence, for what is wrong with the data folder or its disk."""
    try:
        yield
    except Exception as error:
        if (sentence := tell_trouble(name_of(settings), error)) is None:
            raise
        raise StartFailed(sentence) from error


def serve(settings: Settings, stop: threading.Event) -> None:
    """Starts both processes and keeps them running until `stop`. Raises StartFailed."""
    started = time.monotonic()
    if too_few := say_too_few(raise_open_files(), settings.max_connections):
        detail(f"Open files: {too_few}")
    articles = find_articles(settings)
    store = open_store(settings, wholly=True)
    # The web process needs no model: it starts, and embeds the articles, while Rasa's is still being trained.
    with web_process(settings) as web:
        say(1, "checking the intent model")
        model = train(
            var=settings.var,
            articles=articles,
            languages=settings.languages,
            responses=write_responses(),
            say=detail,
            embed=EMBED_EXAMPLES,
        )
        token = settings.secret("rasa")
        client = RasaClient(f"http://127.0.0.1:{settings.rasa_port}", token, timeout=ASK_SECONDS)
        with rasa_for(settings, model, client) as rasa, contextlib.ExitStack() as others:
            say(2, "starting the web process (the first time, every article is read and embedded)")
            wait(web, WEB_START_SECONDS, stop, settings.var / "logs" / "web.log")
            say(3, "starting Rasa")
            if wait_for_rasa(settings, rasa, client, stop) or try_others(settings, model, rasa, client, others, stop):
                say(4, "sending a message all the way round")
                check_round(settings, token)
            if not stop.is_set():
                announce(settings, store, time.monotonic() - started)
            stop.wait()
            print("Stopping: letting what is under way finish …", flush=True)
            web.stop()  # first, so that the turns under way still have their Rasa
        client.close()
    store.close()
    print("Stopped.", flush=True)


def find_articles(settings: Settings) -> Path:
    """Where the articles are to be read for training: their folder, or while that is away what was kept of it.

    Raises StartFailed where there is neither. An empty folder will do: articles may be written later.
    """
    kept = settings.index / "last_good"  # kb/sources/shelf.py keeps it
    missing = [
        each for each in settings.languages if has_articles(kept / each) and not has_articles(settings.articles / each)
    ]
    if missing:
        detail(f"Of {settings.articles} there is nothing in {', '.join(missing)}: what was read last serves meanwhile.")
        return kept
    if not settings.articles.is_dir():
        raise StartFailed(
            f"the folder of articles, {settings.articles}, is not there, and none was read before. Mount or make it, "
            "or name another as `articles` in config.yml; it may be empty to begin with."
        )
    if not any(has_articles(settings.articles / each) for each in settings.languages):
        detail(f"There are no articles in {settings.articles}: every question goes to a person until there are.")
    return settings.articles


def has_articles(folder: Path) -> bool:
    """Whether a file of an article can be found there."""
    try:
        return next(folder.rglob("*.md"), None) is not None
    except OSError:
        return False


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
        port=settings.rasa_port,
        token=settings.secret("rasa"),
        action_url=f"{settings.own_url}/rasa/actions",
        is_ready=client.is_ready,
        state=client.state,
    )


def web_process(settings: Settings) -> ChildProcess:
    """Gunicorn with the web application, in its own session so that Ctrl-C reaches only us."""
    return ChildProcess(
        "web",
        [sys.executable, "-m", "bot.launch", str(os.getpid()), "gunicorn", "server:create_app()"],
        # Two arenas: with hundreds of threads, malloc would keep a hundred megabytes in pieces.
        environment={
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "MALLOC_ARENA_MAX": "2",
        },
        log_file=settings.var / "logs" / "web.log",
        is_ready=lambda: is_up(settings),
        grace=25.0,
        first_pause=0.2,  # without this process nobody is served: it is tried again soon, however often it failed
        longest_pause=2.0,
    )


def is_up(settings: Settings) -> bool:
    """Whether the web process serves and can store; what else health finds is no reason to wait for it."""
    try:
        parts = httpx.get(f"{settings.own_url}/health", timeout=10.0, trust_env=False).json()["parts"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False
    return bool(parts.get("web") == parts.get("store") == "ok")


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
            f"{settings.own_url}/rasa/check",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30.0,
            trust_env=False,
        ).json()
    except (httpx.HTTPError, ValueError) as error:
        raise StartFailed(f"the check message failed ({error}); see {settings.var / 'logs' / 'web.log'}") from error
    if not answer.get("went_round"):
        log = settings.var / "logs" / "web.log"
        raise StartFailed(f"the check message did not get all the way round ({answer}); see {log}")
    detail(f"answered in {answer['ms']} ms")


def announce(settings: Settings, store: Store, seconds: float) -> None:
    """Says where everything is, and how the first agent gets in."""
    print(f"\nOdziv is serving (after {seconds:.0f} s).\n", flush=True)
    print(f"  Demo shop with the widget   {settings.url}/")
    print(f"  Desk for agents             {settings.url}/desk/")
    token = invite_first(store)
    if token:
        print(f"  Create the first agent      {settings.url}/desk/invite/{token}")
        print("                              (works once, for 24 hours; a new one is made at each start until then)")
    print("\nCtrl-C stops it. Logs are in", settings.var / "logs", flush=True)


def check_prefix(environment: Mapping[str, str]) -> None:
    """Raises StartFailed where a path is asked for that everything is to be below."""
    if environment.get("SCRIPT_NAME", "").strip("/"):
        raise StartFailed("SCRIPT_NAME is set, but Odziv can't be served below a path; give it a host of its own")


def check_port(host: str, port: int, key: str, variable: str) -> None:
    """Raises StartFailed when somebody else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            raise StartFailed(
                f"{place} can't be used ({error.strerror}). Stop what runs there, "
                f"or choose another {key} in config.yml or with {variable}=…"
            ) from error


def say(step: int, text: str) -> None:
    """A step begins."""
    print(f"[{step}/{STEPS}] {text}", flush=True)


def detail(text: str) -> None:
    """Something about the step."""
    print(f"      {text}", flush=True)
