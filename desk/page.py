"""The frame of the desk's pages that show no conversation."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request
from flask_login import current_user

from desk.blueprint import services
from desk.errors import Refused
from store.engine import now_ms
from store.handoffs import measure_workload


def show_page(template: str, which: str, **values: Any) -> str:
    """A page beside the rail; `which` of the rail's and the tabs' links is the present one."""
    workload = measure_workload(services().store, current_user.id)
    return render_template(template, which=which, workload=workload, now=now_ms(), **values)


def count_guess() -> None:
    """Counts one try at a password or code of the signed-in agent. Refused (429) when it is one too many."""
    limits = current_app.extensions["desk_sign_in_limits"]
    if wait := limits.count_attempt(request.remote_addr or "", current_user.agent.email):
        minutes = -(-wait // 60)
        raise Refused(429, f"Too many attempts. Please try again in {minutes} minute{'s' if minutes > 1 else ''}.")


def forgive_guesses() -> None:
    """It was right: earlier slips count no more."""
    current_app.extensions["desk_sign_in_limits"].forget_account(current_user.agent.email)
