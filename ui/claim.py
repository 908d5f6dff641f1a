"""Whether this start opens the window, or tells the one that is open."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from app.paths import Paths
from ui import lock

#: A window that has not answered by then hangs.
_ANSWER_S = 5.0
#: While nobody listens, the one that has the folder starts, or ends: it may save for so long.
_FREE_S = 25.0


class ElsewhereError(Exception):
    """Another process has the window; `status` is what to exit with, `words` what to say, if anything."""

    def __init__(self, status: int, words: str = "") -> None:
        super().__init__(words)
        self.status, self.words = status, words


def claim(paths: Paths, files: tuple[str, ...], attach: tuple[str, ...]) -> lock.Lock | None:
    """The lock of the data folder; None where none can be had, and windows can't know of each other.

    Raises ElsewhereError when the files were handed over, or the window there does not answer.
    """
    end = time.monotonic() + _FREE_S
    while True:
        try:
            held = lock.take(paths.window_lock)
        except OSError:
            return None
        if held is not None:
            return held
        from ui.handover import TAKEN, Handover, server_name
        from ui.instance import hand_over, wait_a_moment

        message = Handover(files, attach, _token())
        try:
            name = server_name(paths.data)
        except OSError:
            raise ElsewhereError(1, _hangs()) from None
        answer = hand_over(name, message, _ANSWER_S)
        if answer == TAKEN:
            raise ElsewhereError(0)
        if answer:
            raise ElsewhereError(1, _other())
        if answer is None or time.monotonic() >= end:
            raise ElsewhereError(1, _hangs())
        wait_a_moment()


def _other() -> str:
    from app.language import tr

    return tr("Cascade Desk is open already, in another version. Close it, then start this one again.")


def _hangs() -> str:
    from app.language import tr

    return tr(
        "Cascade Desk is open already, but does not answer. Your conversations are safe. Wait a moment; "
        "if it stays like that, end it and start it again."
    )


def is_writable(folder: Path) -> bool:
    """Whether the app's data can be kept there; makes the folder."""
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def not_portable(folder: Path) -> str:
    """What to say where portable data can't be written."""
    from app.language import tr

    return tr(
        "The app's data can't be kept beside the program: {folder} can't be written. Nothing was changed. "
        "Move the program to a folder of your own, or start it without --portable and without that folder.",
        folder=folder,
    )


def _token() -> str:
    """What the desktop gave this start, so that a window may come to the front."""
    return os.environ.get("XDG_ACTIVATION_TOKEN") or os.environ.get("DESKTOP_STARTUP_ID") or ""


def say(words: str) -> None:
    """Tell the person, in the terminal and in a window: there may be only one of them."""
    if sys.stderr is not None:
        sys.stderr.write(f"cascade-desk: {words}\n")
        sys.stderr.flush()
    from PySide6.QtCore import QCoreApplication, Qt
    from PySide6.QtWidgets import QApplication, QMessageBox

    app = QCoreApplication.instance()
    if app is not None and not isinstance(app, QApplication):
        app.shutdown()
    _kept = QApplication.instance() or QApplication(["cascade-desk"])
    box = QMessageBox(QMessageBox.Icon.Information, "Cascade Desk", words)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setObjectName("already_open")
    box.exec()
