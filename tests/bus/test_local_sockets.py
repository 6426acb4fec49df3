"""Processes of one machine hear of each other by sockets in a folder."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from odziv.bus import sockets
from odziv.bus.bus import Bus
from odziv.bus.messages import Kind
from odziv.bus.sockets import LocalSockets
from tests.waiting import wait_until

SIGN = Kind("sign", (str, int))


class Process:
    """A bus, as a process has one, and what it heard."""

    def __init__(self, folder: Path, name: str) -> None:
        self.bus, self.heard, self.missed = Bus(LocalSockets(folder, name), name), [], 0
        self.bus.subscribe(SIGN, self.heard.extend)
        self.bus.on_missed(self._count)

    def _count(self) -> None:
        self.missed += 1


@contextmanager
def running(folder: Path, *names: str) -> Iterator[list[Process]]:
    """Processes that can hear each other."""
    processes = [Process(folder, name) for name in names]
    for each in processes:
        each.bus.start()
    try:
        wait_until(lambda: all((folder / name).exists() for name in names))
        wait_until(lambda: all(each.missed for each in processes))
        yield processes
    finally:
        for each in processes:
            each.bus.stop()


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.fixture(params=["short", "long"])
def folder(request, tmp_path):
    """Where sockets are; a long one does not fit into a socket's address."""
    return tmp_path / ("run" if request.param == "short" else "/".join(["a-rather-long-name"] * 8))


def test_all_others_hear_it_and_the_sender_does_not(folder):
    with running(folder, "a", "b", "c") as (a, b, c):
        a.bus.publish(SIGN, ("x", 1), ("y", 2))
        wait_until(lambda: b.heard == c.heard == [("x", 1), ("y", 2)])
        b.bus.publish(SIGN, ("z", 3))
        wait_until(lambda: a.heard == [("z", 3)] and len(c.heard) == 3)
        assert b.heard == [("x", 1), ("y", 2)]


def test_the_sockets_are_for_this_account_only_and_go_with_their_process(folder):
    with running(folder, "a", "b"):
        assert names(folder) == ["a", "b"]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o600
    assert names(folder) == []


def test_what_a_killed_process_left_is_removed(folder):
    with running(folder, "a", "b") as (a, b):
        with stranger(folder) as (left, place):
            left.bind(f"{place}/killed")
        (folder / "no-socket").write_text("?")
        a.bus.publish(SIGN, ("x", 1))
        wait_until(lambda: b.heard == [("x", 1)])
        wait_until(lambda: "killed" not in names(folder))


def test_more_than_a_socket_holds_arrives_all_the_same(folder):
    with running(folder, "a", "b") as (a, b):
        for number in range(3000):
            a.bus.publish(SIGN, (f"{number}" * 20, number))
        wait_until(lambda: len(b.heard) == 3000)
        assert [number for _, number in b.heard] == list(range(3000))


@contextmanager
def stranger(folder: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket that isn't ours, and where it finds the others."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own, sockets._reachable(folder) as place:
        yield own, place


def test_who_takes_nothing_holds_up_nobody_for_long(folder):
    with running(folder, "a", "z") as (a, z), stranger(folder) as (deaf, place):
        deaf.bind(f"{place}/b")
        for number in range(600):  # more than one socket holds
            a.bus._transport.send(f"{number}")
        a.bus.publish(SIGN, ("x", 1))
        wait_until(lambda: z.heard == [("x", 1)])


def test_garbage_in_the_socket_is_passed_over(folder):
    with running(folder, "a", "b") as (a, b):
        with stranger(folder) as (sending, place):
            for raw in (
                b"",
                b"\xff" * 100_000,
                b"{}",
                b'{"from": "a", "kind": "sign", "items": [["x"], [1, 2], null]}',
                b'{"from": "a", "kind": "unknown", "items": [["x", 1]]}',
            ):
                sending.sendto(raw, f"{place}/b")
        a.bus.publish(SIGN, ("x", 1))
        wait_until(lambda: b.heard == [("x", 1)])
        assert all(thread.failure is None and thread.restarts == 0 for thread in b.bus.threads())


def test_a_cleared_folder_is_made_anew(folder):
    with running(folder, "a", "b") as (a, b):
        for name in names(folder):
            (folder / name).unlink()
        folder.rmdir()
        wait_until(lambda: folder.exists() and names(folder) == ["a", "b"])
        wait_until(lambda: b.missed == 2)
        a.bus.publish(SIGN, ("x", 1))
        wait_until(lambda: b.heard == [("x", 1)])


def test_a_handler_that_fails_is_one_matter_the_next_message_another(folder):
    with running(folder, "a", "b") as (a, b):
        failing = threading.Event()

        def fail(_items) -> None:
            failing.set()
            raise RuntimeError("of the test")

        b.bus.subscribe(Kind("bad", (str,)), fail)
        a.bus.publish(Kind("bad", (str,)), ("x",))
        assert failing.wait(20)
        a.bus.publish(SIGN, ("x", 1))
        wait_until(lambda: b.heard == [("x", 1)])


def test_what_is_gathered_is_told_once_the_newest(folder, monkeypatch):
    monkeypatch.setattr("odziv.bus.bus.GATHER_SECONDS", 0.3)
    with running(folder, "a", "b") as (a, b):
        for number in range(50):
            a.bus.gather(SIGN, ("x", number))
            a.bus.gather(SIGN, ("y", number))
        wait_until(lambda: {("x", 49), ("y", 49)} <= set(b.heard))
        assert len(b.heard) < 20


def test_a_process_that_has_no_bus_of_its_own_running_tells_of_its_commits(folder):
    with running(folder, "b") as (b,):
        touched = []
        b.bus.subscribe(Kind("touched", (str,)), touched.extend)
        command = Process(folder, "command")
        command.bus.publish(SIGN, ("lost", 1))
        command.bus.announce({"c1"})
        wait_until(lambda: touched == [("c1",)])
        assert b.heard == [] and names(folder) == ["b"]
        command.bus.stop()


def test_where_nobody_is_nothing_happens(tmp_path):
    Process(tmp_path / "nothing", "a").bus.announce({"c1"})
    assert not (tmp_path / "nothing").exists()
