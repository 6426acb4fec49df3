"""Who somebody is and which role they have, from what their provider says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from odziv.cases.mail_addresses import clean_address
from odziv.settings.oidc import RANKS, OidcSettings
from odziv.store.agents.identities import Identity, NotAdmitted
from odziv.store.lengths import LONGEST_AGENT_NAME, LONGEST_EMAIL

MOST_OF_SUBJECT = 255


def read_identity(claims: Mapping[str, Any], settings: OidcSettings) -> Identity:
    """The identity behind checked claims. Raises NotAdmitted where the settings shut it out."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_OF_SUBJECT or not subject.isprintable():
        raise NotAdmitted("not_trusted")
    email = _read_email(claims, settings)
    if settings.email_domains and (email is None or email.rpartition("@")[2].lower() not in settings.email_domains):
        raise NotAdmitted("email")
    role = _read_role(claims, settings) if settings.role_claim else None
    first_role = role or (None if settings.other_role == "none" else settings.other_role)
    return Identity(settings.issuer, subject, email, _read_name(claims, email), role, first_role)


def proves_two_factors(claims: Mapping[str, Any], settings: OidcSettings) -> bool:
    """Whether signing in there counts as two-factor here: as the settings say, or by the claim `amr` (RFC 8176)."""
    methods = claims.get("amr")
    says_so = isinstance(methods, list) and "mfa" in methods
    return settings.second_factor == "theirs" or (settings.second_factor == "amr" and says_so)


def _read_email(claims: Mapping[str, Any], settings: OidcSettings) -> str | None:
    """Their address where the provider has verified it; where it doesn't say, the settings may vouch for it."""
    email, verified = claims.get("email"), claims.get("email_verified")
    is_verified = verified is True or verified == "true" or (verified is None and settings.trust_email)
    if not is_verified or not isinstance(email, str) or len(email) > LONGEST_EMAIL:
        return None
    return clean_address(email)


def _read_name(claims: Mapping[str, Any], email: str | None) -> str:
    """A name to begin with, on one line; they may change it."""
    for claim in ("name", "given_name", "preferred_username"):
        found = claims.get(claim)
        if isinstance(found, str) and found.strip() and found.isprintable():
            return found.strip()[:LONGEST_AGENT_NAME].strip()
    return (email or "").partition("@")[0][:LONGEST_AGENT_NAME]


def _read_role(claims: Mapping[str, Any], settings: OidcSettings) -> str:
    """The highest of the roles that the claim's values stand for; else what all others get. Raises NotAdmitted."""
    values = _find_values(claims, settings.role_claim)
    roles = {role for value, role in settings.roles.items() if value in values}
    found = next((role for role in RANKS if role in roles), settings.other_role)
    if found == "none":
        raise NotAdmitted("no_role")
    return found


def _find_values(claims: Mapping[str, Any], name: str) -> set[str]:
    """The texts of a claim, one or a list; a name with dots that is no claim's leads into objects, one a dot."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return {value for value in values if isinstance(value, str)}
