"""What administrators set at the desk, laid under what config.yml names: defaults < desk < config.yml < environment.

The settings that were read from the file know what it named, so they are the upper layer themselves. One parser checks
both: the settings that follow are built whole, as at the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from odziv.settings.load import Settings
from odziv.settings.offered import SECTIONS, find_section, is_site, split, write_key
from odziv.settings.wrong import Problem, WrongValue, read_problem

Values = Mapping[str, Any]  # by key (odziv/settings/offered.py), as JSON has them
UNKNOWN = WrongValue("this version knows no such setting").at()
NO_SITE = WrongValue("there is no such website").in_file("there is no such site").at()
NO_MAILBOX = WrongValue("there is no such mailbox").at()


class UnfitValues(Exception):
    """Settings can't be built with these values; `problems` has what is wrong by key, or by "" for what has none."""

    def __init__(self, problems: dict[str, Problem]) -> None:
        super().__init__(list_problems({key: problem.english for key, problem in problems.items()}))
        self.problems = problems


def list_problems(sentences: Mapping[str, str]) -> str:
    """The sentences in one, each behind its key."""
    return "; ".join(f"{write_key(key)}: {sentence}" if key else sentence for key, sentence in sentences.items())


@dataclass(frozen=True)
class LeftOut:
    """A value from the desk that does not count, and why."""

    key: str
    why: Problem


@dataclass(frozen=True)
class Effective:
    """The settings that hold, and what of the desk's does not count."""

    settings: Settings
    left_out: tuple[LeftOut, ...] = ()


def is_named(base: Settings, key: str) -> bool:
    """Whether the file that `base` was read from, or the environment, says what this setting is to be."""
    node: Any = base
    for part in split(key):
        if isinstance(node, BaseModel):
            if part not in node.model_fields_set:
                return False
            node = getattr(node, part)
        elif isinstance(node, Mapping):
            if part not in node:
                return False
            node = node[part]
        else:
            return node is not None
    return node is not None


def value_of(settings: Settings, key: str) -> Any:
    """What holds, as the settings have it; None where nothing does."""
    node: Any = settings
    for part in split(key):
        node = node.get(part) if isinstance(node, Mapping) else getattr(node, part, None)
        if node is None:
            return None
    return node


def build(base: Settings, values: Values) -> Settings:
    """The settings with the desk's `values` under those of the file. Raises UnfitValues."""
    unknown = {key: UNKNOWN for key in values if find_section(key) is None}
    if unknown:
        raise UnfitValues(unknown)
    laid = base.model_dump(exclude_unset=True)
    laid["sites"] = _lay_sites(base, laid.get("sites"), values)
    of_sites = [key for key in values if key.startswith("sites/") and not is_site(key)]
    if gone := [key for key in of_sites if split(key)[1] not in laid["sites"]]:
        raise UnfitValues(dict.fromkeys(gone, NO_SITE))
    of_mailboxes = [key for key in values if key.startswith("mail/mailboxes/")]
    if gone := [key for key in of_mailboxes if split(key)[2] not in base.mail.mailboxes]:
        raise UnfitValues(dict.fromkeys(gone, NO_MAILBOX))
    _lay_values(base, laid, values)
    try:
        return Settings.model_validate(laid)
    except ValidationError as error:
        raise UnfitValues(_tell(error)) from error


def build_what_fits(base: Settings, values: Values) -> Effective:
    """The same with as many of the values as can be; what is wrong with the others is told, and stops nothing."""
    known = {key: value for key, value in values.items() if find_section(key)}
    left_out = [LeftOut(key, UNKNOWN) for key in values if key not in known]
    try:
        return Effective(build(base, known), tuple(left_out))
    except UnfitValues:
        kept: dict[str, Any] = {}
        settings = build(base, {})
        for group in _in_groups(known):
            settings, kept, unfit = _add(base, settings, kept, group)
            left_out += unfit
        return Effective(settings, tuple(left_out))


def _add(
    base: Settings, settings: Settings, kept: dict[str, Any], group: dict[str, Any]
) -> tuple[Settings, dict[str, Any], list[LeftOut]]:
    """A section as a whole, since its values may need each other; else one by one."""
    try:
        return build(base, kept | group), kept | group, []
    except UnfitValues:
        unfit = []
        for key, value in group.items():
            try:
                settings = build(base, kept | {key: value})
                kept = kept | {key: value}
            except UnfitValues as error:
                unfit.append(LeftOut(key, next(iter(error.problems.values()))))
        return settings, kept, unfit


def _in_groups(values: Values) -> Iterable[dict[str, Any]]:
    """By section, in the order of the sections; of the sites each for itself."""
    for section in SECTIONS:
        of_section = {key: value for key, value in values.items() if find_section(key) == section}
        names = dict.fromkeys(split(key)[1] if section == "sites" else "" for key in of_section)
        for name in names:
            yield {key: value for key, value in of_section.items() if not name or split(key)[1] == name}


def _lay_values(base: Settings, laid: dict[str, Any], values: Values) -> None:
    for key, value in values.items():
        if is_site(key) or is_named(base, key):
            continue
        *above, last = split(key)
        node = laid
        for part in above:
            node = node.setdefault(part, {})
        node[last] = value


def _lay_sites(base: Settings, named: dict[str, Any] | None, values: Values) -> dict[str, Any]:
    """Those of the file first, then those of the desk; then the demo, where the file names none."""
    sites = dict(named or {})
    for key, is_there in values.items():
        if is_site(key) and is_there:
            sites.setdefault(split(key)[1], {})
    for name, site in base.sites.items() if named is None else ():
        if values.get(f"sites/{name}", True):
            sites[name] = site.model_dump(exclude_unset=True)
    return sites


def _tell(error: ValidationError) -> dict[str, Problem]:
    """What is wrong with each setting, to be said beside its field."""
    problems: dict[str, Problem] = {}
    for found in error.errors(include_url=False, include_input=False):
        parts = [str(part) for part in found["loc"]]
        keys = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
        key = next((key for key in keys if find_section(key)), "")
        problems.setdefault(key, read_problem(found))
    return problems
