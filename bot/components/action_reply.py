"""Rasa checks each reply of an action against a schema, and before that, each time, the schema itself.

That second check never comes out differently, and was two thirds of all the time Rasa spends on a turn: here the schema
is checked once, when Rasa starts, and every reply still is.
"""

from __future__ import annotations

from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

SCHEMA = RemoteAction.action_response_format_spec()
_validator_class = validator_for(SCHEMA)
_validator_class.check_schema(SCHEMA)
_validator = _validator_class(SCHEMA)


def validate_reply(_action: RemoteAction, reply: dict[str, Any]) -> bool:
    """True, or jsonschema's ValidationError, as the method it stands for."""
    _validator.validate(reply)
    return True


def check_schema_once() -> None:
    """Has every action's reply checked this way from now on."""
    RemoteAction._validate_action_result = validate_reply
