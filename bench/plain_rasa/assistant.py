"""Writes the plain assistant from the shipped articles, trains it once for the same content, and serves it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import frontmatter
import httpx
import yaml

from bench.parts.product import free_port, wait_for
from bench.plain_rasa.nlu import default_pipeline
from bench.plain_rasa.training import command, end, environment, fingerprint, train_once
from bot.phrasings import plain

HERE = Path(__file__).parent
# As few as `rasa init` has, and some: they teach two policies, which then predict at every turn whatever is asked.
STORIES = 6
SMALL_TALK = {"greet": "Hello! How can I help?", "goodbye": "Goodbye.", "bot_challenge": "I am a bot."}


def write_project(folder: Path, articles: Path, languages: Iterable[str], epochs: int | None = None) -> str:
    """Writes an ordinary Rasa project into `folder` and returns the fingerprint of what training reads.

    With `epochs`, the defaults that Rasa would fill in are written out with so many.
    """
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
    if epochs is not None:
        parts = {part: default_pipeline(epochs, part) for part in ("pipeline", "policies")}
        documents["config.yml"] = yaml.safe_load((HERE / "config.yml").read_text("utf-8")) | parts
    for name, document in documents.items():
        (folder / name).write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return fingerprint(sorted((*folder.glob("*.yml"), *folder.glob("data/*.yml"))))


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


def train(
    cache: Path, articles: Path, languages: Iterable[str], epochs: int, say: Callable[[str], None] = print
) -> Path:
    """The model for these articles, trained unless `cache` has it. Raises NotStarted."""
    draft = cache / "project"  # stays, with Rasa's own cache of what it has trained before
    name = write_project(draft, articles, languages, epochs)
    # No augmentation: gluing stories together for practice takes half an hour and changes no answer's time.
    return train_once(cache, name, ["--augmentation", "0"], draft, say)[0]


class PlainRasa:
    """`rasa run` with the plain model; `with PlainRasa(…) as rasa:` waits until it serves, and stops it."""

    def __init__(self, model: Path, folder: Path, say: Callable[[str], None] = print) -> None:
        self._model, self._folder, self._say = model, folder, say
        self.log = folder / "plain-rasa.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PlainRasa:
        arguments = command(
            "rasa", "run", "--model", self._model, "--interface", "127.0.0.1", "--port", str(self.port),
            "--credentials", HERE / "credentials.yml", "--endpoints", HERE / "endpoints.yml",
        )  # fmt: skip
        with self.log.open("wb") as output:
            self._child = subprocess.Popen(
                arguments, cwd=self._folder, env=environment(),
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
