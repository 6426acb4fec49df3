"""What goes wrong at the widget's interface, in one JSON shape."""

from __future__ import annotations

import sys

from flask import Blueprint, Response, current_app, jsonify
from werkzeug.exceptions import HTTPException

from odziv.cases.elsewhere.workers import WorkersAway
from odziv.store.engine import StoreAway

AWAY_SECONDS = 5  # after which a request is worth repeating when the database could not be asked
CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "bad_request", 400: "bad_request"}


class ApiError(Exception):
    """A refusal with its HTTP status, a code for programs and a message for people."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


def no_conversation() -> ApiError:
    """None of that id, or none of the caller's: the answer is the same, so that ids can't be probed."""
    return ApiError(404, "not_found", "There is no such conversation.")


def error_response(status: int, code: str, message: str, retry_after: int | None = None) -> Response:
    """`{"error": {"code", "message"}}`, with Retry-After in seconds where trying again helps."""
    response = jsonify({"error": {"code": code, "message": message}})
    response.status_code = status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def log_away() -> None:
    """Logs the database's error that is being answered, as Flask does those that nobody answers."""
    current_app.log_exception(sys.exc_info())


def register_error_handlers(blueprint: Blueprint) -> None:
    """Turns a blueprint's exceptions into that shape."""

    @blueprint.errorhandler(ApiError)
    def _refused(error: ApiError) -> Response:
        return error_response(error.status, error.code, error.message, error.retry_after)

    @blueprint.errorhandler(StoreAway)
    def _away(_error: Exception) -> Response:
        log_away()
        told = "That can't be read or stored just now. Please try again in a moment."
        return error_response(503, "busy", told, AWAY_SECONDS)

    @blueprint.errorhandler(WorkersAway)
    def _search_away(_error: Exception) -> Response:
        return error_response(
            503, "busy", "The articles can't be searched just now. Please try again in a moment.", AWAY_SECONDS
        )

    @blueprint.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        otherwise = "bad_request" if status < 500 else "internal_error"
        return error_response(status, CODES.get(status, otherwise), error.description or error.name)
