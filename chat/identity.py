"""Who a visitor is: a signed, expiring token for one conversation on one site, sent in the Authorization header."""

from __future__ import annotations

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from chat.errors import ApiError


class VisitorTokens:
    """Issues and reads visitor tokens. Nothing about them is stored."""

    def __init__(self, secret: str, days: int) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="odziv-visitor")
        self._max_age = days * 24 * 60 * 60

    def issue(self, conversation_id: str, site: str) -> str:
        """A token for one conversation."""
        return self._serializer.dumps({"c": conversation_id, "s": site})

    def site_of(self, header: str | None, conversation_id: str) -> str:
        """The site a valid token for this conversation was issued for. Raises ApiError 401 or 404."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(401, "unauthorized", "Send the conversation's token as 'Authorization: Bearer …'.")
        try:
            payload = self._serializer.loads(token.strip(), max_age=self._max_age)
            owned, site = payload["c"], payload["s"]
        except SignatureExpired as error:
            raise ApiError(401, "token_expired", "The token has expired; start a new conversation.") from error
        except (BadData, KeyError, TypeError) as error:
            raise ApiError(401, "unauthorized", "The token is not valid.") from error
        if owned != conversation_id:  # the same answer as for one that doesn't exist: ids can't be probed
            raise ApiError(404, "not_found", "There is no such conversation.")
        return site
