"""What every start looks at first, and how it says what is wrong."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from odziv.settings import Settings

# In our environment the examples are embedded several times faster than in Rasa's.
EMBED_EXAMPLES = (sys.executable, "-m", "odziv.processes.embed_examples")


class StartFailed(Exception):
    """The start can't go on; the message says what to do."""


@contextlib.contextmanager
def told_at_the_start(settings: Settings) -> Iterator[None]:
    """Raises StartFailed, with a sentence, for what is wrong with the data folder, its disk, or what lies in it."""
    try:
        yield
    except Exception as error:
        if (sentence := _tell(settings, error)) is None:
            raise
        raise StartFailed(sentence) from error


def _tell(settings: Settings, error: Exception) -> str | None:
    """What a failure is in words; None for one that nobody foresaw, or that says so itself."""
    # Loaded by whoever meets trouble: the supervisor does without the database's libraries.
    from bot.train import TrainingFailed
    from odziv.store.backups.refused import BackupFailed
    from odziv.store.damage import tell_trouble
    from odziv.store.migrate import DatabaseTooNew
    from odziv.store.opening import name_of

    if isinstance(error, (BackupFailed, DatabaseTooNew, TrainingFailed)):
        return str(error)
    return tell_trouble(name_of(settings), error)


def find_articles(settings: Settings, say: Callable[[str], None]) -> Path:
    """Where the articles are to be read for training: their folder, or while that is away what was kept of it.

    Raises StartFailed where there is neither. An empty folder will do: articles may be written later. `say` gets a
    sentence where something is missing.
    """
    kept = settings.index / "last_good"  # kb/sources/shelf.py keeps it
    missing = [
        each for each in settings.languages if has_articles(kept / each) and not has_articles(settings.articles / each)
    ]
    if missing:
        say(f"Of {settings.articles} there is nothing in {', '.join(missing)}: what was read last serves meanwhile.")
        return kept
    if not settings.articles.is_dir():
        raise StartFailed(
            f"the folder of articles, {settings.articles}, is not there, and none was read before. Mount or make it, "
            "or name another as `articles` in config.yml; it may be empty to begin with."
        )
    if not any(has_articles(settings.articles / each) for each in settings.languages):
        say(f"There are no articles in {settings.articles}: every question goes to a person until there are.")
    return settings.articles


def has_articles(folder: Path) -> bool:
    """Whether a file of an article can be found there."""
    try:
        return next(folder.rglob("*.md"), None) is not None
    except OSError:
        return False


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
