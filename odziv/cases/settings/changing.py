"""Changes settings at the desk: checked as config.yml is, kept with who and when, and taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from odziv.cases.refused import Kind, Refused
from odziv.cases.settings.wording import say_problem
from odziv.settings import Settings
from odziv.settings.layers import UnfitValues, build, build_what_fits, is_named, list_problems
from odziv.settings.offered import find_section, write_key
from odziv.settings.wrong import Problem, WrongValue
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.lengths import LONGEST_SETTING, LONGEST_SETTING_KEY
from odziv.store.settings.changes import ChangedMeanwhile, change_values, find_change, list_changes, read_values
from odziv.texts.desk import _

Wanted = Mapping[str, Any]  # by key; None: as it is without the desk


class Unfit(Refused):
    """The settings can't be so; `problems` has a sentence for each key that is wrong, "" for all together.

    They are in the language spoken, as the desk has them; `for_programs` is all of it in the words of config.yml.
    """

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        self.problems = {key: say_problem(problem) for key, problem in problems.items()}
        super().__init__(Kind.UNFIT, _("Not saved: %(problem)s", problem=list_problems(self.problems)))
        english = list_problems({key: problem.english for key, problem in problems.items()})
        self.for_programs = f"Not saved: {english}"


def try_settings(store: Store, base: Settings, wanted: Wanted) -> Settings:
    """The settings as they would be; nothing is changed. Raises Unfit, and Refused for what only the file may say."""
    _check_keys(base, wanted)
    _edition, values = read_values(store)
    return _build(base, wanted, values)


def settings_at(store: Store, base: Settings, edition: int) -> Settings:
    """The settings as they were in an earlier edition, under what config.yml names now."""
    now, values = read_values(store)
    for change in list_changes(store, limit=max(0, now - edition)) if 0 <= edition < now else ():
        values = {key: value for key, value in values.items() if key not in change.keys} | change.before
    return build_what_fits(base, values).settings


def change_settings(
    store: Store, base: Settings, agent: Agent, wanted: Wanted, *, seen: int, undoes: int | None = None
) -> int | None:
    """Sets these, all or none; returns the change's number, or None where nothing differs.

    `seen` is the edition on which the wish was built. Raises Unfit, and Refused for what only the file may say and for
    what somebody else changed since.
    """
    _check_keys(base, wanted)
    check = partial(_build, base, wanted)
    try:
        return change_values(store, agent.id, wanted, seen=seen, check=check, undoes=undoes)
    except ChangedMeanwhile as meanwhile:
        change = meanwhile.change
        keys = ", ".join(write_key(key) for key in change.keys if key in wanted)
        who = change.agent_name or _("A command on the server")
        told = _("Not saved: %(name)s has changed %(keys)s since you opened this page.", name=who, keys=keys)
        raise Refused(Kind.CONFLICT, told) from meanwhile


def undo_change(store: Store, base: Settings, agent: Agent, change_id: int) -> int | None:
    """Puts back what held before a change, for all it changed, whatever was set since. Raises Unfit and Refused."""
    change = find_change(store, change_id)
    if change is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such change."))
    edition, _values = read_values(store)
    wanted = {key: change.before.get(key) for key in change.keys}
    return change_settings(store, base, agent, wanted, seen=edition, undoes=change_id)


def forget_value(store: Store, agent: Agent, key: str) -> None:
    """Takes away a value that does not count any more. Raises Refused for one that is not set."""
    edition, values = read_values(store)
    if key not in values:
        raise Refused(Kind.NOT_FOUND, _("There is no such setting."))
    change_values(store, agent.id, {key: None}, seen=edition)


def _check_keys(base: Settings, wanted: Wanted) -> None:
    for key, value in wanted.items():
        if len(key) > LONGEST_SETTING_KEY or (value is not None and find_section(key) is None):
            named = write_key(key)[:LONGEST_SETTING_KEY]
            raise Refused(Kind.INVALID, _("%(key)s can’t be set at the desk.", key=named))
        if value is not None and is_named(base, key):
            told = _("Not saved: config.yml says %(key)s, and what it says holds.", key=write_key(key))
            raise Refused(Kind.CONFLICT, told)
        if value is not None and len(json.dumps(value)) > LONGEST_SETTING:
            told = f"this is too long; {LONGEST_SETTING:,} characters are enough"
            long = WrongValue("this is too long; %(most)s characters are enough", most=LONGEST_SETTING).in_file(told)
            raise Unfit({key: long.at(key)})


def _build(base: Settings, wanted: Wanted, now: Mapping[str, Any]) -> Settings:
    """With what is wished over what is set now; what does not count anyway is no reason against it."""
    ignored = {each.key for each in build_what_fits(base, now).left_out}
    kept = {key: value for key, value in now.items() if key not in ignored}
    try:
        return build(base, {key: value for key, value in {**kept, **wanted}.items() if value is not None})
    except UnfitValues as unfit:
        raise Unfit(unfit.problems) from unfit
