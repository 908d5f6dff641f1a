"""Text that comes at 5,000 tokens a second, through the whole window: is it shown in time, does it stall?

The engine is a process that says one token after the other; everything from its pipe to the paint event is
the window's own, the store and the process that draws formulas included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from tests.bench.reading_hands import DOINGS
from tests.bench.rows import Row
from tests.bench.watch import Watch

SPEED = 5000  # tokens a second, of 4 characters
_SECONDS = 20.0
_WAIT_MS = 60_000


def rows(seconds: float = _SECONDS) -> list[Row]:
    """While somebody reads along, scrolls, and selects."""
    found = []
    for name in ("", "scrolling", "selecting"):
        # In a process of its own: an application is there once.
        command = [sys.executable, "-m", "tests.bench.reading_stream", name, str(seconds)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        behind, p99, longest, formulas = json.loads(told.splitlines()[-1])
        prefix = f"reading.stream_{name}_" if name else "reading.stream_"
        peer = f"{SPEED:,} tokens/s, {formulas} formulas drawn"
        found += [
            Row(f"{prefix}behind_ms", behind, "ms", 100, "lower", peer),
            Row(f"{prefix}gap_p99_ms", p99, "ms", 16, "lower", "event loop"),
            Row(f"{prefix}gap_max_ms", longest, "ms", 50, "lower", "event loop"),
        ]
    return found


def run(doing: Callable[[object, int], None], seconds: float) -> tuple[float, float, float, int]:
    """How far behind the text was, gaps of the event loop (99th percentile, longest; ms), formulas drawn."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from app.models.starter import starter_path
    from app.paths import Paths
    from ui.application import Application

    qt = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "said"
        model = starter_path()  # a file that may be a model: nobody loads it
        engine = [
            sys.executable,
            str(Path(__file__).with_name("reading_engine.py")),
            str(SPEED),
            str(seconds),
        ]
        desk = Application(qt, Paths.default(Path(folder) / "data"), [*engine, str(log)])
        loop, watch = QEventLoop(), Watch()
        QTimer.singleShot(_WAIT_MS, loop.quit)
        desk.models.ready.connect(loop.quit)
        desk.start(str(model))
        desk.window.resize(1280, 900)
        loop.exec()
        desk.models.ready.disconnect(loop.quit)
        QTimer.singleShot(2000, loop.quit)  # what comes behind the load is no part of this
        loop.exec()
        painted = Painted(desk.window.view)
        ticks = iter(range(10**9))
        hands = QTimer()
        hands.timeout.connect(lambda: doing(desk.window.view, next(ticks)))
        desk.turns.finished.connect(loop.quit)
        desk.turns.began.connect(lambda _exchange: watch.start())
        hands.start(40)
        desk.messages.send("Write a lot.")
        QTimer.singleShot(_WAIT_MS, loop.quit)
        loop.exec()
        hands.stop()
        longest = watch.stop()
        behind = painted.behind(log)
        formulas = len(desk.window.view.formulas._known)
        desk.window.close()
    return 1000 * behind, watch.quantile(0.99), longest, formulas


class Painted:
    """How much of the answer each paint event had to show."""

    def __init__(self, view) -> None:  # type: ignore[no-untyped-def]
        from PySide6.QtCore import QEvent, QObject

        class Filter(QObject):
            def eventFilter(_self, _watched, event) -> bool:  # type: ignore[no-untyped-def]  # noqa: N802, N805
                if event.type() == QEvent.Type.Paint:
                    self._note()
                return False

        self._view, self._filter = view, Filter()
        self._seen, self._length = 0, 0
        self._notes: list[tuple[float, int]] = []
        view.viewport().installEventFilter(self._filter)

    def _note(self) -> None:
        from ui.chat.message import ANSWER

        messages = self._view.model.messages
        if not messages or messages[-1].role != "assistant":
            return
        section = messages[-1].sections[ANSWER]
        self._length += sum(map(len, section.given[self._seen :]))
        self._seen = len(section.given)
        self._notes.append((perf_counter(), self._length - sum(map(len, section.pending))))

    def behind(self, log: Path) -> float:
        """Seconds from a character's being said to the paint event that first has it, at most."""
        said = [(float(at), int(count)) for at, count in map(str.split, log.read_text().splitlines())]
        counts = [count for _at, count in said]
        longest, shown = 0.0, 0
        for at, count in self._notes:
            if count > shown:
                first = min(bisect_right(counts, shown), len(said) - 1)
                longest, shown = max(longest, at - said[first][0]), count
        if shown < 0.9 * counts[-1]:
            raise AssertionError(f"{shown} of {counts[-1]} characters were painted")
        return longest


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps(run(DOINGS[sys.argv[1]], float(sys.argv[2]))))
