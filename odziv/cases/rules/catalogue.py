"""The list of rules, as administrators keep it."""

from __future__ import annotations

from odziv.cases.customers.customer_details import clean_line, is_blank
from odziv.cases.macros.steps import load_names
from odziv.cases.refused import Kind, Refused
from odziv.cases.rules.terms import Terms, check_terms
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.lengths import LONGEST_RULE_NAME
from odziv.store.macros.macros import list_macros
from odziv.store.rules import rules
from odziv.store.rules.rules import MOST_RULES, Rule, TooManyRules, find_rule
from odziv.texts.desk import N_, _

NO_RULE = N_("There is no such rule.")


def save_rule(
    store: Store, settings: Settings, agent: Agent, name: str, terms: Terms, *, rule_id: int | None = None
) -> int:
    """Adds a rule, which is off, or changes the one with that id; returns its id. Raises Refused for what is none."""
    if rule_id is not None:
        get_rule(store, rule_id)
    name = _check_name(name)
    check_terms(terms, settings, load_names(store, settings), list_shared_macros(store))
    try:
        if rule_id is None:
            return rules.add_rule(store, agent.id, name, **terms.kept())
    except TooManyRules:
        raise Refused(
            Kind.UNFIT, _("Not saved: there are %(most)s rules already. Delete one first.", most=MOST_RULES)
        ) from None
    if not rules.change_rule(store, rule_id, agent.id, name, **terms.kept()):
        raise Refused(Kind.NOT_FOUND, _(NO_RULE))
    return rule_id


def switch_rule(store: Store, agent: Agent, rule_id: int, *, on: bool) -> Rule:
    """Switches a rule on, for what happens from now on, or off; returns it. Raises Refused for one there isn't."""
    rule = get_rule(store, rule_id)
    rules.switch_rule(store, rule_id, agent.id, on=on)
    return rule


def place_rule(store: Store, rule_id: int, before: int | None) -> None:
    """Has a rule asked before another one, or last (None). Raises Refused where there isn't one of them."""
    if not rules.place_rule(store, rule_id, before):
        raise Refused(Kind.NOT_FOUND, _(NO_RULE))


def delete_rule(store: Store, agent: Agent, rule_id: int) -> Rule:
    """Deletes a rule, and returns it. Raises Refused for one there isn't."""
    rule = get_rule(store, rule_id)
    rules.delete_rule(store, rule_id, agent.id)
    return rule


def get_rule(store: Store, rule_id: int) -> Rule:
    """The rule. Raises Refused for one there isn't."""
    rule = find_rule(store, rule_id)
    if rule is None:
        raise Refused(Kind.NOT_FOUND, _(NO_RULE))
    return rule


def list_shared_macros(store: Store) -> dict[int, str]:
    """The macros that a rule can run: everybody's."""
    return {macro.id: macro.name for macro in list_macros(store, 0)}


def _check_name(name: str) -> str:
    name = clean_line(name)
    if is_blank(name) or len(name) > LONGEST_RULE_NAME:
        raise Refused(
            Kind.UNFIT, _("Not saved: please give it a name of up to %(most)s characters.", most=LONGEST_RULE_NAME)
        )
    return name
