"""Writes the plain assistant from the shipped articles, trains it once for the same content, and serves it."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import frontmatter
import httpx
import yaml

from bench.product import ROOT, StartFailed, free_port, wait_for
from bot.phrasings import plain

HERE = Path(__file__).parent
RASA = [str(ROOT / ".venv-rasa" / "bin" / "python"), "-m", "rasa"]
# How a model is trained has no part in how it serves: and threads that wait for each other double the time, or worse.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
# As few as `rasa init` has, and some: they teach two policies, which then predict at every turn whatever is asked.
STORIES = 6
SMALL_TALK = {"greet": "Hello! How can I help?", "goodbye": "Goodbye.", "bot_challenge": "I am a bot."}


def write_project(folder: Path, articles: Path, languages: Iterable[str]) -> str:
    """Writes an ordinary Rasa project into `folder` and returns the hash of all that training reads."""
    examples, responses = read_articles(articles, languages)
    intents = [*SMALL_TALK, *examples]
    documents = {
        "domain.yml": {
            "version": "3.1",
            "intents": intents,
            "responses": {f"utter_{name}": [{"text": text}] for name, text in {**SMALL_TALK, **responses}.items()},
            "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
        },
        "data/articles.yml": {
            "version": "3.1",
            "nlu": [
                {"intent": name, "examples": "".join(f"- {t}\n" for t in texts)} for name, texts in examples.items()
            ],
        },
        "data/rules.yml": {"version": "3.1", "rules": [rule(name) for name in intents]},
        "data/stories.yml": {"version": "3.1", "stories": stories(list(examples))},
    }
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name in ("config.yml", "credentials.yml", "endpoints.yml", "data/small_talk.yml"):
        shutil.copyfile(HERE / name, folder / name)
    for name, document in documents.items():
        (folder / name).write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    files = sorted(path for path in (*folder.glob("*.yml"), *folder.glob("data/*.yml")))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def read_articles(root: Path, languages: Iterable[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Phrasings of each article, and its opening paragraph in the last of the languages, by intent name."""
    examples: dict[str, list[str]] = {}
    responses: dict[str, str] = {}
    for path in (path for language in languages for path in sorted((root / language).rglob("*.md"))):
        article = frontmatter.loads(path.read_text(encoding="utf-8"))
        name = f"{path.parent.name}_{path.stem}".replace("-", "_")
        texts = filter(None, map(plain, (str(article["title"]), *map(str, article["questions"]))))
        examples.setdefault(name, []).extend(dict.fromkeys(texts))
        responses[name] = article.content.strip().split("\n\n")[0]
    return examples, responses


def rule(name: str) -> dict:
    """One intent, one answer."""
    return {"rule": name, "steps": turn(name)}


def turn(name: str) -> list[dict[str, str]]:
    """The two steps in which an intent gets its answer."""
    return [{"intent": name}, {"action": f"utter_{name}"}]


def stories(names: list[str]) -> list[dict]:
    """Conversations of a greeting and two questions, for the policies that learn from stories."""
    pairs = list(pairwise(names))[:STORIES]
    return [
        {
            "story": f"{first}, then {second}",
            "steps": [step for name in ("greet", first, second) for step in turn(name)],
        }
        for first, second in pairs
    ]


def train(cache: Path, articles: Path, languages: Iterable[str], say: Callable[[str], None] = print) -> Path:
    """The model for these articles, trained unless `cache` has it. Raises StartFailed."""
    draft = cache / "project"  # stays, with Rasa's own cache of what it has trained before
    name = write_project(draft, articles, languages)[:16]
    model = cache / f"{name}.tar.gz"
    if model.is_file():
        return model
    started = time.monotonic()
    log = cache / f"{name}.log"
    # No augmentation: gluing stories together for practice takes half an hour and changes no answer's time.
    command = [*RASA, "train", "--augmentation", "0", "--out", str(cache), "--fixed-model-name", f"{name}-new"]
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, cwd=draft, env={**environment(), **ONE_THREAD},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        while child.poll() is None:
            say(f"  training plain Rasa, default pipeline (once; minutes) … {time.monotonic() - started:.0f} s")
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                continue
    finally:
        end(child)
    if child.returncode:
        raise StartFailed(f"plain Rasa could not be trained; see {log}")
    os.replace(cache / f"{name}-new.tar.gz", model)
    say(f"  plain Rasa is trained after {time.monotonic() - started:.0f} s")
    return model


class PlainRasa:
    """`rasa run` with the plain model; `with PlainRasa(…) as rasa:` waits until it serves, and stops it."""

    def __init__(self, model: Path, folder: Path, say: Callable[[str], None] = print) -> None:
        self._model, self._folder, self._say = model, folder, say
        self.log = folder / "plain-rasa.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PlainRasa:
        command = [
            *RASA, "run", "--model", str(self._model), "--interface", "127.0.0.1", "--port", str(self.port),
            "--credentials", str(HERE / "credentials.yml"), "--endpoints", str(HERE / "endpoints.yml"),
        ]  # fmt: skip
        with self.log.open("wb") as output:
            self._child = subprocess.Popen(
                command, cwd=self._folder, env=environment(),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            wait_for("plain Rasa", self.is_ready, self._child, self.log, self._say)
        except BaseException:
            end(self._child)
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        end(self._child)

    @property
    def pid(self) -> int:
        """Its process's number."""
        assert self._child is not None
        return self._child.pid

    def is_ready(self) -> bool:
        """Whether a message gets an answer."""
        body = {"sender": "check", "message": "hello"}
        try:
            answer = httpx.post(f"{self.url}/webhooks/rest/webhook", json=body, timeout=20.0, trust_env=False)
            return answer.status_code == 200 and bool(answer.json())
        except (httpx.HTTPError, ValueError):
            return False


def environment() -> dict[str, str]:
    """Rasa's own choice of threads, as a plain `rasa run` has it; only telemetry is off, whose host isn't there."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("ODZIV_", "OMP_", "TF_"))}
    return {**ours, "RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore", "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}  # fmt: skip


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
