"""Starts, quits and kills in a row: nothing is lost, nothing stays behind, and there is one window."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.paths import Paths
from tests.kill.ledger import Ledger
from ui import lock
from ui.first_frame import load
from ui.handover import server_name

_LONGEST_S = 60.0
_QUIT_S = 20.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends processes by signals")


def _spawn(command: list[str], errors: Path) -> subprocess.Popen[bytes]:
    """In a session of its own, by which its children are found."""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    with errors.open("ab") as stream:
        return subprocess.Popen(
            [sys.executable, *command], stderr=stream, stdout=stream, env=environment, start_new_session=True
        )


def _family(session: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (psutil.Error, ProcessLookupError):
            continue
    return found


def _wait_until(what: str, happened, seconds: float = _LONGEST_S) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def _is_ready(log: Path) -> bool:
    return log.exists() and b'"ready"' in log.read_bytes()


def _live(folder: Path, model: Path, seed: int, ledger: Ledger, killed: bool) -> None:
    """One life; killed at any moment from its very start on, or ended while it works."""
    chance, log, data = random.Random(seed), folder / f"log-{seed}.jsonl", folder / "data"
    process = _spawn(
        ["-m", "tests.kill.starter", str(data), str(model), str(seed), str(log)], folder / "errors"
    )
    try:
        if killed and chance.random() < 0.5:
            time.sleep(chance.uniform(0.0, 2.0))
        else:
            _wait_until(f"seed {seed}: not ready", lambda: _is_ready(log) or process.poll() is not None)
            time.sleep(chance.uniform(0.05, 1.5))
            if not (killed or ledger.questions):  # a life in which nothing was asked shows nothing
                _wait_until(f"seed {seed}: nothing asked", lambda: b'"question"' in log.read_bytes())
        assert process.poll() is None, f"seed {seed}: it ended by itself"
        at = time.monotonic()
        process.send_signal(signal.SIGKILL if killed else signal.SIGTERM)
        status = process.wait(_QUIT_S)
        assert killed or not status, f"seed {seed}: ended with {status}"
    finally:
        process.kill()
        process.wait()
    if log.exists():
        ledger.take(log, at if killed else at + _LONGEST_S)  # what was promised before a quit is all there
    _wait_until(f"seed {seed}: {_family(process.pid)} left", lambda: not _family(process.pid), 10)
    if not killed:
        assert not Path(server_name(data)).exists(), f"seed {seed}: a socket is left"
    held = lock.take(Paths.default(data).window_lock)
    assert held is not None, f"seed {seed}: a lock is left"
    held.release()


def _row(folder: Path, model: Path, seed: int, starts: int, kills: int) -> None:
    print(f"seed {seed}")
    ends = [True] * kills + [False] * (starts - kills - 1)
    random.Random(seed).shuffle(ends)
    ledger = Ledger()
    for number, killed in enumerate([*ends, False]):
        _live(folder, model, seed + number, ledger, killed)
        store = Paths.default(folder / "data").store
        if (store / "conversations.db").exists():
            ledger.check(store)
        assert not ledger.faults, f"seed {seed + number}: {ledger.faults}"
    assert ledger.questions
    assert load(Paths.default(folder / "data").first_frame).place, (
        "where the window was is not known any more"
    )


def _one_window(folder: Path, times: int) -> None:
    """Two starts at the same instant; the second sees to it that the first has its file."""
    for number in range(times):
        data = folder / f"data-{number}"
        command = ["-P", "-m", "ui", "--data-dir", str(data)]
        pair = [_spawn([*command, str(folder / f"{name}.gguf")], folder / "errors") for name in "ab"]
        try:
            _wait_until("both stay", lambda: any(one.poll() is not None for one in pair), 30)  # noqa: B023
            over = [one for one in pair if one.poll() is not None]
            assert [one.returncode for one in over] == [0], (folder / "errors").read_text()
            (left,) = (one for one in pair if one.poll() is None)
            left.terminate()
            assert left.wait(_QUIT_S) == 0
        finally:
            for one in pair:
                one.kill()
                one.wait()
        for one in pair:
            _wait_until("a process is left", lambda: not _family(one.pid), 10)  # noqa: B023
        assert not Path(server_name(data)).exists()


@pytest.fixture(autouse=True)
def short_folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sockets of tests are not among those of the person who runs them."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


def test_a_few_starts(tmp_path: Path, hybrid: Path) -> None:
    _row(tmp_path, hybrid, secrets.randbelow(1 << 30), starts=5, kills=2)


def test_two_starts_at_the_same_instant(tmp_path: Path) -> None:
    _one_window(tmp_path, 2)


def test_it_goes_on_after_it_was_put_to_sleep(tmp_path: Path, hybrid: Path) -> None:
    """Window and engine stand still for a while, as on a machine that sleeps; then all goes on."""
    log, data = tmp_path / "log", tmp_path / "data"
    process = _spawn(["-m", "tests.kill.starter", str(data), str(hybrid), "5", str(log)], tmp_path / "errors")
    try:
        _wait_until("not ready", lambda: _is_ready(log))
        _wait_until("no answer", lambda: b'"stream"' in log.read_bytes())
        os.killpg(process.pid, signal.SIGSTOP)
        time.sleep(1.5)
        before = log.stat().st_size
        os.killpg(process.pid, signal.SIGCONT)
        _wait_until("it stands", lambda: log.read_bytes()[before:].count(b'"stream"') > 5)
        process.terminate()
        assert process.wait(_QUIT_S) == 0
    finally:
        process.kill()
        process.wait()
    ledger = Ledger()
    ledger.take(log, time.monotonic())
    ledger.check(Paths.default(data).store)
    assert not ledger.faults


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_fifty_starts(tmp_path: Path, hybrid: Path) -> None:
    _row(tmp_path, hybrid, secrets.randbelow(1 << 30), starts=50, kills=20)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_ten_pairs(tmp_path: Path) -> None:
    _one_window(tmp_path, 10)
