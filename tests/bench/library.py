"""The library: how soon a question is on the screen, a conversation open, a search answered, and
whether the window ever stalls while 100,000 messages are opened, searched and written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.bench.rows import Row
from tests.bench.watch import Watch

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_CONVERSATIONS, _EACH = 100, 1000
_WAIT_S = 60.0
#: Common, rare, the beginning of a word, two words, words that stand side by side.
_QUERIES = ("ba", "quagga", "mo", "ba de", '"ba de"')


def _until(condition: Callable[[], bool]) -> float:
    """Run the event loop until `condition` holds; seconds."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    begun = perf_counter()
    while not condition():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        if perf_counter() - begun > _WAIT_S:
            raise TimeoutError
    return perf_counter() - begun


@contextmanager
def _desk(folder: Path, watch: Watch | None = None):  # type: ignore[no-untyped-def]
    """The real application on a data folder, with the starter model.

    `watch` begins when the empty window is on the screen, before the database is opened.
    """
    from PySide6.QtWidgets import QApplication

    from app.models.starter import starter_path
    from app.paths import Paths
    from ui.application import Application

    qt = QApplication.instance()
    assert isinstance(qt, QApplication)
    desk = Application(qt, Paths.default(folder))
    if watch is not None:
        desk.window.show()
        _pause(0.5)
        watch.start()
    desk.start(str(starter_path()))
    try:
        yield desk
    finally:
        desk.window.close()


class _Painted:
    """Notes when the conversation was last painted, and what stood in it then."""

    def __init__(self, view) -> None:  # type: ignore[no-untyped-def]
        self._view = view

    def shows(self, text: str) -> bool:
        """Whether a row with `text` is on the screen; what waits to be painted is painted."""
        if not any(text in placed.item.plain for placed in self._view.placer.rows):
            return False
        self._view.viewport().repaint()
        return True


def _first_message_ms(desk, rounds: int) -> float:  # type: ignore[no-untyped-def]
    """From the Enter key to the question on the screen, worst of some."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    painted, times = _Painted(desk.window.view), []
    for number in range(max(5, rounds)):
        desk.chat.new()
        _until(lambda: not desk.chat.conversation.messages)
        question = f"What is {number} times seven?"
        QTest.keyClicks(desk.window.composer.edit, question)
        begun = perf_counter()
        QTest.keyClick(desk.window.composer.edit, Qt.Key.Key_Return)
        _until(lambda shown=question: painted.shows(shown))  # type: ignore[misc]
        times.append(1000 * (perf_counter() - begun))
        desk.messages.stop()
        _until(lambda: desk.turns.running is None)
    return max(times)


def _open_ms(desk, rounds: int) -> float:  # type: ignore[no-untyped-def]
    """From the click to the last of 1,000 messages on the screen, the database included."""
    painted, times = _Painted(desk.window.view), []
    for number in range(max(5, rounds)):
        key = f"c{_CONVERSATIONS - number}"
        last = f"m{(_CONVERSATIONS - number) * _EACH}"
        begun = perf_counter()
        desk.window.sidebar.open_requested.emit(key)
        _until(lambda wanted=key: desk.chat.key == wanted)  # type: ignore[misc]
        ending = desk.chat.conversation.messages[last].text[-40:]
        _until(lambda shown=ending: painted.shows(shown))  # type: ignore[misc]
        times.append(1000 * (perf_counter() - begun))
    return median(times)


def _search_ms(desk, rounds: int) -> float:  # type: ignore[no-untyped-def]
    """From the query to its hits in the window: the slowest query's median."""
    worst = 0.0
    found: list[str] = []
    desk.library.hits_found.connect(lambda text, _hits: found.append(text))
    for query in _QUERIES:
        times = []
        for _round in range(max(5, rounds)):
            found.clear()
            begun = perf_counter()
            desk.library.search(query)
            _until(lambda: bool(found))
            times.append(1000 * (perf_counter() - begun))
        worst = max(worst, median(times))
    return worst


def _stall_ms(folder: Path) -> float:
    """Worst gap while a window opens on 100,000 messages, searches, opens and writes."""
    watch = Watch()
    with _desk(folder, watch) as desk:
        _until(lambda: bool(desk.library.entries))
        _until(lambda: desk.models.info is not None)
        desk.library.changed()
        for query in _QUERIES:
            desk.window.sidebar.search.setText(query)
            _until(lambda wanted=query: desk.window.sidebar.search.text() == wanted)  # type: ignore[misc]
            _pause(0.3)
        desk.window.sidebar.search.clear()
        for number in range(1, 6):
            desk.window.sidebar.open_requested.emit(f"c{number}")
            _until(lambda wanted=f"c{number}": desk.chat.key == wanted)  # type: ignore[misc]
            _pause(0.3)
        desk.messages.send("Write a list of ten rivers.")
        _until(lambda: desk.turns.running is not None)
        _pause(2.0)
        desk.messages.stop()
        _until(lambda: desk.turns.running is None)
        desk.library.rename("c1", "Another title")
        desk.library.delete(["c2", "c3"])
        desk.undo.undo_last()
        _pause(0.5)
        return watch.stop()


def _pause(seconds: float) -> None:
    """Let the event loop run for a while."""
    end = perf_counter() + seconds
    _until(lambda: perf_counter() >= end)


def measure(rounds: int) -> list[Row]:
    """All rows of the area."""
    from PySide6.QtWidgets import QApplication

    from app.paths import Paths
    from tests.store.fill import fill

    keep = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(Paths.default(folder).store, _CONVERSATIONS, _EACH)
        with _desk(folder) as desk:
            _until(lambda: desk.models.info is not None and bool(desk.library.entries))
            rows = [
                Row("reading.first_message_ms", _first_message_ms(desk, rounds), "ms", 50, "lower", "worst"),
                Row(
                    "reading.open_conversation_ms",
                    _open_ms(desk, rounds),
                    "ms",
                    150,
                    "lower",
                    "1,000 messages",
                ),
                Row("reading.search_100k_ms", _search_ms(desk, rounds), "ms", 50, "lower", "slowest query"),
            ]
        rows.append(Row("reading.library_stall_ms", _stall_ms(folder), "ms", 50, "lower", "100,000 messages"))
    keep.processEvents()
    return rows
