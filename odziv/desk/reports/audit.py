"""The audit trail as administrators read it, and the daily removal of what is too old."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from odziv.cases.refused import Kind
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, page
from odziv.processes.periodic import PeriodicTask
from odziv.store import Store
from odziv.store.agents.agent import list_agents
from odziv.store.audit import ACTIONS, AuditEntry, list_entries, remove_old_entries
from odziv.store.mail.inbound import remove_strays
from odziv.web.forms import Form, OrNone, Wrong, read_address, to_number
from odziv.web.services import services

PAGE_SIZE = 50
DAY_SECONDS = 24 * 60 * 60.0
WORDS = {
    "sign_in": "Signed in",
    "sign_in_failed": "Failed sign-in",
    "sign_out": "Signed out",
    "sessions_ended": "Sessions ended",
    "password_changed": "Password changed",
    "reset_link_made": "Reset link made",
    "password_reset": "Password reset",
    "two_factor_on": "Two-factor on",
    "two_factor_off": "Two-factor off",
    "recovery_code_used": "Recovery code used",
    "recovery_codes_made": "New recovery codes",
    "invited": "Invited",
    "invitation_revoked": "Invitation revoked",
    "invitation_used": "Invitation used",
    "name_changed": "Name changed",
    "role_changed": "Role changed",
    "disabled": "Disabled",
    "enabled": "Enabled",
    "claimed": "Claimed",
    "assigned": "Given automatically",
    "passed_on": "Passed on",
    "taken_back": "Back in the queue",
    "handed_back": "Handed back to the bot",
    "withdrawn": "Went back to the bot instead of waiting",
    "resolved": "Resolved",
    "snoozed": "Snoozed",
    "woken": "Back from a snooze",
    "merged": "Merged into another",
    "time_promised": "Time promised",
    "priority_set": "Priority set",
    "availability_changed": "Available or away",
    "skills_changed": "Skills changed",
    "overdue_mail_changed": "E-mail about long waits",
    "marked_spam": "Marked as spam",
    "unmarked_spam": "No spam after all",
    "mail_opened": "E-mail put aside made a conversation",
    "exported": "Exported",
    "export_begun": "Export begun",
    "export_cancelled": "Export cancelled or deleted",
    "export_downloaded": "Export downloaded",
    "deleted": "Deleted",
    "forgotten": "Deleted as the customer wished",
    "erased": "Everything of a customer erased",
    "expired": "Deleted after its time",
    "phrasing_accepted": "Phrasing accepted",
    "phrasing_dismissed": "Phrasing dismissed",
    "saved_reply_changed": "Saved reply changed",
    "saved_reply_deleted": "Saved reply deleted",
    "draft_accepted": "Article accepted",
    "draft_dismissed": "Article dismissed",
    "topic_accepted": "Topic accepted",
    "topic_denied": "Topic denied",
    "article_written": "Article written",
    "first_drafts_written": "First drafts written",
    "answer_flagged": "Answer flagged",
    "flag_done": "Flag seen to",
    "webhook_added": "Webhook added",
    "webhook_removed": "Webhook removed",
    "webhook_on": "Webhook on",
    "webhook_off": "Webhook off",
    "token_made": "Token made",
    "token_revoked": "Token revoked",
    "reopened": "Reopened",
    "taken_over": "Taken over",
    "reassigned": "Given to a colleague",
    "closed_silent": "Closed for silence",
    "label_saved": "Label saved",
    "label_deleted": "Label deleted",
    "label_added": "Label put on",
    "label_removed": "Label taken off",
    "view_saved": "View saved",
    "view_deleted": "View deleted",
    "macro_saved": "Macro saved",
    "macro_deleted": "Macro deleted",
    "macro_run": "Macro run",
    "macro_undone": "Macro taken back",
    "several_changed": "Several at once",
    "several_undone": "Several at once, taken back",
    "field_saved": "Field saved",
    "field_archived": "Field archived",
    "field_restored": "Field offered again",
    "field_set": "Field filled in",
    "rule_saved": "Rule saved",
    "rule_deleted": "Rule deleted",
    "rule_on": "Rule on",
    "rule_off": "Rule off",
    "rule_run": "Rule run",
}


def read_id(value: str) -> int | None:
    """A row's number; None where none is given. Raises ValueError for what is none."""
    number = to_number(value, LARGEST_ID)
    if value and number is None:
        raise ValueError("no number")
    return number


def not_a_number(name: str) -> Wrong:
    """How a parameter is refused that has to be a number."""
    return Wrong(Kind.INVALID, f"“{name}” has to be a number. Please choose from the lists.")


class AuditPage(Form):
    """Whose entries, of what, and before which."""

    person: Annotated[int | None, BeforeValidator(read_id), not_a_number("person")] = None
    before: Annotated[int | None, BeforeValidator(read_id), not_a_number("before")] = None
    action: Annotated[
        Literal[*ACTIONS] | None,  # type: ignore[valid-type]
        OrNone,
        Wrong(Kind.INVALID, "There is no such action to filter by. Please choose one from the list."),
    ] = None


@page("/audit", needs=ADMIN)
def show_audit() -> str:
    """Entries, newest first, 50 a page; `person`, `action` and `before` narrow them down."""
    wanted = read_address(AuditPage)
    person, action, before = wanted.person, wanted.action, wanted.before
    found = list_entries(services().store, agent_id=person, action=action, before=before, limit=PAGE_SIZE + 1)
    people = list_agents(services().store)
    return show_page(
        "desk/reports/audit.html",
        "audit",
        entries=found[:PAGE_SIZE],
        older=found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None,
        people=sorted(people, key=lambda agent: agent.name.casefold()),
        names={f"agent:{agent.id}": agent.name for agent in people},
        actions=sorted(ACTIONS, key=label_action),
        person=person,
        action=action,
        before=before,
        days=services().settings.audit_days,
    )


@blueprint.app_template_filter("action_label")
def label_action(action: str) -> str:
    """What happened, in words."""
    return WORDS.get(action, action.replace("_", " ").capitalize())


@blueprint.app_template_filter("who_label")
def label_who(entry: AuditEntry) -> str:
    """Who did it."""
    if entry.action == "withdrawn":
        return "The customer"
    if entry.action == "closed_silent":
        return "Odziv itself"
    return entry.agent_name or ("Somebody outside" if entry.address else "A command on the server")


@blueprint.app_template_filter("detail_label")
def label_detail(entry: AuditEntry) -> str:
    """What is known beside, on one line: "before admin, after agent"."""
    parts = (f"{key.replace('_', ' ')} {value}" for key, value in (entry.detail or {}).items() if value is not None)
    return ", ".join(parts)


class AuditRetention(PeriodicTask):
    """Removes entries older than `days`, and old mails without a conversation: at the start and then once a day."""

    def __init__(self, store: Store, days: int) -> None:
        super().__init__("audit-retention", pause=DAY_SECONDS)
        self._store, self._days = store, days

    def _run_once(self) -> None:
        remove_old_entries(self._store, self._days)
        remove_strays(self._store)
