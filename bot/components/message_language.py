"""Turns the language that came with a message into the entity `language`, which fills the slot of that name.

The web process decides on the language (kb/language/detection.py); Rasa is only told.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class MessageLanguage(GraphComponent, EntityExtractorMixin):
    """Reads `metadata.language` of a message and adds it as an entity."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageLanguage:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """The same messages, with the entity added where a language was told."""
        for message in messages:
            language = (message.get("metadata") or {}).get("language")
            if isinstance(language, str) and language:
                entities = message.get(ENTITIES, []) + [self._entity(language, len(message.get(TEXT) or ""))]
                message.set(ENTITIES, entities, add_to_output=True)
        return messages

    def _entity(self, language: str, length: int) -> dict[str, Any]:
        return {"entity": "language", "value": language, "start": 0, "end": length, "extractor": self.name}
