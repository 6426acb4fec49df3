"""What the assistant does, one file an action. It runs in the web process and knows only the knowledge base."""

from actions.answer import answer_directly
from actions.endpoint import register
from actions.wording import fact_of, wants_person, without_wish

__all__ = ["answer_directly", "fact_of", "register", "wants_person", "without_wish"]
