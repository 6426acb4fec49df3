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
DOUBTFUL = "doubtful_human"  # has no examples: who may be asking for a person is asked, once
QUESTIONS = ("ask_question", "nlu_fallback", "out_of_scope")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class PersonFirst(GraphComponent):
    """Makes `request_human` the intent where its confidence (0 to 1) is `threshold` or more; stands last in line.

    From `doubt` on up to that it makes `doubtful_human` the intent, with the same confidence, where the message would
    else be taken for a question; where `doubt` is no lower than the threshold, nothing is doubtful.
    """

    def __init__(self, threshold: float, doubt: float) -> None:
        self._threshold, self._doubt = threshold, doubt

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"threshold": 0.3, "doubt": 0.1}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PersonFirst:
        threshold, doubt = config["threshold"], config["doubt"]
        if not isinstance(threshold, int | float) or not 0 < threshold <= 1:
            raise InvalidConfigException("PersonFirst: threshold must be above 0 and at most 1")
        if not isinstance(doubt, int | float) or not 0 < doubt <= 1:
            raise InvalidConfigException("PersonFirst: doubt must be above 0 and at most 1")
        return cls(threshold, doubt)

    def process(self, messages: list[Message]) -> list[Message]:
        """The same messages, some with another first intent."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            person = next((entry for entry in ranking if entry["name"] == PERSON), None)
            if person and person["confidence"] >= self._threshold:
                self._set(message, person, [entry for entry in ranking if entry is not person])
            elif person and person["confidence"] >= self._doubt and self._is_question(message):
                self._set(message, {"name": DOUBTFUL, "confidence": person["confidence"]}, ranking)
        return messages

    def _is_question(self, message: Message) -> bool:
        return (message.get(INTENT) or {}).get("name") in QUESTIONS

    def _set(self, message: Message, intent: dict[str, Any], others: list[dict[str, Any]]) -> None:
        message.set(INTENT, intent, add_to_output=True)
        message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
