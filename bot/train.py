"""Trains the Rasa model when what it is made of has changed, and only then."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain_folder import write_domain
from bot.environment import ROOT, rasa_command, rasa_environment
from bot.phrasings import export_phrasings

OUR_KEY = "odziv"  # in config.yml; a change below it is none of Rasa's business
TIMEOUT = 1800.0  # seconds; training takes under a minute, on a machine with nothing else to do
KEPT_MODELS = 2
FAILURE_FILE = "training-failed.json"


@dataclass(frozen=True)
class TrainingFailure:
    """Why training failed, in Rasa's words, and when, in milliseconds since 1970."""

    reason: str
    at: int


class TrainingFailed(Exception):
    """There is no model to serve: training failed and no earlier one exists. Its text says why."""


def train(
    *,
    var: Path,
    articles: Path,
    languages: Iterable[str],
    responses: Mapping[str, Any],
    root: Path = ROOT,
    say: Callable[[str], None] = print,
    command: Callable[..., list[str]] = rasa_command,
    embed: Sequence[str] = (),
) -> Path:
    """The model to serve, newly trained if the recipe, the data or the articles' phrasings changed.

    `responses` is what Rasa says by itself, by name, in the shape of a domain. `embed` is the command that adds the
    vectors of examples, in the files and folders it is given, to the file it is given first; without one, Rasa works
    them all out itself. A failed training is told through `say`, with its reason, and the last good model is returned;
    raises TrainingFailed if there is none. `training_failure` tells of it until a training succeeds.
    """
    exported = var / "rasa" / "nlu" / "phrasings.yml"
    count = export_phrasings(articles, languages, exported)
    domain = write_domain(root, var, responses)
    fingerprint = fingerprint_of(root, exported, domain)
    folder = var / "rasa" / "models"
    tell_damage(folder, say)
    newest = last_good(folder)
    if newest and newest[0] == fingerprint:
        note_outcome(var, None)
        return newest[1]
    say(f"training the intent model, with {count} phrasings from the articles…")
    name = f"intents-{fingerprint[:12]}"
    if embed:
        embed_examples(embed, var, [root / "bot" / "data", exported], say)
    arguments = command(*training_arguments(root, write_recipe(root, var), domain, exported, folder, name))
    reason = run_logged(
        "training the intent model", arguments, var / "logs" / "rasa-train.log", root, rasa_environment(var), say
    )
    model = folder / f"{name}.tar.gz"
    if reason is None and not model.exists():
        reason = f"Rasa wrote no model; see {var / 'logs' / 'rasa-train.log'}"
    note_outcome(var, reason)
    if reason is None:
        remember(folder, fingerprint, model)
        return model
    if newest:
        say(f"training the intent model failed, the last good one goes on serving: {reason}")
        return newest[1]
    raise TrainingFailed(f"training the intent model failed: {reason}")


def tell_damage(folder: Path, say: Callable[[str], None]) -> None:
    """Says it where the newest model's file is there and not whole any more."""
    newest = next(iter(list_models(folder)), None)
    if newest and newest.path.is_file() and not newest.is_whole():
        say(f"the intent model {newest.path.name} is damaged: it is not loaded, and trained anew")


def embed_examples(embed: Sequence[str], var: Path, examples: list[Path], say: Callable[[str], None]) -> None:
    """Has the vectors of new examples worked out where that is fastest; if it fails, Rasa does it itself, slower."""
    store = (var / "rasa" / "vectors.npz").resolve()
    command = [*embed, str(store), *map(str, examples)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    reason = run_logged("embedding the examples", command, var / "logs" / "vectors.log", ROOT, environment, say)
    if reason:
        say(f"embedding the examples failed, training will do it: {reason}")


def read_recipe(root: Path) -> dict[str, Any]:
    """Rasa's own part of config.yml."""
    recipe = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))
    recipe.pop(OUR_KEY, None)
    return recipe


def write_recipe(root: Path, var: Path) -> Path:
    """Writes Rasa's recipe to a file of its own and returns its path.

    Rasa reads YAML in another version than we do: it refuses much of what an operator may write below our key, for
    example `origins: [https://shop.example]`.
    """
    file = (var / "rasa" / "recipe.yml").resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(read_recipe(root), sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file


def note_outcome(var: Path, failure: str | None) -> None:
    """Keeps why the last training failed, for health and the desk, in one step; None: it did not."""
    file = var / "rasa" / FAILURE_FILE
    if failure is None:
        file.unlink(missing_ok=True)
        return
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps({"reason": failure, "at": time.time_ns() // 1_000_000}), encoding="utf-8")
    os.replace(draft, file)


def training_failure(var: Path) -> TrainingFailure | None:
    """The last training's failure, while an older model serves because of it; None when it succeeded."""
    try:
        kept = json.loads((var / "rasa" / FAILURE_FILE).read_text(encoding="utf-8"))
        return TrainingFailure(str(kept["reason"]), int(kept["at"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return TrainingFailure("unknown", 0)


def training_arguments(root: Path, recipe: Path, domain: Path, exported: Path, folder: Path, name: str) -> list[str]:
    """Arguments of `rasa train` for a model `name`.tar.gz in `folder`.

    Its validation reads everything once more; the tests have it look at ours. Rasa's own cache knows a component's
    class, not the functions beside it: `--force` leaves it alone. What takes long is kept by EncoderFeaturizer.
    """
    return [
        "train",
        "--force",
        "--skip-validation",
        "--config",
        str(recipe),
        "--domain",
        str(domain),
        "--data",
        str(root / "bot" / "data"),
        str(exported.resolve().parent),
        "--out",
        str(folder.resolve()),
        "--fixed-model-name",
        name,
    ]


def fingerprint_of(root: Path, exported: Path, domain: Path) -> str:
    """A hash over all that training reads: recipe, data, domain, components, packages, exported phrasings."""
    digest = hashlib.sha256(json.dumps(read_recipe(root), sort_keys=True, default=str).encode())
    bot = root / "bot"
    files = [bot / "requirements.lock", exported, *sorted(domain.glob("*.yml"))]
    for pattern in ("data/**/*.yml", "components/*.py"):
        files += sorted(bot.glob(pattern))
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
        digest.update(f"\0{path.name}\0{content}".encode())
    return digest.hexdigest()


def run_logged(
    what: str, command: list[str], log_file: Path, folder: Path, environment: dict[str, str], say: Callable[[str], None]
) -> str | None:
    """Runs the command in `folder` with a progress line every five seconds; returns None, or why it failed."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        with log_file.open("wb") as output:
            child = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
    except OSError as error:
        return f"{error}; `make setup` builds .venv-rasa"
    while child.poll() is None:
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            passed = time.monotonic() - started
            say(f"{what}… {passed:.0f} s")
            if passed > TIMEOUT:
                child.kill()
                child.wait()
                return f"not done after {TIMEOUT:.0f} s"
    if child.returncode:
        return f"{last_words(log_file)} (all of it in {log_file})"
    say(f"{what}: {time.monotonic() - started:.0f} s")
    return None


def last_words(log_file: Path) -> str:
    """The last line in a log that says something; for a reader who wants the reason, not the traceback."""
    lines = [line.strip() for line in log_file.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "no output")[:300]


def last_good(folder: Path) -> tuple[str, Path] | None:
    """Fingerprint and file of the newest model that is there and whole."""
    return next(((known.fingerprint, known.path) for known in list_models(folder) if known.is_whole()), None)


def other_models(var: Path, model: Path) -> list[Path]:
    """The models besides `model` that are there and whole, the newest first: for where it cannot be loaded."""
    known = list_models(var / "rasa" / "models")
    return [each.path for each in known if each.path != model and each.is_whole()]


@dataclass(frozen=True)
class KnownModel:
    """A model that was trained: what it was made of, its file, and the file's SHA-256 (empty: not noted yet)."""

    fingerprint: str
    path: Path
    sha256: str

    @classmethod
    def read(cls, known: Mapping[str, Any], folder: Path) -> KnownModel:
        """From a note. Raises KeyError or TypeError where it is none."""
        return cls(known["fingerprint"], folder / Path(known["model"]).name, str(known.get("sha256") or ""))

    def as_note(self) -> dict[str, str]:
        """For the note."""
        return {"fingerprint": self.fingerprint, "model": self.path.name, "sha256": self.sha256}

    def is_whole(self) -> bool:
        """Whether the file is the one that was trained; of one without a hash, whether all of it can be unpacked."""
        try:
            if self.sha256:
                return hash_of(self.path) == self.sha256
            with tarfile.open(self.path, "r:gz") as archive:
                return all(member.isfile() or member.isdir() for member in archive)
        except (OSError, EOFError, tarfile.TarError, zlib.error):
            return False


def list_models(folder: Path) -> list[KnownModel]:
    """The models of the note, the newest first; none where it can't be read."""
    try:
        note = json.loads((folder / "current.json").read_text(encoding="utf-8"))
        return [KnownModel.read(each, folder) for each in (note, *note.get("earlier", ()))]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remember(folder: Path, fingerprint: str, model: Path) -> None:
    """Makes `model` the one to serve, in one step, and drops all but the newest few."""
    earlier = [known for known in list_models(folder) if known.path != model and known.path.is_file()]
    note = KnownModel(fingerprint, model, hash_of(model)).as_note()
    kept = [known.as_note() for known in earlier[: KEPT_MODELS - 1]]
    draft = folder / "current.json.new"
    draft.write_text(json.dumps(note | {"earlier": kept}), encoding="utf-8")
    os.replace(draft, folder / "current.json")
    for path in folder.glob("intents-*.tar.gz"):
        if path.name not in {each["model"] for each in (note, *kept)}:
            path.unlink(missing_ok=True)
