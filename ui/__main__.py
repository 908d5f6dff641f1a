"""The entry point `cascade-desk`: a subcommand goes to the command line, else the window opens."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli import COMMANDS
from app.cli import main as cli_main

if TYPE_CHECKING:
    from app.paths import Paths
    from ui.crash import CrashGuard

_NO_DISPLAY = 'No display was found, so no window can open. In this terminal: cascade-desk ask "…"'
_WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")
_SIGNAL_POLL_MS = 250


def main(argv: Sequence[str] | None = None) -> int:
    """Run and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] and arguments[0] in COMMANDS:
        return cli_main(arguments)
    if arguments[:1] == ["export-process"]:
        from ui.export.process import main as export_main

        return export_main()
    parser = argparse.ArgumentParser(
        prog="cascade-desk",
        description="Open the window. `cascade-desk ask --help` tells of the command line.",
    )
    parser.add_argument("model", nargs="?", metavar="MODEL.gguf", help="a model to load at start")
    parser.add_argument(
        "--attach", metavar="PATH", action="append", default=[], help="a document or a folder; repeatable"
    )
    parser.add_argument("--data-dir", metavar="PATH", help="keep the app's data there")
    options = parser.parse_args(arguments)
    if not has_display():
        sys.stderr.write(f"cascade-desk: {_NO_DISPLAY}\n")
        return 1
    return run_window(options)


def has_display() -> bool:
    """Whether Qt has something to draw on; it would end the process otherwise."""
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in _WITHOUT_DISPLAY:
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    return bool(os.environ.get("DISPLAY")) and _x_server_answers()


def _x_server_answers() -> bool:
    """Whether a connection to DISPLAY can be made; Qt would abort where it can't."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # let Qt say what is missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return answers


def run_window(options: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    from app.paths import Paths
    from ui.crash import CrashGuard

    paths = Paths.default(options.data_dir)
    guard = CrashGuard(paths.logs)
    guard.start()
    try:
        status, stuck = _open_window(options, paths, guard)
    except Exception as error:
        guard.stop(error)
        raise
    guard.stop()
    if stuck:
        # A thread that still repairs a large database is not waited for: that is safe to break off.
        _flush()
        os._exit(status)
    return status


def _open_window(options: argparse.Namespace, paths: Paths, guard: CrashGuard) -> tuple[int, bool]:
    """The exit status, and whether a thread could not be ended."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from ui import open_mark
    from ui.application import Application
    from ui.speaking import speak

    open_mark.hold()
    guard.listen_to_qt()
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName("cascade-desk")
    qt.setApplicationDisplayName("Cascade Desk")
    speak(qt, paths.settings)
    application = Application(qt, paths)
    guard.watch(application)
    application.start(options.model)
    application.attachments.add_paths([os.path.abspath(path) for path in options.attach])  # noqa: PTH100 - no look
    # Python sees signals only when it runs: a slow timer lets it, and quit closes everything.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: application.window.close())
    poll = QTimer()
    poll.start(_SIGNAL_POLL_MS)
    poll.timeout.connect(_let_python_run)
    status = qt.exec()
    application.close()
    return status, application.stuck


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _let_python_run() -> None:
    """Nothing to do: entering Python is what delivers a pending signal."""


if __name__ == "__main__":
    raise SystemExit(main())
