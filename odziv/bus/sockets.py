"""Between processes of one machine: each has a Unix datagram socket in a folder, and sends to all others found there.

The folder and the sockets are for this account only. A socket that nobody has any more is removed by who meets it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from odziv.bus.messages import MOST_BYTES

log = structlog.get_logger()
LONGEST_PATH = 107  # bytes, of a socket's address (unix(7))
# A kernel lets as few as ten datagrams wait at a socket. Who still takes none after so many seconds is not waited for
# again until they do: they may be stopped.
PATIENCE_SECONDS = 0.2
LOOK_SECONDS, AGAIN_SECONDS = 1.0, 1.0


class LocalSockets:
    """The transport of one process: its socket is `name` in `folder`, from `receive` until that ends."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._slow: set[str] = set()
        self._lock = threading.Lock()

    def send(self, message: str) -> None:
        """To every other process that has a socket."""
        # Without a folder nobody else is there.
        with self._lock, contextlib.suppress(OSError), _reachable(self._folder) as place:
            others = set(os.listdir(self._folder)) - {self._name}
            self._slow &= others
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
                for other in others:
                    self._send_to(sending, f"{place}/{other}", other, message.encode())

    def _send_to(self, sending: socket.socket, address: str, other: str, message: bytes) -> None:
        sending.settimeout(0.0 if other in self._slow else PATIENCE_SECONDS)
        try:
            sending.sendto(message, address)
            self._slow.discard(other)
        except ConnectionRefusedError:  # whoever had it was killed
            with contextlib.suppress(OSError):
                os.unlink(address)
        except (TimeoutError, BlockingIOError):
            self._slow.add(other)
        except OSError:  # it ended this moment, or is no socket
            pass

    def receive(self, hear: Callable[[str | bytes | None], None], stopping: threading.Event) -> None:
        """Hears until told to stop; where no socket can be made (a full disk), tries again each second."""
        has_told = False
        while not stopping.is_set():
            try:
                self._receive(hear, stopping)
            except OSError as error:
                if not has_told:
                    log.warning("bus_away", why=str(error))
                has_told = True
                stopping.wait(AGAIN_SECONDS)

    def _receive(self, hear: Callable[[str | bytes | None], None], stopping: threading.Event) -> None:
        with self._bound() as own:
            hear(None)  # what was sent before
            while not stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    hear(own.recv(MOST_BYTES + 1))
                if not (self._folder / self._name).exists():
                    return  # somebody cleared the folder: bind anew

    @contextlib.contextmanager
    def _bound(self) -> Iterator[socket.socket]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / self._name
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            with _reachable(self._folder) as place:
                own.bind(f"{place}/{self._name}")
            try:
                path.chmod(0o600)
                own.settimeout(LOOK_SECONDS)
                yield own
            finally:
                path.unlink(missing_ok=True)

    def stop(self) -> None:
        """`receive` ends at its next look, within LOOK_SECONDS, or at once where it can be woken."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waking:
            waking.setblocking(False)
            with _reachable(self._folder) as place:
                waking.sendto(b"", f"{place}/{self._name}")

    def close(self) -> None:
        """Nothing: each message has a socket of its own to go through."""


@contextlib.contextmanager
def _reachable(folder: Path) -> Iterator[str]:
    """The folder as it can stand in a socket's address, which is short: a longer path goes by way of the open folder.

    Raises OSError where it isn't there.
    """
    longest_name = 40
    if len(os.fsencode(folder)) + longest_name <= LONGEST_PATH:
        yield str(folder)
        return
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)
