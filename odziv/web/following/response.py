"""Makes a stream a response: with a thread of its own, or none, as the server can."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from flask import Response, request

from odziv.web.following.subscription import Pause

HAND_OVER = "odziv.hand_over"  # in WSGI's environment: what takes a stream on, where the server serves it by itself
Events = Generator[str | Pause, bool | None, None]


def stream_response(events: Events, leave: Callable[[], None]) -> Response:
    """A response that goes on as long as `events` do; `leave` is called at its end.

    A server that serves streams without a thread for each takes it on; any other waits in its own.
    """
    hand_over = request.environ.get(HAND_OVER)
    response = Response(hand_over(events, leave) if hand_over else wait_for(events), mimetype="text/event-stream")
    if not hand_over:
        response.call_on_close(leave)
    response.headers["X-Accel-Buffering"] = "no"  # nginx would otherwise hold events back
    return response


def wait_for(events: Events) -> Iterator[str]:
    """The texts of a stream, with its pauses slept through."""
    told = None
    try:
        while True:
            item = events.send(told)
            told = item.wait() if isinstance(item, Pause) else None
            if isinstance(item, str):
                yield item
    except StopIteration:
        return
    finally:
        events.close()
