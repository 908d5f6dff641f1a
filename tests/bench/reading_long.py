"""A conversation of 10,000 messages: from the click in the sidebar to its end, its memory, its stalls."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import psutil

from tests.bench.reading_texts import conversation
from tests.bench.rows import Row
from tests.bench.watch import Watch

MESSAGES: Final = 10_000
_LAST: Final = f"along{MESSAGES // 2 - 1}"
_WAIT_S = 60.0
_PAGES_UP: Final = 1200


def rows(rounds: int) -> list[Row]:
    """Opened some times from another conversation, then scrolled through from its end to its beginning."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.reading_long", folder, str(max(4, rounds))]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(told.splitlines()[-1])
    peer = f"{MESSAGES:,} messages, {found['megabytes']:.0f} MB of text"
    return [
        Row("reading.open_10k_ms", found["open_ms"], "ms", 150, "lower", f"click to its end, {peer}"),
        Row("reading.open_10k_worst_ms", found["worst_ms"], "ms", None, "lower", "the slowest of them"),
        Row("reading.open_10k_whole_ms", found["whole_ms"], "ms", None, "lower", "until all is at hand"),
        Row("reading.open_10k_stall_ms", found["stall_ms"], "ms", 50, "lower", "event loop, until 2 s later"),
        Row("reading.open_10k_mb", found["grown_mb"], "MB", 50, "lower", peer),
        Row("reading.scroll_10k_stall_ms", found["scroll_stall_ms"], "ms", 50, "lower", "wheel, then jumps"),
        Row("reading.scroll_10k_mb", found["scrolled_mb"], "MB", 50, "lower", "scrolled through as well"),
    ]


def run(folder: Path, rounds: int) -> dict[str, float]:
    """What the window takes; in megabytes of its own memory, and milliseconds."""
    from PySide6.QtWidgets import QApplication

    from app.paths import Paths
    from app.store.store import Store
    from ui.application import Application

    qt = QApplication([])
    paths = Paths.default(folder)
    store = Store.open(paths.store)
    long = conversation(MESSAGES)
    size = sum(len(message.text) + len(message.reasoning) for message in long.messages.values())
    store.create(long)
    store.create(conversation(20, 3, "short"))
    store.close()
    del long
    desk = Application(qt, paths)
    desk.start(str(folder / "none.gguf"))  # the engine takes no part
    until(lambda: bool(desk.library.entries))
    pause(1.5)
    click(desk, "short")
    until(lambda: desk.chat.key == "short")
    pause(1.0)
    before, watch = own_memory(), Watch()
    opened, whole, stalls = [], [], []
    for number in range(rounds):
        watch.start()
        begun = perf_counter()
        end = _Painted(desk.window.view, _LAST)
        click(desk, "long")
        until(lambda end=end: end.at > 0)  # type: ignore[misc]
        opened.append(1000 * (end.at - begun))
        until(lambda: len(desk.window.view.model.messages) == MESSAGES)
        whole.append(1000 * (perf_counter() - begun))
        pause(2.0)
        stalls.append(watch.stop())
        grown = own_memory() - before
        if number < rounds - 1:
            click(desk, "short")
            until(lambda: desk.chat.key == "short")
            pause(0.5)
    watch.start()
    _scroll(desk.window.view)
    scroll_stall = watch.stop()
    pause(1.0)
    scrolled = own_memory() - before
    desk.window.close()
    return {
        "megabytes": size / 1e6, "open_ms": median(opened), "worst_ms": max(opened),
        "whole_ms": median(whole), "stall_ms": max(stalls), "grown_mb": grown,
        "scroll_stall_ms": scroll_stall, "scrolled_mb": scrolled,
    }  # fmt: skip


def _scroll(view: Any) -> None:
    """With the wheel for a while, then by jumps that show a page of each few messages."""
    from tests.bench.reading_hands import wheel

    for _ in range(200):
        wheel(view, 240)
        pause(0.01)
    bar = view.verticalScrollBar()
    for at in range(_PAGES_UP, -1, -1):
        bar.setValue(bar.maximum() * at // _PAGES_UP)
        pause(0.0)


class _Painted:
    """When a message was first painted, 0.0 while it was not."""

    def __init__(self, view: Any, message_id: str) -> None:
        from PySide6.QtCore import QEvent, QObject, QTimer

        class Filter(QObject):
            def eventFilter(_self, _watched, event) -> bool:  # type: ignore[no-untyped-def]  # noqa: N802, N805
                shown = any(placed.item.row.message.id == message_id for placed in view.placer.rows)
                if shown and not self.at and event.type() == QEvent.Type.Paint:
                    QTimer.singleShot(0, self._note)  # behind the painting
                return False

        self.at = 0.0
        self._filter = Filter(view)
        view.viewport().installEventFilter(self._filter)

    def _note(self) -> None:
        self.at = self.at or perf_counter()


def click(desk: Any, key: str) -> None:
    """Click a conversation in the sidebar."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    rows = desk.window.sidebar.list
    number = next(n for n in range(rows.rows.rowCount()) if getattr(rows.rows.row(n), "id", "") == key)
    place = rows.visualRect(rows.rows.index(number)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)


def own_memory() -> float:
    """MB that the process has for itself, when what nobody refers to is gone."""
    gc.collect()
    return float(psutil.Process().memory_full_info().uss) / 2**20


def until(condition: Callable[[], bool]) -> None:
    """Run the event loop until `condition` holds."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    begun = perf_counter()
    while not condition():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        if perf_counter() - begun > _WAIT_S:
            raise TimeoutError


def pause(seconds: float) -> None:
    """Let the event loop run for a while, and once at least."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]))))
