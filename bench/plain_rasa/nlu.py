"""Rasa's own default NLU pipeline for public intents: its project, its model, and its parse of one text at a time."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import yaml

from bench.parts.processes import memory_mb
from bench.parts.product import ROOT, NotStarted, end_of
from bench.plain_rasa import training
from bench.plain_rasa.training import ONE_THREAD, Training, command, end, environment, fingerprint, train_once

DEFAULTS = "lib/python3.*/site-packages/rasa/engine/recipes/config_files/default_config.yml"
FALLBACK = "nlu_fallback"


def default_pipeline(epochs: int, part: str = "pipeline") -> list[dict]:
    """The components (or policies) that Rasa fills in when a config.yml names none. Raises NotStarted."""
    found = list(training.PYTHON.parents[1].glob(DEFAULTS))
    if not found:
        raise NotStarted(f"there is no whole Rasa in {training.PYTHON.parents[1].name}: `make setup` builds it")
    components = yaml.safe_load(found[0].read_text("utf-8"))[part]
    return [each | {"epochs": epochs} if "epochs" in each else each for each in components]


def intent_names(labels: Iterable[str]) -> dict[str, str]:
    """A name for each label: itself, where Rasa reads nothing else into it. The default pipeline looks into names."""
    names: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        name = re.sub(r"[/\s]+", "_", label)
        while name in (FALLBACK, *names.values()):
            name += "_"
        names[label] = name
    return names


def write_project(folder: Path, rows: list[dict], names: dict[str, str], epochs: int) -> str:
    """Writes recipe and examples and returns the fingerprint of what training reads."""
    config = {"recipe": "default.v1", "assistant_id": "plain", "language": rows[0].get("lang", "en"),
              "pipeline": default_pipeline(epochs)}  # fmt: skip
    # JSON, not YAML: there, brackets in a customer's text would be entities.
    examples = [{"text": row["text"], "intent": names[row["label"]]} for row in rows]
    documents = {"config.yml": yaml.safe_dump(config, sort_keys=False),
                 "nlu.json": json.dumps({"rasa_nlu_data": {"common_examples": examples}})}  # fmt: skip
    for name, text in documents.items():
        (folder / name).write_text(text, "utf-8")
    return fingerprint(folder / name for name in documents)


def train(
    cache: Path, rows: list[dict], names: dict[str, str], epochs: int, say: Callable[[str], None] = print
) -> tuple[Path, Training]:
    """The model for these rows, trained unless `cache` has it. Raises NotStarted."""
    with tempfile.TemporaryDirectory(prefix="odziv-bench-") as folder:
        name = write_project(Path(folder), rows, names, epochs)
        arguments = ["nlu", "--config", "config.yml", "--nlu", "nlu.json"]
        # A training that finds parts of itself in Rasa's own cache would take no time.
        return train_once(cache, name, arguments, Path(folder), say, RASA_MAX_CACHE_SIZE="0", TMPDIR=folder)


def best_intent(ranking: list[list]) -> tuple[str, float]:
    """The best intent and Rasa's confidence in it, also where the fallback was put before it; "" when there is none."""
    return next(((name, confidence) for name, confidence in ranking if name and name != FALLBACK), ("", 0.0))


class Parser:
    """A process that has the model in memory; `with Parser(model, log) as parser:` waits until it has, and ends it."""

    def __init__(self, model: Path, log: Path) -> None:
        self._model, self._log = model, log
        self._child: subprocess.Popen[bytes] | None = None
        self.version = ""

    def __enter__(self) -> Parser:
        with self._log.open("wb") as output:
            self._child = subprocess.Popen(
                command("bench.plain_rasa.parse", self._model), cwd=ROOT, env={**environment(), **ONE_THREAD},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output,
            )  # fmt: skip
        try:
            self.version = self._read()["rasa"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        end(self._child)
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(OSError):  # of what it did not take before it ended
                pipe.close()

    def parse(self, text: str) -> tuple[str, float, float]:
        """The best intent, Rasa's confidence in it, and the seconds of its parse. Raises NotStarted when Rasa ends."""
        answer = self._ask(text)
        return *best_intent(answer["ranking"]), answer["seconds"]

    def first_intent(self, text: str) -> tuple[str, float]:
        """The intent that Rasa goes by, the fallback among them, with its confidence. Raises NotStarted."""
        name, confidence = self._ask(text)["ranking"][0]
        return name, confidence

    def _ask(self, text: str) -> dict:
        with suppress(BrokenPipeError):  # reading tells why
            self._child.stdin.write(json.dumps({"text": text}).encode() + b"\n")
            self._child.stdin.flush()
        return self._read()

    def memory_mb(self) -> float:
        """Its resident memory now."""
        return memory_mb([self._child.pid])["rss"]

    def _read(self) -> dict:
        line = self._child.stdout.readline()
        if not line:
            raise NotStarted(f"plain Rasa ended; the end of {self._log}:\n{end_of(self._log)}")
        return json.loads(line)
