"""Who a visitor is: a signed, expiring token for one conversation on one site, sent in the Authorization header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from odziv.web.errors import ApiError


@dataclass(frozen=True)
class Pass:
    """What a valid token says. `is_verified`: the site verified its bearer when it was issued, `age` seconds ago."""

    conversation: str
    site: str
    is_verified: bool
    age: float


class _Signer(TimestampSigner):
    """Signs with the moment of a clock in milliseconds since 1970."""

    def __init__(self, *args: Any, clock: Callable[[], int], **options: Any) -> None:
        super().__init__(*args, **options)
        self._clock = clock

    def get_timestamp(self) -> int:
        return self._clock() // 1000


class VisitorTokens:
    """Issues and reads visitor tokens. Nothing about them is stored. `clock` is the store's."""

    def __init__(self, secret: str, days: int, clock: Callable[[], int]) -> None:
        self._clock = clock
        kwargs = {"clock": clock}
        self._serializer = URLSafeTimedSerializer(secret, salt="odziv-visitor", signer=_Signer, signer_kwargs=kwargs)
        self._max_age = days * 24 * 60 * 60

    def issue(self, conversation_id: str, site: str, *, is_verified: bool = False) -> str:
        """A token for one conversation."""
        return self._serializer.dumps({"c": conversation_id, "s": site, **({"k": 1} if is_verified else {})})

    def read(self, header: str | None) -> Pass:
        """What the token of an Authorization header says. Raises ApiError 401."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(401, "unauthorized", "Send the conversation's token as 'Authorization: Bearer …'.")
        try:
            payload, at = self._serializer.loads(token.strip(), return_timestamp=True)
            # One of the future is ours all the same: the clock was set back since.
            age = max(0.0, self._clock() / 1000 - at.timestamp())
            found = Pass(payload["c"], payload["s"], payload.get("k") == 1, age)
        except (BadData, KeyError, TypeError) as error:
            raise ApiError(401, "unauthorized", "The token is not valid.") from error
        if found.age > self._max_age:
            raise ApiError(401, "token_expired", "The token has expired; start a new conversation.")
        return found
