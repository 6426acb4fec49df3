"""How what goes on beside requests is: here, or as a worker tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.train import training_failure
from odziv.cases.elsewhere.workers import WorkersAway
from odziv.web.services import Services

HANGS = "hangs: it takes connections and does not answer"
TRAINING_FAILED = "training failed"


@dataclass(frozen=True)
class WorkState:
    """How Rasa is ("ok", or what is wrong), threads that should run and do not, by name, and e-mail (None: off)."""

    rasa: str
    threads: dict[str, str]
    mail: dict[str, Any] | None


def look_at_work(here: Services) -> WorkState:
    """The state of the work, by whoever does it. Raises WorkersAway where no worker answers."""
    if here.workers is None:
        is_storing = here.store.why_not_storing() is None
        return WorkState(_judge_rasa(here), here.guard.list_failures(), here.mail.state() if is_storing else None)
    # It waits for a Rasa that hangs as long as a turn would.
    told = here.workers.ask("/inner/state", more=here.settings.rasa_timeout_seconds)
    try:
        return WorkState(str(told["rasa"]), dict(told["threads"]) | here.guard.list_failures(), told["mail"])
    except (TypeError, KeyError, ValueError) as error:
        raise WorkersAway(f"not understood: {error}") from error


def _judge_rasa(here: Services) -> str:
    """A Rasa that serves an old model because the new one could not be trained is up, and not well."""
    if (state := here.bot.state()) != "ok":
        return HANGS if state == "hangs" else state
    return TRAINING_FAILED if training_failure(here.settings.var) else "ok"
