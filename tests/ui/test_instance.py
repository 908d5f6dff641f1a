"""What the window that listens makes of what comes to it, and a second start of one that doesn't listen."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.paths import Paths
from ui.handover import REFUSED, TAKEN, Handover, pack, server_name
from ui.instance import Listener
from ui.lock import take

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="speaks to a socket by hand")


@pytest.fixture
def name() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:  # a test's own is too long for a socket
        yield str(Path(folder) / "here")


@pytest.fixture
def listener(qtbot: QtBot, name: str) -> Iterator[Listener]:
    made = Listener(name)
    assert made.listening
    yield made
    made.stop()
    made.deleteLater()


def _connect(name: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.setblocking(False)
    made.connect(name)
    return made


def _answer(qtbot: QtBot, end: socket.socket) -> bytes:
    got: list[bytes] = []

    def came() -> bool:
        try:
            got.append(end.recv(16))
        except BlockingIOError:
            return False
        return True

    qtbot.waitUntil(came)
    return got[0]


def test_a_message_arrives_in_pieces(qtbot: QtBot, listener: Listener, name: str) -> None:
    message = Handover(("/a.gguf",), ("/b",), "t")
    data = pack(message)
    with _connect(name) as end, qtbot.waitSignal(listener.arrived) as arrived:
        end.send(data[:7])
        qtbot.wait(20)
        end.send(data[7:])
        assert _answer(qtbot, end) == TAKEN
    assert arrived.args == [message]


def test_rubbish_is_refused_and_others_are_heard(qtbot: QtBot, listener: Listener, name: str) -> None:
    with _connect(name) as end, qtbot.assertNotEmitted(listener.arrived):
        end.send(b"\xff" * 64)
        assert _answer(qtbot, end) == REFUSED
    silent = [_connect(name) for _ in range(4)]
    with _connect(name) as end, qtbot.waitSignal(listener.arrived):
        end.send(pack(Handover()))
    for one in silent:
        one.close()


def test_a_crowd_is_not_let_in(qtbot: QtBot, listener: Listener, name: str) -> None:
    crowd = [_connect(name) for _ in range(17)]
    assert _answer(qtbot, crowd[-1]) == b""
    for one in crowd:
        one.close()
    qtbot.waitUntil(lambda: not listener.children()[1:])


def test_what_a_killed_one_left_is_taken_over(qtbot: QtBot, name: str) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(name)
    left.close()
    assert Path(name).exists()
    listener = Listener(name)
    assert listener.listening
    listener.stop()
    assert not Path(name).exists()


def _second(paths: Paths, *files: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "ui", "--data-dir", str(paths.data), *files],
        env=dict(os.environ, QT_QPA_PLATFORM="offscreen"),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def test_a_second_start_hands_over_and_ends(qtbot: QtBot, paths: Paths) -> None:
    held = take(paths.window_lock)
    assert held is not None
    listener = Listener(server_name(paths.data))
    with qtbot.waitSignal(listener.arrived, timeout=20_000) as arrived:
        second = _second(paths, "model.gguf", "/tmp/book.pdf")
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=10_000)
    assert second.communicate()[1].replace("This plugin does not support propagateSizeHints()\n", "") == ""
    assert second.returncode == 0
    assert arrived.args[0].files == (str(Path.cwd() / "model.gguf"), "/tmp/book.pdf")
    listener.stop()
    held.release()


def test_a_window_that_hangs_is_told_of(paths: Paths) -> None:
    held = take(paths.window_lock)
    assert held is not None
    with socket.socket(socket.AF_UNIX) as hanging:
        name = server_name(paths.data)
        hanging.bind(name)
        hanging.listen(4)
        second = _second(paths)
        assert second.stderr is not None
        line = second.stderr.readline()
        assert "does not answer" in line
        assert second.poll() is None  # it says so in a window, too
        second.send_signal(signal.SIGKILL)
        second.communicate()
        Path(name).unlink()
    held.release()
