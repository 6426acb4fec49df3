"""Making something for a program: once, however often it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask_login import current_user

from odziv.desk.api.kept.bodies import Made
from odziv.store import Store
from odziv.store.lists.made import make_once
from odziv.web.bodies import read_body
from odziv.web.services import services

New = TypeVar("New", bound=Made)


def make(model: type[New], save: Callable[[Store, New], int]) -> int:
    """Reads the body, has `save` make what it asks for in the store given, and returns the id; that of the first time
    for a repeat. Raises MadeOtherwise for a `client_id` that made something else."""
    body = read_body(model)
    asked = body.model_dump(mode="json", exclude={"client_id"})
    made = (services().store, current_user.id, body.client_id, model.__name__, asked)
    return make_once(*made, lambda store: save(store, body))
