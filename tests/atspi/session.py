"""A desktop session for one program: a screen that nobody sees, a session bus, and what AT-SPI needs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_END_S = 10


class Desktop(NamedTuple):
    """A screen, its session bus, and the environment of a program that is started there."""

    folder: str
    bus: str
    environment: dict[str, str]


@contextlib.contextmanager
def desktop() -> Iterator[Desktop]:
    """A session without a program."""
    # Sockets' names may not be long, so the test's own folder will not do.
    with tempfile.TemporaryDirectory(prefix="atspi-") as folder, contextlib.ExitStack() as running:
        environment = _environment(folder)
        display = _start(
            running, ["Xvfb", "-noreset", "-displayfd", "{}", "-screen", "0", "1280x900x24"], environment
        )
        environment["DISPLAY"] = f":{display}"
        bus = ["dbus-daemon", "--session", "--nofork", "--print-address={}"]
        environment["DBUS_SESSION_BUS_ADDRESS"] = _start(running, bus, environment)
        yield Desktop(folder, environment["DBUS_SESSION_BUS_ADDRESS"], environment)


@contextlib.contextmanager
def session(*arguments: str, module: str = "ui") -> Iterator[str]:
    """The app with these arguments in a session of its own; the address of its session bus."""
    with desktop() as place, contextlib.ExitStack() as running:
        app = [sys.executable, "-X", "faulthandler", "-m", module, *arguments]
        log = Path(place.folder, "app.log")
        with log.open("wb") as output:
            process = subprocess.Popen(app, env=place.environment, stderr=output, start_new_session=True)
        running.callback(_end, process, log)
        yield place.bus


def _environment(folder: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "WAYLAND"))}
    kept |= {"XDG_RUNTIME_DIR": folder, "XDG_CACHE_HOME": folder, "GSETTINGS_BACKEND": "memory"}
    return kept | {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}


def _start(running: contextlib.ExitStack, command: list[str], environment: dict[str, str]) -> str:
    """Start a server that writes one line to a descriptor when it is ready; that line."""
    reading, writing = os.pipe()
    filled = [part.format(writing) for part in command]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(filled, env=environment, pass_fds=(writing,), start_new_session=True, **quiet)
    running.callback(_end, process, None)
    os.close(writing)
    with os.fdopen(reading) as line:
        return line.readline().strip()


def _end(process: subprocess.Popen[bytes], log: Path | None) -> None:
    """End a server and what it has started. The app must end without a fault when it is asked to."""
    own_end = process.poll()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        status = process.wait(_END_S)
    except subprocess.TimeoutExpired:
        status = None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if log is not None:
        said = log.read_text(encoding="utf-8", errors="replace")
        print(said)
        assert own_end is None, f"the app ended by itself with {own_end}: {said[-2000:]}"
        assert status in (0, -signal.SIGTERM), f"the app ended with {status}: {said[-2000:]}"
        assert "Traceback" not in said


def missing() -> list[str]:
    """Programs that a session needs and this machine lacks."""
    found = [name for name in ("Xvfb", "dbus-daemon") if shutil.which(name) is None]
    folders = ("libexec", "lib/at-spi2-core", "lib")
    launchers = (Path("/usr", folder, "at-spi-bus-launcher") for folder in folders)
    return found if any(one.exists() for one in launchers) else [*found, "at-spi2-core"]
