"""Who may do what. Every page of the desk stands in this table; what doesn't is refused."""

from __future__ import annotations

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from odziv.desk.blueprint import blueprint, is_fragment, services
from odziv.store.agents.agent import ROLES
from odziv.store.agents.second_factor import has_second_factor

# Each role may do what the ones after it may, and more: admin, editor, agent.
ANYONE, AGENT, EDITOR, ADMIN = "anyone", "agent", "editor", "admin"
NEEDS = {
    "static": ANYONE,
    "show_sign_in": ANYONE,
    "sign_in": ANYONE,
    "sign_out": ANYONE,
    "show_invitation": ANYONE,
    "accept": ANYONE,
    "show_reset": ANYONE,
    "reset_password": ANYONE,
    "show_start": ANYONE,  # only leads to the queue
    "show_nothing": AGENT,
    # The queue and conversations.
    "show_queue": AGENT,
    "show_inbox": AGENT,
    "show_snoozed": AGENT,
    "snooze_conversation": AGENT,
    "show_spam": AGENT,
    "mark_as_spam": AGENT,
    "unmark_as_spam": AGENT,
    "merge_conversation": AGENT,
    "end_snooze": AGENT,
    "refresh_list": AGENT,
    "take": AGENT,
    "take_next": AGENT,
    "show_conversation": AGENT,
    "refresh_log": AGENT,
    "show_part": AGENT,
    "show_original": AGENT,
    "add_message": AGENT,
    "upload_attachment": AGENT,
    "show_attachment": AGENT,
    "give_up": AGENT,
    "show_customer": AGENT,
    "save_customer": AGENT,
    "announce_typing": AGENT,
    "stream_events": AGENT,
    "stay_alive": AGENT,
    "show_news": AGENT,
    "switch_availability": AGENT,
    "pass_on": AGENT,
    "promise_time": AGENT,
    # Writing an answer.
    "undo_reply": AGENT,
    "show_knowledge": AGENT,
    "preview": AGENT,
    "list_colleagues": AGENT,
    "show_mentions": AGENT,
    "read_mentions": AGENT,
    "list_replies_for": AGENT,
    "show_replies": EDITOR,
    "show_new_reply": EDITOR,
    "add_reply": EDITOR,
    "show_reply": EDITOR,
    "change_reply": EDITOR,
    "delete_reply": EDITOR,
    "change_priority": AGENT,
    "show_report": AGENT,
    "export_report": ADMIN,
    # What the assistant knows.
    "show_assistant": AGENT,
    "show_learning": AGENT,
    "propose_phrasing": AGENT,
    "propose_article": AGENT,
    "flag_message": AGENT,
    "show_drafts": EDITOR,
    "save_changes": EDITOR,
    "accept_draft": EDITOR,
    "dismiss_draft": EDITOR,
    "show_flags": EDITOR,
    "mark_flag_done": EDITOR,
    "show_phrasings": EDITOR,
    "accept_phrasing": EDITOR,
    "dismiss_phrasing": EDITOR,
    "show_feedback": EDITOR,
    "read_comment": EDITOR,
    # One's own account.
    "show_account": AGENT,
    "change_own_password": AGENT,
    "set_overdue_mail": AGENT,
    "end_own_session": AGENT,
    "end_other_own_sessions": AGENT,
    "begin_two_factor": AGENT,
    "show_two_factor": AGENT,
    "confirm_two_factor": AGENT,
    "renew_recovery_codes": AGENT,
    "turn_two_factor_off": AGENT,
    # Everybody's.
    "show_people": ADMIN,
    "invite_person": ADMIN,
    "revoke_open_invitation": ADMIN,
    "set_role": ADMIN,
    "set_state": ADMIN,
    "make_reset_link": ADMIN,
    "show_skills": ADMIN,
    "save_skills": ADMIN,
    "show_audit": ADMIN,
    # Other programs.
    "show_webhooks": ADMIN,
    "create_webhook": ADMIN,
    "show_webhook": ADMIN,
    "try_webhook": ADMIN,
    "set_webhook_state": ADMIN,
    "delete_webhook": ADMIN,
    "resend_delivery": ADMIN,
    "show_tokens": ADMIN,
    "create_token": ADMIN,
    "revoke": ADMIN,
}
# What somebody can do who still has to turn two-factor on.
BEFORE_TWO_FACTOR = {
    "show_account",
    "change_own_password",
    "end_own_session",
    "end_other_own_sessions",
    "begin_two_factor",
    "show_two_factor",
    "confirm_two_factor",
}


def may(role: str, needed: str) -> bool:
    """Whether a role has at least the rights of another. An unknown role has none."""
    return role in ROLES and ROLES.index(role) <= ROLES.index(needed)


@blueprint.before_request
def check_rights() -> AnyResponse | None:
    """Signed in, with the role the page needs, and with a second factor where one is required; else not."""
    name = (request.endpoint or "").removeprefix("desk.")
    needed = NEEDS.get(name)
    if needed == ANYONE:
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()
    if needed is None or not may(current_user.agent.role, needed):
        abort(403)
    if name not in BEFORE_TWO_FACTOR and lacks_two_factor():
        return _to_two_factor()
    return None


@blueprint.app_template_global("i_may")
def i_may(needed: str) -> bool:
    """For templates: whether to show a link at all."""
    return current_user.is_authenticated and may(current_user.agent.role, needed)


def is_two_factor_required(role: str) -> bool:
    """Whether `odziv.desk.require_two_factor` means this role."""
    required = services().settings.desk.require_two_factor
    return required == "all" or (required == "admins" and role == "admin")


def lacks_two_factor() -> bool:
    """Whether the signed-in agent must have a second factor and hasn't."""
    agent = current_user.agent
    return is_two_factor_required(agent.role) and not has_second_factor(services().store, agent.id)


def _to_two_factor() -> AnyResponse:
    target = url_for("desk.show_account", _anchor="two-factor")
    if is_fragment():
        return Response(status=403, headers={"HX-Redirect": target})
    flash("Please turn on two-factor first: your role needs it here.")
    return redirect(target, 303)
