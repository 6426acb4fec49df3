"""Is everything there? For monitors, for the start, and for people who wonder."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify

from odziv.cases.elsewhere.workers import WorkersAway
from odziv.store.backups.state import BackupState, read_state
from odziv.store.engine import iso_time
from odziv.store.webhooks.subscriptions import Webhooks, measure_webhooks
from odziv.web.inner.state import HANGS, WorkState, look_at_work
from odziv.web.services import Services, services

blueprint = Blueprint("health", __name__)
AWAY = "away: no worker answers, and what customers write waits"


@blueprint.get("/health")
def health() -> tuple[Response, int]:
    """200 and the state of each part; 503 while something has to be seen to at once, each with its reason."""
    here = services()
    work, away = _look_at_work(here)
    own = "worker" if here.role == "worker" else "web"
    parts = {
        own: "stopping" if here.hub.closing else "ok",
        **({"worker": away} if here.role == "web" else {}),
        "rasa": work.rasa,
        "knowledge_base": _judge_articles(here),
        "store": _judge_store(here),
        **_name_threads(work.threads),
    }
    if left_out := len(here.settings_follower.left_out):
        parts["settings"] = f"{left_out} set at the desk without effect"
    if here.redis is not None:
        parts["redis"] = "ok" if here.redis.trouble is None else f"away: {here.redis.trouble}"
    if here.store.files.elsewhere is not None:
        parts["attachments"] = "ok" if here.store.files.trouble is None else f"away: {here.store.files.trouble}"
    is_down = parts[own] != "ok" or parts["store"] != "ok" or parts["rasa"] == HANGS or away != "ok"
    is_down = is_down or "threads" in parts or not here.kb.articles()
    webhooks, mail = (measure_webhooks(here.store), work.mail) if parts["store"] == "ok" else (None, None)
    if webhooks:
        parts["webhooks"] = _judge_webhooks(webhooks)
    if mail:
        parts["mail"] = _judge_mail(mail)
    backup = read_state(here.settings.var)
    if backup:
        parts["backup"] = f"failed: {backup.reason}" if backup.outcome == "failed" else "ok"
    status = "down" if is_down else "ok" if all(state == "ok" for state in parts.values()) else "degraded"
    told = {"status": status, "parts": parts} | ({"webhooks": asdict(webhooks)} if webhooks else {})
    told |= {"mail": mail} if mail else {}
    told |= {"backup": _tell_backup(backup)} if backup else {}
    return jsonify(told), 503 if is_down else 200


@blueprint.get("/health/live")
def live() -> Response:
    """200 while the process answers at all: nothing else is looked at, since a restart would mend nothing else."""
    return jsonify(status="ok")


@blueprint.get("/health/ready")
def ready() -> tuple[Response, int]:
    """200 while requests may be sent here: messages can be stored, and it is not stopping; else 503 and why.

    Without Rasa, or with articles that are away, customers are still answered.
    """
    here = services()
    why = "stopping" if here.hub.closing else _judge_store(here)
    if why != "ok":
        return jsonify(status="not ready", why=why), 503
    return jsonify(status="ok"), 200


def _look_at_work(here: Services) -> tuple[WorkState, str]:
    """The state of what goes on beside requests, and whether that is known: "ok", or why not."""
    try:
        return look_at_work(here), "ok"
    except WorkersAway as away:
        return WorkState("unknown", here.guard.list_failures(), None), f"{AWAY}: {str(away)[:200]}"


def _name_threads(failures: dict[str, str]) -> dict[str, str]:
    """A part more where a thread does not run that should: it is being begun again."""
    return {"threads": "; ".join(f"{name}: {why}" for name, why in failures.items())} if failures else {}


def _judge_store(here: Services) -> str:
    return here.store.why_not_storing() or ("ok" if here.store.is_up() else "down")


def _judge_articles(here: Services) -> str:
    """What was read last serves while its folder is away, and for files that are broken: neither is well."""
    if here.knowledge.away:
        return here.knowledge.away
    if not here.kb.articles():
        return "no article is served"
    set_aside = len({problem.path for problem in here.kb.problems if problem.is_broken})
    return f"{set_aside} article files set aside" if set_aside else "ok"


def _judge_mail(mail: dict[str, Any]) -> str:
    boxes = mail.get("mailboxes") or {"": mail}
    ways = [(way, name, box[way]) for name, box in boxes.items() for way in ("out", "in")]
    down = [f"{way} ({name})" if name else way for way, name, state in ways if state and state["state"] == "down"]
    return f"down: {' and '.join(down)}" if down else "ok"


def _tell_backup(backup: BackupState) -> dict[str, Any]:
    """When the last good one ended and when one last failed, and how long and large the good one was."""
    return {
        "running": backup.outcome == "running",
        "last_success": None if backup.last_success is None else iso_time(backup.last_success),
        "last_failure": None if backup.last_failure is None else iso_time(backup.last_failure),
        "seconds": backup.seconds,
        "bytes": backup.bytes,
    }


def _judge_webhooks(state: Webhooks) -> str:
    """Events on their way are well; events that don't arrive are not."""
    return f"{state.failing} failing" if state.failing else "ok"
