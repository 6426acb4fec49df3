"""The name of an agent: chosen with the invitation, changed in the account."""

from __future__ import annotations

from wtforms import Form, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from odziv.store.lengths import LONGEST_AGENT_NAME
from odziv.texts.desk import N_, _

TOO_LONG = N_("That is too long.")


class AgentName(Form):
    """The field for it."""

    name = StringField(
        N_("Your name"),
        [InputRequired(N_("Please enter your name.")), Length(max=LONGEST_AGENT_NAME, message=TOO_LONG)],
    )

    def validate_name(self, field: StringField) -> None:
        """Colleagues read it, and customers its first word: something visible, on one line."""
        if not field.data.strip() or not field.data.isprintable():
            raise ValidationError(_("Please enter your name."))
