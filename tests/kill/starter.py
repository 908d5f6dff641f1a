"""The program as it starts by itself, used at random by a driver once it is there.

    python -m tests.kill.starter DATA MODEL SEED LOG

A SIGTERM ends it as it ends the program; the driver does nothing more from then on.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.paths import Paths
from tests.kill.driver import Driver, Log
from ui.claim import claim
from ui.start import Asked, Starter


def main() -> int:
    data, model, seed, log = sys.argv[1:]
    paths = Paths.default(data)
    lock = claim(paths, (), ())
    qt = QApplication(sys.argv[:1])
    starter = Starter(qt, Asked(paths, (model,), (), lock))
    found: list[Driver] = []
    watch = QTimer()
    watch.setInterval(5)

    def drive() -> None:
        desk = starter.application
        # revealed: what is typed goes into the real field, and can be looked up there
        if desk is not None and desk.window.picture is None and not found:
            watch.stop()
            found.append(Driver(desk, int(seed), Log(Path(log))))
            if desk.models.is_ready():
                found[0].begin()

    watch.timeout.connect(drive)
    watch.start()
    status = qt.exec()
    if starter.end():
        os._exit(status)  # as the program does where a thread, as that of the keyring, does not come back
    return status


if __name__ == "__main__":
    raise SystemExit(main())
