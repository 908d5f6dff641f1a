"""The app is killed at random moments: nothing older than 250 ms is lost, and it always starts again."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.paths import Paths
from tests.kill.ledger import Ledger

_START_S = 60.0
_LONGEST_S = 4.0


def start(folder: Path, model: Path, seed: int) -> tuple[subprocess.Popen[bytes], Path]:
    """A driver on the data in `folder`, and its log."""
    log = folder / f"log-{seed}.jsonl"
    command = [
        sys.executable,
        "-m",
        "tests.kill.driver",
        str(folder / "data"),
        str(model),
        str(seed),
        str(log),
    ]
    with (folder / "stderr").open("ab") as errors:
        environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
        return subprocess.Popen(command, stderr=errors, stdout=errors, env=environment), log


def kill(process: subprocess.Popen[bytes]) -> float:
    """End it as the system does when there is no memory; when that was."""
    killed = time.monotonic()
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    return killed


def run_and_kill(folder: Path, model: Path, seed: int, ledger: Ledger) -> int:
    """One life of the app: started, used, killed; how many things it had promised."""
    process, log = start(folder, model, seed)
    try:
        _wait_for(log, process)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(random.Random(seed).uniform(0.05, _LONGEST_S))
    finally:
        killed = kill(process)
    return ledger.take(log, killed)


def _wait_for(log: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while not (log.exists() and b'"ready"' in log.read_bytes()):
        assert process.poll() is None, "the app ended by itself"
        assert time.monotonic() < deadline, "the app did not start"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)


def live(folder: Path, model: Path, seeds: range) -> None:
    """So many lives on one data folder, each checked behind its end."""
    ledger, promises = Ledger(), 0
    store = Paths.default(folder / "data").store
    for seed in seeds:
        promises += run_and_kill(folder, model, seed, ledger)
        _check_integrity(store)
        ledger.check(store)
        assert not ledger.faults, f"seed {seed}: {ledger.faults}"
    assert promises > 10 * len(seeds)
    assert len(ledger.questions) > len(seeds) // 2
    assert len(ledger.streams) > len(seeds) // 2
    print(
        f"\n{len(seeds)} kills: {promises} things promised, {len(ledger.questions)} questions, "
        f"{len(ledger.streams)} answers, nothing lost"
    )


def _check_integrity(store: Path) -> None:
    connection = sqlite3.connect(store / "conversations.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def test_a_few_kills(tmp_path: Path, hybrid: Path) -> None:
    live(tmp_path, hybrid, range(2))


def test_two_windows_on_one_folder(tmp_path: Path, hybrid: Path) -> None:
    """Both save to the same database, both are killed: no question and no answer of either is lost."""
    ledgers = Ledger(), Ledger()
    pair = [start(tmp_path, hybrid, seed) for seed in (71, 72)]
    try:
        for process, log in pair:
            _wait_for(log, process)
        with pytest.raises(subprocess.TimeoutExpired):
            pair[0][0].wait(_LONGEST_S)
    finally:
        ends = [kill(process) for process, _ in pair]
    store = Paths.default(tmp_path / "data").store
    _check_integrity(store)
    for ledger, (_, log), end in zip(ledgers, pair, ends, strict=True):
        assert ledger.take(log, end) > 10
        assert ledger.questions
        # Titles, pins and drafts may be the other one's by now.
        ledger.titles, ledger.drafts, ledger.pins = {}, {}, {}
        ledger.check(store)
        assert not ledger.faults


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_kills(tmp_path: Path, hybrid: Path) -> None:
    live(tmp_path, hybrid, range(1000, 1100))
