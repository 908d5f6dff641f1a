"""Plays a script in the real window of a process of its own, started as a person starts it.

A script is a generator: it does something, then yields what has to hold before it goes on.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.application import Application

Script = Callable[[Application], Iterator[Callable[[], bool]]]
_WAIT_S = 60.0
_STEP_MS = 15


class Player(QObject):
    """Goes on with the script as soon as it can; a script that is stuck ends the process with status 3."""

    def __init__(self, desk: Application, script: Script) -> None:
        super().__init__(desk)
        self.setObjectName("player")
        self._steps = script(desk)
        self._desk = desk
        self._holds: Callable[[], bool] = lambda: True
        self._since = time.monotonic()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_time)
        self._timer.start(_STEP_MS)

    @Slot()
    def _on_time(self) -> None:
        try:
            if self._holds():
                self._holds = next(self._steps)
                self._since = time.monotonic()
            elif time.monotonic() - self._since > _WAIT_S:
                raise TimeoutError(f"stuck at line {self._steps.gi_frame.f_lineno}")  # type: ignore[attr-defined]
        except StopIteration:
            self._timer.stop()
            self._desk.window.close()
        except BaseException:
            traceback.print_exc()
            os._exit(3)


def play(script: Script, data: str, model: str, engine: list[str] | None = None) -> int:
    """Run the program with `script`; its exit status.

    Args:
        engine: the command of an engine in place of the real one.
    """
    start, make = Application.start, Application.__init__

    def scripted(self: Application, wanted: str | None = None) -> None:
        start(self, wanted)
        Player(self, script)

    def made(self: Application, qt: QApplication, paths: object, **rest: object) -> None:
        make(self, qt, paths, engine, **rest)  # type: ignore[arg-type]

    Application.start = scripted  # type: ignore[method-assign]
    Application.__init__ = made  # type: ignore[method-assign,assignment]
    sys.argv = ["cascade-desk", "--data-dir", data, model]
    from ui.__main__ import main

    return main(sys.argv[1:])


def type_question(desk: Application, text: str) -> None:
    """Type into the composer and press Enter."""
    from PySide6.QtCore import Qt

    QTest.keyClicks(desk.window.composer.edit, text)
    QTest.keyClick(desk.window.composer.edit, Qt.Key.Key_Return)
