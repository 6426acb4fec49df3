"""What the forms of settings send: read by the kind of each setting, and compared with what was shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ConfigDict

from odziv.cases.settings.changing import settings_at
from odziv.cases.topics import label_language
from odziv.desk.blueprint import blueprint
from odziv.desk.settings.kinds import CHOICES, LINES, MINUTES, NUMBER, ORIGINS, kind_of, read_value, write_value
from odziv.settings import LANGUAGES, Settings
from odziv.settings.layers import is_named, value_of
from odziv.settings.lines import find_line
from odziv.settings.load import find_config
from odziv.settings.offered import find_section
from odziv.web.forms import Form, Position, Trimmed
from odziv.web.services import services


class SettingsForm(Form):
    """The settings of a page: `keys` are those it has, `edition` the one it was made of."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str]

    keys: list[str] = []
    edition: Position = 0

    def wanted(self, may_have: Callable[[str], bool]) -> dict[str, Any]:
        """What is to be changed, by key: what differs from what the page showed. None: no value of the desk's."""
        sent = self.__pydantic_extra__
        shown = settings_at(services().store, services().settings_follower.base, self.edition)
        read = {key: read_value(key, sent) for key in self.keys if find_section(key) and may_have(key)}
        return {key: value for key, value in read.items() if value != write_value(value_of(shown, key))}


@blueprint.app_template_global("every_language")
def list_languages(codes: Sequence[str] = LANGUAGES) -> list[tuple[str, str]]:
    """Languages' codes and names."""
    return [(code, label_language(code)) for code in codes]


def begin_large(sentence: str) -> str:
    """The sentence as it stands alone: with a large first letter."""
    return sentence[:1].upper() + sentence[1:]


class NewSite(Form):
    """A website that is to be added."""

    key: Trimmed = ""
    name: Trimmed = ""
    edition: Position = 0


@dataclass
class Shown:
    """What a page of settings shows: what holds or, after a refusal, what was typed, and what is wrong with it."""

    settings: Settings
    typed: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def edition(self) -> int:
        """What a form has to send back, for others' changes meanwhile to be noticed."""
        return services().settings_follower.edition

    def value(self, key: str) -> Any:
        """What the field shows."""
        value = self.typed[key] if key in self.typed else write_value(value_of(self.settings, key))
        if value is None:
            return [] if kind_of(key) in (LINES, ORIGINS, CHOICES) else {} if kind_of(key) == MINUTES else ""
        return str(value) if kind_of(key) == NUMBER else value

    def shares(self, key: str) -> dict[str, str]:
        """Shares as percentages, by language, and that of all others as "default"."""
        value = self.value(key)
        found = value if isinstance(value, dict) else {"default": value}
        return {code: f"{100 * one:g}" if isinstance(one, float | int) else one for code, one in found.items()}

    def problem(self, key: str) -> str:
        """What is wrong with what was typed, as a sentence; empty while nothing is."""
        return begin_large(self.problems.get(key, ""))

    def is_named(self, key: str) -> bool:
        """Whether config.yml says it, so that it can't be set here."""
        return is_named(services().settings_follower.base, key)

    def line(self, key: str) -> int | None:
        """In which line of config.yml; None where that can't be found."""
        return find_line(find_config(), key)
