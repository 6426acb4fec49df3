"""Roles, and routes that say which one they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint

from odziv.desk.blueprint import blueprint
from odziv.store.agents.agent import ROLES

# Each role may do what the ones after it may, and more: admin, editor, agent.
ANYONE, AGENT, EDITOR, ADMIN = "anyone", "agent", "editor", "admin"
View = TypeVar("View", bound=Callable[..., Any])


class Routes:
    """Adds views to a blueprint. What each needs is kept by the view's name; a view without an entry is refused."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.needs: dict[str, str] = {}
        self.before_two_factor: set[str] = set()  # open to those who still have to turn two-factor on
        self._blueprint = blueprint

    def add(
        self, method: str, rule: str, *, needs: str, before_two_factor: bool = False, **options: Any
    ) -> Callable[[View], View]:
        """Adds the decorated view for one HTTP method. `needs` is a role, or ANYONE."""

        def decorate(view: View) -> View:
            self._blueprint.add_url_rule(rule, view_func=view, methods=[method], **options)
            self.needs[view.__name__] = needs
            if before_two_factor:
                self.before_two_factor.add(view.__name__)
            return view

        return decorate

    def page(self, rule: str, *, needs: str, **options: Any) -> Callable[[View], View]:
        """Adds what a browser reads."""
        return self.add("GET", rule, needs=needs, **options)

    def action(self, rule: str, *, needs: str, **options: Any) -> Callable[[View], View]:
        """Adds what a browser's form sends."""
        return self.add("POST", rule, needs=needs, **options)


desk_routes = Routes(blueprint)
desk_routes.needs["static"] = ANYONE
page, action = desk_routes.page, desk_routes.action


def may(role: str, needed: str) -> bool:
    """Whether a role has at least the rights of another. An unknown role has none."""
    return role in ROLES and ROLES.index(role) <= ROLES.index(needed)
