"""The audit trail as administrators read it, and the daily removal of what is too old."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from odziv.cases.customers.devices import label_device
from odziv.cases.refused import Kind
from odziv.desk.blueprint import blueprint
from odziv.desk.frame.labels import label_role
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import ADMIN, page
from odziv.processes.periodic import PeriodicTask
from odziv.settings import Settings
from odziv.settings.offered import write_key
from odziv.store import Store
from odziv.store.agents.agent import list_agents
from odziv.store.agents.mail_drafts import forget_old_mail_drafts
from odziv.store.audit import ACTIONS, AuditEntry, list_entries, remove_old_entries
from odziv.store.knowledge.article_answers import forget_old_answers
from odziv.store.mail.inbound import remove_strays
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, OrNone, Wrong, read_address, to_number
from odziv.web.services import services

PAGE_SIZE = 50
DAY_SECONDS = 24 * 60 * 60.0
WORDS = {
    "sign_in": N_("Signed in"),
    "sign_in_failed": N_("Failed sign-in"),
    "sign_out": N_("Signed out"),
    "sessions_ended": N_("Sessions ended"),
    "password_changed": N_("Password changed"),
    "reset_link_made": N_("Reset link made"),
    "password_reset": N_("Password reset"),
    "two_factor_on": N_("Two-factor on"),
    "two_factor_off": N_("Two-factor off"),
    "recovery_code_used": N_("Recovery code used"),
    "recovery_codes_made": N_("New recovery codes"),
    "invited": N_("Invited"),
    "invitation_revoked": N_("Invitation revoked"),
    "invitation_used": N_("Invitation used"),
    "name_changed": N_("Name changed"),
    "shown_name_changed": N_("Name for customers changed"),
    "portrait_changed": N_("Picture changed"),
    "portrait_removed": N_("Picture removed"),
    "push_on": N_("Notifications with a closed desk turned on"),
    "push_off": N_("Notifications with a closed desk turned off"),
    "title_changed": N_("Title changed"),
    "role_changed": N_("Role changed"),
    "account_made": N_("Account made at first sign-in"),
    "identity_joined": N_("Account joined to the sign-in provider"),
    "identity_parted": N_("Account parted from the sign-in provider"),
    "disabled": N_("Account disabled"),
    "enabled": N_("Enabled"),
    "claimed": N_("Claimed"),
    "assigned": N_("Given automatically"),
    "passed_on": N_("Passed on"),
    "taken_back": N_("Back in the queue"),
    "handed_back": N_("Handed back to the bot"),
    "withdrawn": N_("Went back to the bot instead of waiting"),
    "resolved": N_("Resolved"),
    "snoozed": N_("Snoozed"),
    "woken": N_("Back from a snooze"),
    "merged": N_("Merged into another"),
    "time_promised": N_("Time promised"),
    "priority_set": N_("Priority set"),
    "availability_changed": N_("Available or away"),
    "skills_changed": N_("Skills changed"),
    "overdue_mail_changed": N_("E-mail about long waits"),
    "marked_spam": N_("Marked as spam"),
    "unmarked_spam": N_("No spam after all"),
    "mail_opened": N_("E-mail put aside made a conversation"),
    "exported": N_("Exported"),
    "export_begun": N_("Export begun"),
    "export_cancelled": N_("Export cancelled or deleted"),
    "export_downloaded": N_("Export downloaded"),
    "deleted": N_("Deleted"),
    "forgotten": N_("Deleted as the customer wished"),
    "erased": N_("Everything of a customer erased"),
    "expired": N_("Deleted after its time"),
    "phrasing_accepted": N_("Phrasing accepted"),
    "phrasing_dismissed": N_("Phrasing dismissed"),
    "saved_reply_changed": N_("Saved reply changed"),
    "saved_reply_deleted": N_("Saved reply deleted"),
    "draft_accepted": N_("Article accepted"),
    "draft_dismissed": N_("Article dismissed"),
    "topic_accepted": N_("Topic accepted"),
    "topic_denied": N_("Topic denied"),
    "article_written": N_("Article written"),
    "first_drafts_written": N_("First drafts written"),
    "answer_flagged": N_("Answer flagged"),
    "flag_done": N_("Flag seen to"),
    "webhook_added": N_("Webhook added"),
    "webhook_removed": N_("Webhook removed"),
    "webhook_on": N_("Webhook on"),
    "webhook_off": N_("Webhook off"),
    "token_made": N_("Token made"),
    "token_revoked": N_("Token revoked"),
    "reopened": N_("Reopened"),
    "begun": N_("Begun by e-mail"),
    "forwarded": N_("Forwarded by e-mail"),
    "taken_over": N_("Taken over"),
    "reassigned": N_("Given to a colleague"),
    "closed_silent": N_("Closed for silence"),
    "label_saved": N_("Label saved"),
    "label_deleted": N_("Label deleted"),
    "label_added": N_("Label put on"),
    "label_removed": N_("Label taken off"),
    "view_saved": N_("View saved"),
    "view_deleted": N_("View deleted"),
    "macro_saved": N_("Macro saved"),
    "macro_deleted": N_("Macro deleted"),
    "macro_run": N_("Macro run"),
    "macro_undone": N_("Macro taken back"),
    "several_changed": N_("Several at once"),
    "several_undone": N_("Several at once, taken back"),
    "field_saved": N_("Field saved"),
    "field_archived": N_("Field archived"),
    "field_restored": N_("Field offered again"),
    "field_set": N_("Field filled in"),
    "address_added": N_("E-mail address added"),
    "address_removed": N_("E-mail address removed"),
    "rule_saved": N_("Rule saved"),
    "rule_deleted": N_("Rule deleted"),
    "rule_on": N_("Rule on"),
    "rule_off": N_("Rule off"),
    "rule_run": N_("Rule run"),
    "settings_changed": N_("Settings changed"),
    "settings_undone": N_("Change of settings taken back"),
    "first_steps_put_away": N_("First steps put away"),
    "first_steps_shown": N_("First steps shown again"),
}

# To what something was done.
OBJECTS = {
    "agent": N_("account"),
    "article": N_("article"),
    "conversations": N_("conversations"),
    "customer": N_("customer"),
    "draft": N_("proposed article"),
    "erasure": N_("erasure"),
    "field": N_("field"),
    "label": N_("label"),
    "macro": N_("macro"),
    "phrasing": N_("phrasing"),
    "rule": N_("rule"),
    "saved_reply": N_("saved reply"),
    "settings": N_("change of settings"),
    "view": N_("view"),
    "webhook": N_("webhook"),
}
# What an entry has beside, by its name.
DETAILS = {
    "name": N_("name %(value)s"),
    "before": N_("before %(value)s"),
    "after": N_("after %(value)s"),
    "role": N_("role %(value)s"),
    "shortcut": N_("shortcut %(value)s"),
    "shared": N_("shared: %(value)s"),
    "conversations": N_("conversations %(value)s"),
    "because": N_("because: %(value)s"),
    "to": N_("to %(value)s"),
    "sessions": N_("sessions %(value)s"),
    "email": N_("e-mail %(value)s"),
    "site": N_("website %(value)s"),
    "rule": N_("rule %(value)s"),
    "rows": N_("rows %(value)s"),
    "priority": N_("priority %(value)s"),
    "message": N_("message %(value)s"),
    "label": N_("label %(value)s"),
    "into": N_("into %(value)s"),
    "field": N_("field %(value)s"),
    "events": N_("events %(value)s"),
    "e_mails_put_aside": N_("e-mails put aside %(value)s"),
    "device": N_("browser %(value)s"),
    "days": N_("days %(value)s"),
    "count": N_("count %(value)s"),
    "article": N_("article %(value)s"),
    "token": N_("token %(value)s"),
    "through": N_("through %(value)s"),
    "topic": N_("topic %(value)s"),
    "url": N_("address %(value)s"),
    "language": N_("language %(value)s"),
}


# Values that are words of ours.
VALUES = {
    "verified": N_("the website says who the customer is"),
    "same e-mail": N_("same e-mail"),
    "added address": N_("an e-mail address that an agent added"),
    "disabled": N_("disabled"),
    "no sign of life": N_("no sign of life"),
    "silence": N_("silence"),
    "nothing arrived for days": N_("nothing arrived for days"),
    "the queue": N_("the queue"),
    "normal": N_("normal"),
    "high": N_("high"),
    "urgent": N_("urgent"),
}


def read_id(value: str) -> int | None:
    """A row's number; None where none is given. Raises ValueError for what is none."""
    number = to_number(value, LARGEST_ID)
    if value and number is None:
        raise ValueError("no number")
    return number


def not_a_number(name: str) -> Wrong:
    """How a parameter is refused that has to be a number."""
    return Wrong(Kind.INVALID, N_("“%(name)s” has to be a number. Please choose from the lists."), {"name": name})


class AuditPage(Form):
    """Whose entries, of what, and before which."""

    person: Annotated[int | None, BeforeValidator(read_id), not_a_number("person")] = None
    before: Annotated[int | None, BeforeValidator(read_id), not_a_number("before")] = None
    action: Annotated[
        Literal[*ACTIONS] | None,  # type: ignore[valid-type]
        OrNone,
        Wrong(Kind.INVALID, N_("There is no such action to filter by. Please choose one from the list.")),
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
    return _(WORDS[action]) if action in WORDS else action.replace("_", " ").capitalize()


@blueprint.app_template_filter("who_label")
def label_who(entry: AuditEntry) -> str:
    """Who did it."""
    if entry.action == "withdrawn":
        return _("The customer")
    if entry.action == "closed_silent":
        return _("Odziv itself")
    return entry.agent_name or (_("Somebody outside") if entry.address else _("A command on the server"))


@blueprint.app_template_filter("object_label")
def label_object(object: str) -> str:
    """To what it was done: "webhook 3"."""
    kind, _colon, rest = object.partition(":")
    return " ".join(filter(None, [_(OBJECTS[kind]) if kind in OBJECTS else kind, rest]))


@blueprint.app_template_filter("detail_label")
def label_detail(entry: AuditEntry) -> str:
    """What is known beside, on one line: "before admin, after agent"."""
    known = {key: value for key, value in (entry.detail or {}).items() if value is not None}
    return ", ".join(_tell(key, value) for key, value in known.items())


def _tell(key: str, value: Any) -> str:
    words = _(VALUES[value]) if isinstance(value, str) and value in VALUES else label_role(str(value))
    if key == "device":
        words = label_device(str(value))
    if isinstance(value, dict):  # settings, by key
        words = ", ".join(f"{write_key(one)} {told}" for one, told in value.items()) or "–"
    if isinstance(value, bool):
        words = _("yes") if value else _("no")
    return _(DETAILS[key], value=words) if key in DETAILS else f"{key.replace('_', ' ')} {words}"


class AuditRetention(PeriodicTask):
    """Removes what is too old, at the start and then once a day: entries, answers that were counted, mails without a
    conversation, and new e-mails that were only begun."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__("audit-retention", pause=DAY_SECONDS)
        self._store, self.settings = store, settings

    def _run_once(self) -> None:
        remove_old_entries(self._store, self.settings.audit_days)
        remove_strays(self._store)
        forget_old_mail_drafts(self._store)
        forget_old_answers(self._store)
