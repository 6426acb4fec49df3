"""Structured logs, one JSON object a line, without message texts or tokens."""

from __future__ import annotations

import logging
import sys

import structlog

QUIET = ("httpx", "httpcore", "watchfiles", "alembic", "sentence_transformers", "rasa_sdk", "werkzeug", "markdown_it")


def configure_logs(level: str) -> None:
    """Everything at `level` and above goes to standard error."""
    number = logging.getLevelName(level)
    logging.basicConfig(stream=sys.stderr, level=number, format="%(message)s", force=False)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
