"""Takes a message for the wish to talk to a person already when that is likely, not only when it is likeliest.

The two mistakes don't weigh the same: a person too early costs a minute, a customer who asks for one in vain is lost.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

PERSON = "request_human"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class PersonFirst(GraphComponent):
    """Makes `request_human` the intent where its confidence (0 to 1) is `threshold` or more; stands last in line."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"threshold": 0.3}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PersonFirst:
        threshold = config["threshold"]
        if not isinstance(threshold, int | float) or not 0 < threshold <= 1:
            raise InvalidConfigException("PersonFirst: threshold must be above 0 and at most 1")
        return cls(threshold)

    def process(self, messages: list[Message]) -> list[Message]:
        """The same messages, some with another first intent."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            person = next((entry for entry in ranking if entry["name"] == PERSON), None)
            if person and person["confidence"] >= self._threshold:
                others = [entry for entry in ranking if entry is not person]
                message.set(INTENT, person, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [person, *others], add_to_output=True)
        return messages
