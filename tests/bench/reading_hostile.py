"""The reading surface with answers that mean harm: what the window stalls by while it takes them in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import perf_counter

from tests.bench.rows import Row

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_SECONDS = 1.5  # of each case, at most
_PIECE = 50_000  # characters that come at a time
_BOUND = 100


def _cases() -> Iterator[tuple[str, str]]:
    from tests.ui.chat.hostile import MANY, NESTED, SMALL, lines

    for group, texts in (("", SMALL), ("nested ", NESTED), ("many ", MANY), ("10 MB of ", lines())):
        for name, text in texts.items():
            yield group + name, text


def _turn() -> float:
    from PySide6.QtCore import QCoreApplication

    begun = perf_counter()
    QCoreApplication.processEvents()
    return perf_counter() - begun


def _streamed(text: str) -> float:
    """The longest turn of the event loop while an answer streams and the reader jumps about in it, s."""
    from ui.chat.view import ChatView
    from ui.theme import ThemeManager

    view = ChatView(ThemeManager())
    view.resize(900, 700)
    view.show()
    view.add_message("a", "assistant")
    begun, at, longest = perf_counter(), 0, 0.0
    while perf_counter() - begun < _SECONDS:
        if at < len(text):
            view.append_text("a", "answer", text[at : at + _PIECE])
            at += _PIECE
        longest = max(longest, _turn())
    bar = view.verticalScrollBar()
    for part in (0.5, 0.0, 1.0):
        jumped = perf_counter()
        bar.setValue(int(bar.maximum() * part))
        view.viewport().repaint()
        longest = max(longest, perf_counter() - jumped, _turn())
    view.clear()
    view.close()
    view.deleteLater()
    _turn()
    return longest


def _stall(text: str) -> float:
    """Milliseconds; a long one is measured once more, as the machine may have been at something else."""
    first = 1000 * _streamed(text)
    return first if first <= _BOUND else min(first, 1000 * _streamed(text))


def rows() -> list[Row]:
    """The worst of all cases; which one it was stands beside it."""
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    found = sorted(((_stall(text), name) for name, text in _cases()), reverse=True)
    application.processEvents()
    worst, name = found[0]
    middle = found[len(found) // 2][0]
    return [
        Row("reading.hostile_stall_ms", worst, "ms", _BOUND, "lower", f"worst of {len(found)}: {name}"),
        Row("reading.hostile_median_stall_ms", middle, "ms", None, "lower", "the case in the middle"),
    ]
