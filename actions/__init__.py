"""What the assistant does, one file an action. It runs in the web process and knows only the knowledge base."""

from actions.answer import answer_directly
from actions.endpoint import register
from actions.wording import wants_person

__all__ = ["answer_directly", "register", "wants_person"]
