"""Which settings administrators may change at the desk, by section; all others only config.yml may say.

A key is the place of a setting below `odziv:`, its parts with a slash between them: "sites/demo/color". (A site's name
may have dots in it.)
"""

from __future__ import annotations

SITE = "sites/*"  # by itself: whether there is such a site
# By section: patterns of keys, of which * stands for one part.
SECTIONS: dict[str, tuple[str, ...]] = {
    "languages": ("languages", "default_language"),
    "precision": ("answer_precision", "suggest_recall"),
    "categories": ("categories/*/*",),
    "sites": (
        SITE,
        "sites/*/name",
        "sites/*/origins",
        "sites/*/color",
        "sites/*/theme",
        "sites/*/position",
        "sites/*/launcher/*",
        "sites/*/greeting/*",
        "sites/*/languages",
        "sites/*/tags",
        "sites/*/person",
    ),
    "hours": ("desk/hours",),
    "targets": ("desk/promises/first_reply", "desk/promises/next_reply"),
    "desk": (
        "desk/assignment",
        "desk/agent_capacity",
        "desk/lease_minutes",
        "desk/take_over",
        "desk/undo_seconds",
        "desk/read_receipts",
        "desk/push",
        "desk/auto_close/word_hours",
        "desk/auto_close/close_hours",
    ),
    "mail": (
        "mail/address",
        "mail/sender_name",
        "mail/site",
        "mail/language",
        "mail/signatures/*",
        "mail/plus_addressing",
        "mail/poll_seconds",
        "mail/automatic_per_hour",
        "mail/transcripts_per_hour",
        "mail/mailboxes/*/sender_name",
        "mail/mailboxes/*/site",
        "mail/mailboxes/*/language",
        "mail/mailboxes/*/signatures/*",
        "mail/mailboxes/*/plus_addressing",
    ),
    "retention": (
        "retention/conversations",
        "retention/attachments",
        "retention/mail",
        "retention/ratings",
        "retention/audit",
        "retention/logs",
        "retention/sites/*/conversations",
        "retention/sites/*/attachments",
        "retention/sites/*/mail",
        "retention/sites/*/ratings",
    ),
}
# What has to do with machines, secrets or safety, as the page lists it.
ONLY_IN_FILE = (
    "host",
    "port",
    "public_url",
    "var",
    "database_url",
    "redis_url",
    "attachments",
    "s3",
    "articles",
    "legal",
    "encoder",
    "library",
    "rasa_host",
    "rasa_port",
    "rasa_urls",
    "worker_host",
    "worker_port",
    "workers",
    "rasa_timeout_seconds",
    "turn_workers",
    "max_streams",
    "visitor_token_days",
    "agent_session_hours",
    "log_level",
    "metrics",
    "limits",
    "oidc",
    "sites.<key>.identity",
    "sites.<key>.consent",
    "sites.<key>.proactive",
    "desk.agent_languages",
    "desk.agent_topics",
    "desk.audit_days",
    "desk.require_two_factor",
    "desk.webhook_hosts",
    "mail.smtp",
    "mail.incoming",
    "mail.imap",
    "mail.maildir",
    "mail.mailboxes.<name>.address",
    "mail.mailboxes.<name>.hours",
    "mail.mailboxes.<name>.smtp",
    "mail.mailboxes.<name>.incoming",
    "mail.mailboxes.<name>.imap",
    "mail.mailboxes.<name>.maildir",
)


def split(key: str) -> tuple[str, ...]:
    """The parts of a key."""
    return tuple(key.split("/"))


def find_section(key: str) -> str | None:
    """The section that offers a key; None: no section does."""
    parts = split(key)
    for section, patterns in SECTIONS.items():
        if any(_fits(parts, split(pattern)) for pattern in patterns):
            return section
    return None


def is_site(key: str) -> bool:
    """Whether the key says that there is a site, or that there is none."""
    return key.startswith("sites/") and key.count("/") == 1


def write_key(key: str) -> str:
    """The key as operators write it: sites.demo.color."""
    return key.replace("/", ".")


def _fits(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(parts) == len(pattern) and all(
        expected in ("*", part) for part, expected in zip(parts, pattern, strict=True)
    )
