"""A transfer that waits for the network ends at once."""

from __future__ import annotations

import socket
import threading

from app.models.stopping import StopSignal


def test_a_waiting_read_returns() -> None:
    near, far = socket.socketpair()
    stop, got = StopSignal(), []
    inside = threading.Event()

    def read() -> None:
        with stop.guarding(near):
            inside.set()
            got.append(near.recv(1))

    thread = threading.Thread(target=read)
    thread.start()
    assert inside.wait(5)
    stop.set()
    thread.join(5)
    near.close()
    far.close()
    assert got == [b""]
    assert stop.is_set()


def test_a_socket_that_comes_too_late_is_shut() -> None:
    near, far = socket.socketpair()
    stop = StopSignal()
    stop.set()
    with stop.guarding(near):
        assert near.recv(1) == b""
    assert stop.wait(0)
    near.close()
    far.close()


def test_what_is_not_guarded_stays_open() -> None:
    near, far = socket.socketpair()
    stop = StopSignal()
    with stop.guarding(near):
        pass
    with stop.guarding(None):
        stop.set()
    far.send(b"x")
    assert near.recv(1) == b"x"
    near.close()
    far.close()
