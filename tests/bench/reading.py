"""The reading surface: what one update costs, and whether the window ever stalls while a model streams."""

from __future__ import annotations

import os
import tempfile

from tests.bench import reading_hostile, reading_long, reading_stream, reading_updates
from tests.bench.rows import Row
from tests.bench.watch import Watch

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def _stall_ms(data_dir: str) -> float:
    """Worst gap of the event loop while the starter model answers in the real window."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from app.models.starter import starter_path
    from app.paths import Paths
    from ui.application import Application

    qt = QApplication.instance()
    assert isinstance(qt, QApplication)
    application = Application(qt, Paths.default(data_dir))
    starter = starter_path()
    assert starter is not None
    application.start(str(starter))
    watch, loop = Watch(), QEventLoop()

    def wait_for(signal, wanted) -> None:  # type: ignore[no-untyped-def]
        def on_signal(value) -> None:  # type: ignore[no-untyped-def]
            if wanted(value):
                loop.quit()

        signal.connect(on_signal)
        QTimer.singleShot(120_000, loop.quit)
        loop.exec()
        signal.disconnect(on_signal)

    wait_for(application.models.model_changed, lambda info: info is not None)
    watch.start()
    application.messages.send("Write a story of five paragraphs about a river, with a list of its fish.")
    QTimer.singleShot(12_000, application.messages.stop)
    wait_for(application.chat.busy_changed, lambda busy: not busy)
    longest = watch.stop()
    application.window.close()
    return longest


def measure(rounds: int) -> list[Row]:
    """All rows of the area."""
    from PySide6.QtWidgets import QApplication

    qt = QApplication.instance() or QApplication([])
    rows = reading_updates.rows(rounds) + reading_stream.rows() + reading_long.rows(rounds)
    with tempfile.TemporaryDirectory() as folder:
        stall = _stall_ms(folder)
    rows.append(Row("reading.stall_ms", stall, "ms", 50, "lower", "worst gap while the starter streams"))
    rows += reading_hostile.rows()
    qt.processEvents()
    return rows
