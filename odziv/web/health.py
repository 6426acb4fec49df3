"""Is everything there? For monitors, for the start, and for people who wonder."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from bot.train import training_failure
from odziv.cases.forgetting import forget_remains
from odziv.store.backups.state import BackupState, read_state
from odziv.store.conversations.conversation import create_conversation, delete_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.engine import iso_time
from odziv.store.webhooks.subscriptions import Webhooks, measure_webhooks
from odziv.web.errors import error_response
from odziv.web.services import Services, services

blueprint = Blueprint("health", __name__)
HANGS = "hangs: it takes connections and does not answer"
# A question, so that it also goes through Rasa's call back into our actions; what they find does not matter.
CHECK_TEXT = "How can I return something I have ordered?"


@blueprint.get("/health")
def health() -> tuple[Response, int]:
    """200 and the state of each part; 503 while something has to be seen to at once, each with its reason."""
    here = services()
    parts = {
        "web": "stopping" if here.hub.closing else "ok",
        "rasa": _judge_rasa(here),
        "knowledge_base": _judge_articles(here),
        "store": _judge_store(here),
        **_judge_threads(here),
    }
    if here.redis is not None:
        parts["redis"] = "ok" if here.redis.trouble is None else f"away: {here.redis.trouble}"
    if here.store.files.elsewhere is not None:
        parts["attachments"] = "ok" if here.store.files.trouble is None else f"away: {here.store.files.trouble}"
    is_down = parts["web"] != "ok" or parts["store"] != "ok" or parts["rasa"] == HANGS
    is_down = is_down or "threads" in parts or not here.kb.articles()
    webhooks, mail = (measure_webhooks(here.store), here.mail.state()) if parts["store"] == "ok" else (None, None)
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


def _judge_rasa(here: Services) -> str:
    """A Rasa that serves an old model because the new one could not be trained is up, and not well."""
    if (state := here.bot.state()) != "ok":
        return HANGS if state == "hangs" else state
    return "training failed" if training_failure(here.settings.var) else "ok"


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


def _judge_threads(here: Services) -> dict[str, str]:
    """A part more where a thread does not run that should: it is being begun again."""
    failures = here.guard.list_failures()
    return {"threads": "; ".join(f"{name}: {why}" for name, why in failures.items())} if failures else {}


def _judge_mail(mail: dict[str, Any]) -> str:
    down = [way for way in ("out", "in") if mail[way] and mail[way]["state"] == "down"]
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


@blueprint.post("/rasa/check")
def check() -> Response:
    """Sends a message all the way round and removes it again; for the start, with Rasa's token only."""
    here = services()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), here.rasa_token.encode()):
        return error_response(401, "unauthorized", "Rasa's token is needed here.")
    started, failures = time.perf_counter(), here.turns.bot_failures
    conversation = create_conversation(here.store, "_check", "en")
    try:
        add_customer_message(here.store, conversation.id, secrets.token_hex(8), CHECK_TEXT, "")
        here.turns.wake()
        reply = _wait_for_reply(here, conversation.id)
    finally:
        delete_conversation(here.store, conversation.id)
        forget_remains(here.store, here.settings.var, [conversation.id])
    by_bot = reply == "bot" and here.turns.bot_failures == failures
    return jsonify(by=reply, went_round=by_bot, ms=round((time.perf_counter() - started) * 1000))


def _wait_for_reply(here: Services, conversation_id: str, seconds: float = 15.0) -> str | None:
    ends = time.monotonic() + seconds
    with here.hub.follow(conversation_id) as subscription:
        while time.monotonic() < ends:
            for message in list_messages(here.store, conversation_id, after=1):
                return message.sender
            subscription.wait(0.5)
    return None
