"""Passwords: hashed with argon2id, checked in the same time whether or not the account exists, and chosen anew.

Where somebody chooses one (account, invitation, reset), the form is one of WTForms: it compares the two fields, and
says beside each field what is wrong with it, all at once. The desk's other forms are models (odziv/web/forms.py).
"""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from wtforms import Form, PasswordField, ValidationError
from wtforms.validators import EqualTo, InputRequired

from odziv.store import Store
from odziv.store.agents.agent import Agent, set_password_hash
from odziv.store.agents.identities import NO_PASSWORD
from odziv.store.lengths import LONGEST_PASSWORD
from odziv.texts.desk import N_, _, number

SHORTEST_PASSWORD = 12
_hasher = PasswordHasher()  # argon2id, RFC 9106's low-memory profile: 64 MiB each
# Each hash takes 64 MiB and 4 threads: a crowd at the door waits instead of exhausting the machine.
_places = threading.Semaphore(3)


class NewPassword(Form):
    """The two fields by which somebody chooses a password."""

    password = PasswordField(N_("Password"), [InputRequired(N_("Please choose a password."))])
    again = PasswordField(N_("Password again"), [EqualTo("password", N_("The two passwords differ."))])

    def validate_password(self, field: PasswordField) -> None:
        """Long enough to be safe, and short enough to be hashed."""
        if len(field.data) < SHORTEST_PASSWORD:
            raise ValidationError(_("Please use at least %(shortest)s characters.", shortest=SHORTEST_PASSWORD))
        if len(field.data) > LONGEST_PASSWORD:
            most = number(LONGEST_PASSWORD)
            raise ValidationError(_("That is longer than we can take (%(most)s characters).", most=most))


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    with _places:
        return _hasher.hash(password)


def has_password(agent: Agent) -> bool:
    """Whether this agent has a password here; else their identity provider says who they are."""
    return agent.password_hash != NO_PASSWORD


def is_password_right(agent: Agent | None, password: str) -> bool:
    """Whether this agent may come in with this password. An unknown or disabled one, or one who has no password,
    costs the same time."""
    known = agent is not None and not agent.disabled and has_password(agent)
    try:
        with _places:
            _hasher.verify(agent.password_hash if known else _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return known


def renew_hash(store: Store, agent: Agent, password: str) -> None:
    """Hashes again when the stored hash was made with other parameters than today's."""
    if _hasher.check_needs_rehash(agent.password_hash):
        set_password_hash(store, agent.id, hash_password(password))


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))
