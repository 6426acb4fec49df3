"""A customer's rating at the end, for the bot and for the person apart, and the conversation to take home."""

from __future__ import annotations

from typing import Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field, StrictInt, field_validator

from kb.render import render_plain
from odziv.chat.api import blueprint, visitors_conversation
from odziv.chat.json import iso_time
from odziv.store.conversations.messages import NewMessage
from odziv.store.conversations.ratings import (
    NothingToRate,
    Rating,
    RatingClosed,
    rate_conversation,
)
from odziv.store.lengths import LONGEST_VERDICT
from odziv.texts.desk import N_
from odziv.web.bodies import clean_text, read_body
from odziv.web.errors import ApiError
from odziv.web.services import services

THUMBS = {"down": 1, "up": 5}
RATED = {"bot": N_("Rated the assistant %(score)s of 5."), "person": N_("Rated the person %(score)s of 5.")}
CHANGED = {
    "bot": N_("Changed the rating of the assistant to %(score)s of 5."),
    "person": N_("Changed the rating of the person to %(score)s of 5."),
}


class NewRating(BaseModel):
    """1 to 5, or a thumb; words are optional."""

    about: Literal["bot", "person"]
    score: StrictInt | Literal["up", "down"]
    words: str | None = Field(default=None, max_length=LONGEST_VERDICT)

    @field_validator("score")
    @classmethod
    def _check(cls, value: int | str) -> int | str:
        if isinstance(value, int) and not 1 <= value <= 5:
            raise ValueError("must be from 1 to 5, or up or down")
        return value

    @field_validator("words")
    @classmethod
    def _clean(cls, value: str | None) -> str | None:
        return (clean_text(value) or None) if value is not None else None


@blueprint.post("/conversations/<conversation_id>/rating")
def post_rating(conversation_id: str) -> tuple[Response, int]:
    """Keeps a rating; again within an hour, changes it."""
    conversation = visitors_conversation(conversation_id)
    services().rate_limits.check("rating", conversation.id, 20)
    body = read_body(NewRating)
    score = body.score if isinstance(body.score, int) else THUMBS[body.score]
    try:
        rating = rate_conversation(
            services().store, conversation.id, body.about, score, body.words, draft_note=draft_note
        )
    except NothingToRate as error:
        raise ApiError(409, "nothing_to_rate", f"about: no {body.about} has said anything here yet.") from error
    except RatingClosed as error:
        raise ApiError(409, "rating_closed", "A rating can be changed for an hour.") from error
    return jsonify(rating=rating_json(rating)), 201


def rating_json(rating: Rating) -> dict:
    """A rating as its customer sees it."""
    return {
        "about": rating.about,
        "score": rating.score,
        "words": rating.words,
        "created_at": iso_time(rating.created_at),
    }


def draft_note(rating: Rating, before: Rating | None) -> NewMessage:
    """What agents read of it in the conversation: the rating, and below it the customer's words."""
    text = (RATED if before is None else CHANGED)[rating.about] % {"score": rating.score}
    if rating.words and (before is None or before.words != rating.words):
        text += f"\n\n“{rating.words}”"
    return NewMessage("system", text, render_plain(text), internal=True)
