"""Which macros there are: everybody's are kept by administrators, and each agent has some of their own."""

from __future__ import annotations

from odziv.cases.customers.customer_details import clean_line, is_blank
from odziv.cases.macros.steps import Steps, check_steps, load_names
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.lengths import LONGEST_MACRO_NAME
from odziv.store.macros import macros
from odziv.store.macros.macros import MOST_MACROS, Macro, TooManyMacros
from odziv.texts.desk import N_, _

NO_MACRO = N_("There is no such macro.")


def save_macro(
    store: Store,
    settings: Settings,
    agent: Agent,
    name: str,
    steps: Steps,
    *,
    shared: bool,
    macro_id: int | None = None,
) -> int:
    """Adds a macro, or changes the one with that id; returns its id. Raises Refused for what is none, and for who may
    not: everybody's are an administrator's to keep."""
    if macro_id is not None:
        _get_own(store, agent, macro_id)
    if shared and agent.role != "admin":
        raise Refused(Kind.FORBIDDEN, _("Only an administrator can keep macros for everybody."))
    name, owner, kept = _check_name(name), None if shared else agent.id, steps.model_dump(exclude_defaults=True)
    check_steps(steps, load_names(store, settings))
    try:
        if macro_id is None:
            return macros.add_macro(store, agent.id, owner, name, kept)
        if not macros.change_macro(store, macro_id, agent.id, owner, name, kept):
            raise Refused(Kind.NOT_FOUND, _(NO_MACRO))
    except TooManyMacros:
        raise Refused(
            Kind.UNFIT, _("Not saved: there are %(most)s macros already. Delete one first.", most=MOST_MACROS)
        ) from None
    return macro_id


def delete_macro(store: Store, agent: Agent, macro_id: int) -> Macro:
    """Deletes a macro, and returns it. Raises Refused as `save_macro`."""
    macro = _get_own(store, agent, macro_id)
    macros.delete_macro(store, macro_id, agent.id)
    return macro


def raise_macro(store: Store, agent: Agent, macro_id: int) -> Macro:
    """Puts a macro before the one before it, and returns it. Raises Refused as `save_macro`."""
    macro = _get_own(store, agent, macro_id)
    macros.raise_macro(store, macro_id)
    return macro


def place_macro(store: Store, agent: Agent, macro_id: int, before: int | None) -> None:
    """Puts a macro before another one of the same owner, or last (None). Raises Refused as `save_macro`."""
    _get_own(store, agent, macro_id)
    if not macros.place_macro(store, macro_id, before):
        raise Refused(Kind.NOT_FOUND, _(NO_MACRO))


def get_macro(store: Store, agent: Agent, macro_id: int) -> Macro:
    """A macro that the agent has: everybody's, or their own. Raises Refused for all others, as if there were none."""
    macro = macros.find_macro(store, macro_id)
    if macro is None or macro.agent_id not in (None, agent.id):
        raise Refused(Kind.NOT_FOUND, _(NO_MACRO))
    return macro


def may_change(agent: Agent, macro: Macro) -> bool:
    """Whether the agent may: it is theirs; or it is everybody's, and they are an administrator."""
    return macro.agent_id == agent.id or (macro.is_shared and agent.role == "admin")


def _get_own(store: Store, agent: Agent, macro_id: int) -> Macro:
    macro = get_macro(store, agent, macro_id)
    if not may_change(agent, macro):
        raise Refused(Kind.FORBIDDEN, _("Nothing changed: this macro is everybody’s. An administrator can change it."))
    return macro


def _check_name(name: str) -> str:
    name = clean_line(name)
    if is_blank(name) or len(name) > LONGEST_MACRO_NAME:
        raise Refused(
            Kind.UNFIT, _("Not saved: please give it a name of up to %(most)s characters.", most=LONGEST_MACRO_NAME)
        )
    return name
