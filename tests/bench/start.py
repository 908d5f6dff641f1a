"""How soon the window is there, what it takes while nobody does anything, and how soon it is gone.

The same black box for all: a screen of its own, keys, /proc. From source, and frozen where there is a
frozen program (CASCADE_FROZEN names its folder, else dist/cascade-desk), each against a bare window that
is started in the same way, by turns.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from tests.bench.rows import Row
from tests.bench.start_screen import screen, stopwatch
from ui.first_frame import load

_ROOT = Path(__file__).resolve().parent.parent.parent
_BARE = _ROOT / "tests" / "bench" / "start_bare.py"
_IDLE_S = 20.0
#: Behind the start: models, caches and what is warmed up have come to rest.
_REST_S = 12.0
_LONGEST_S = 60.0
_TURNS = 9
_MB = 2**20


@dataclass(frozen=True)
class Pair:
    """A program and the bare window that it is measured against."""

    name: str
    ours: Sequence[str]
    bare: Sequence[str]


def measure(rounds: int) -> list[Row]:
    """All rows of the area; none where there is no Xvfb."""
    if sys.platform != "linux":
        print("start: measured on Linux only")
        return []
    rows: list[Row] = []
    for pair in _pairs():
        with screen() as display, tempfile.TemporaryDirectory() as folder:
            rows += _times(pair, display, Path(folder), max(_TURNS, rounds))
            rows += _rest(pair, display, Path(folder))
    return rows


def _pairs() -> list[Pair]:
    found = [Pair("source", [sys.executable, "-P", "-m", "ui"], [sys.executable, "-P", str(_BARE)])]
    program = Path(os.environ.get("CASCADE_FROZEN") or _ROOT / "dist" / "cascade-desk") / "cascade-desk"
    if not program.exists():
        print(f"start: no frozen program at {program}: make package")
    elif (bare := _frozen_bare()) is not None:
        found.append(Pair("frozen", [str(program)], [str(bare)]))
    return found


def _frozen_bare() -> Path | None:
    """The bare window frozen in the same way; None where PyInstaller is not installed."""
    folder = _ROOT / "build" / "bare"
    program = folder / "start_bare" / "start_bare"
    if not program.exists() or program.stat().st_mtime < _BARE.stat().st_mtime:
        command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
        command += ["--distpath", str(folder), "--workpath", str(folder / "work"), "--specpath", str(folder)]
        if subprocess.run([*command, str(_BARE)], check=False, cwd=_ROOT).returncode:
            print("start: the bare window could not be frozen")
            return None
    return program


def _environment() -> dict[str, str]:
    # With the last of them, sources would be compiled at each start.
    left_out = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def _field(data: Path) -> tuple[int, int]:
    """Where the composer writes, from the left and from the lower edge."""
    frame = load(data / "first-frame.json")
    return frame.x + frame.left, frame.y + frame.above + 4 - frame.height


def _times(pair: Pair, display: str, folder: Path, rounds: int) -> list[Row]:
    """To a usable window, and from SIGTERM to the end."""
    data, environment = folder / "times", _environment()
    ours, bare, quits = [], [], []
    for turn in range(rounds + 1):
        times, process = stopwatch(display, pair.bare, (8, 8), environment)
        process.kill()
        process.wait()
        bare.append(times.usable)
        times, process = stopwatch(display, [*pair.ours, "--data-dir", str(data)], _field(data), environment)
        ours.append(times.usable)
        engine = _engine(process.pid)
        _settle(engine)
        began = time.monotonic()
        process.terminate()
        process.wait(_LONGEST_S)
        quits.append(time.monotonic() - began)
        if not turn:
            for found in (ours, bare, quits):  # files come from the disk the first time
                found.clear()
    # By pairs, one right behind the other: the machine is not as quick at every moment.
    ratio = median(one / other for one, other in zip(ours, bare, strict=True))
    name = f"start.{pair.name}"
    return [
        Row(f"{name}.usable_s", median(ours), "s", None, "lower"),
        Row(f"{name}.bare_s", median(bare), "s", None, "lower"),
        Row(f"{name}.times_bare", ratio, "×", 1.5, "lower", "a window with a QTextEdit"),
        Row(f"{name}.quit_s", max(quits), "s", 2.0, "lower"),
    ]


def _engine(window: int) -> psutil.Process:
    """The process of the model, once there is one."""
    end = time.monotonic() + _LONGEST_S
    while time.monotonic() < end:
        for child in psutil.Process(window).children():
            if "engine-process" in child.cmdline():
                return child
        time.sleep(0.05)
    raise AssertionError("no engine")


def _settle(process: psutil.Process) -> None:
    """Until it has loaded, and does nothing."""
    quiet, before = 0, -1.0
    end = time.monotonic() + _LONGEST_S
    while quiet < 5:
        if time.monotonic() > end:
            raise AssertionError("the engine does not come to rest with a model")
        time.sleep(0.2)
        now = _seconds(process)
        quiet, before = (quiet + 1 if now - before < 0.01 and _has_model(process) else 0), now


def _has_model(process: psutil.Process) -> bool:
    return any(part.path.endswith(".gguf") for part in process.memory_maps())


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _rest(pair: Pair, display: str, folder: Path) -> list[Row]:
    """Processor time and memory while nobody does anything, with a model loaded."""
    data, environment = folder / "times", _environment()
    _, process = stopwatch(display, pair.bare, (8, 8), environment)
    time.sleep(1.0)
    least = psutil.Process(process.pid).memory_full_info().pss
    process.kill()
    process.wait()
    _, process = stopwatch(display, [*pair.ours, "--data-dir", str(data)], _field(data), environment)
    try:
        window = psutil.Process(process.pid)
        engine = _engine(process.pid)
        _settle(engine)
        time.sleep(_REST_S)
        began, before = time.monotonic(), [_seconds(one) for one in (window, engine)]
        time.sleep(_IDLE_S)
        spent = [_seconds(one) - was for one, was in zip((window, engine), before, strict=True)]
        share = 100 / (time.monotonic() - began)
        memory = window.memory_full_info().pss
    finally:
        process.terminate()
        process.wait(_LONGEST_S)
    name, limit = f"start.{pair.name}", 1.5 * least / _MB + 60
    return [
        Row(f"{name}.idle_pct", share * sum(spent), "%", 0.5, "lower", "of a core, window and engine"),
        Row(f"{name}.idle_window_pct", share * spent[0], "%", None, "lower"),
        Row(f"{name}.window_mb", memory / _MB, "MB", limit, "lower", f"bare: {least / _MB:.0f} MB"),
    ]
