"""The reading surface: what one update costs, and whether the window ever stalls while a model streams."""

from __future__ import annotations

import itertools
import os
import tempfile
from statistics import median
from time import perf_counter

from tests.bench import reading_hostile
from tests.bench.rows import Row
from tests.bench.watch import Watch

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_UPDATES = 150
_CHUNK = "and so it is "
_SECTION = """\
## Section {n}

The **river** runs past the *old* mill, and `turns({n})` a wheel that nobody has looked at for years, \
since the road was moved to the other side of the valley and the miller's children went to the city.

- first point of the list, with a [link](https://example.org/{n})
- second point, which is a little longer than the first one

```python
def step_{n}(values):
    return [value * {n} for value in values if value > 0]
```

| a | b |
|---|---|
| {n} | two |

"""


def _document(size: int) -> str:
    """Mixed Markdown of about `size` characters."""
    parts, length = [], 0
    for number in itertools.count():
        part = _SECTION.format(n=number)
        parts.append(part)
        length += len(part)
        if length >= size:
            return "".join(parts)
    raise AssertionError


def _update_ms(channel: str, size: int, formulas: bool = False) -> float:
    """Median milliseconds of one append, its layout and its painting, behind `size` characters."""
    from PySide6.QtCore import QCoreApplication, Qt, QThread

    from ui.chat.view import ChatView
    from ui.theme import ThemeManager
    from ui.workers.math import MathWorker

    view, worker, thread = ChatView(ThemeManager()), MathWorker(), QThread()
    worker.moveToThread(thread)
    view.formulas.wanted.connect(worker.want, Qt.ConnectionType.DirectConnection)
    worker.drawn.connect(view.formulas.on_drawn)
    thread.start()
    view.resize(1000, 700)
    view.show()
    view.add_message("q", "user", "Tell me")
    view.add_message("a", "assistant")
    if channel == "reasoning":
        view.set_thought("a", True, 1.0, 10)
    view.append_text("a", channel, _document(size))
    view.visible_plain_text()
    view.scroll_to_end()
    times = []
    for number in range(_UPDATES):
        # A blank line now and then: paragraphs close, as they do in an answer.
        text = _CHUNK + ("\n\n" if number % 40 == 39 else "")
        if formulas and number % 8 == 0:
            text += f"$\\frac{{x_{{{number}}}}}{{2}}$ "
        begun = perf_counter()
        view.append_text("a", channel, text)
        view.flush()
        view.viewport().repaint()
        times.append(1000 * (perf_counter() - begun))
        QCoreApplication.processEvents()
    worker.stop()
    thread.quit()
    thread.wait()
    worker.close()
    view.close()
    view.deleteLater()
    return median(times)


def _update_rows(rounds: int) -> list[Row]:
    rows = []
    cases = (
        ("answer", "update", False),
        ("reasoning", "thought_update", False),
        ("answer", "formula_update", True),
    )
    for channel, name, formulas in cases:
        small, large = [], []
        for _round in range(max(3, rounds // 2)):
            small.append(_update_ms(channel, 10_000, formulas))
            large.append(_update_ms(channel, 1_000_000, formulas))
        ratio = median(b / a for a, b in zip(small, large, strict=True))
        rows.append(Row(f"reading.{name}_1mb_over_10kb", ratio, "ratio", 1.5, "lower", "the same at 10 KB"))
        rows.append(Row(f"reading.{name}_1mb_ms", median(large), "ms", None, "lower"))
    return rows


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
    rows = _update_rows(rounds)
    with tempfile.TemporaryDirectory() as folder:
        stall = _stall_ms(folder)
    rows.append(Row("reading.stall_ms", stall, "ms", 50, "lower", "worst gap while the starter streams"))
    rows += reading_hostile.rows()
    qt.processEvents()
    return rows
