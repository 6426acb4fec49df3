"""What a customer has to agree to before anything of theirs is stored, on sites that ask for it."""

from __future__ import annotations

from odziv.settings import Settings
from odziv.store.conversations.conversation import Conversation
from odziv.web.errors import ApiError


def check_consent(settings: Settings, site_key: str, version: str | None) -> str | None:
    """The fingerprint of the text that was agreed to, None where the site asks for nothing.

    Raises ApiError 403 `consent_needed` when it is missing, or that of a text which isn't shown any more.
    """
    consent = settings.sites[site_key].consent
    if consent is None:
        return None
    if version not in consent.versions.values():
        raise ApiError(403, "consent_needed", "consent: send the version of the text the customer agreed to.")
    return version


def check_consented(settings: Settings, conversation: Conversation) -> None:
    """Raises ApiError 403 when the site asks for consent and this conversation has none on record."""
    if conversation.consent_at is None:
        check_consent(settings, conversation.site, None)
