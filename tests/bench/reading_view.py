"""A conversation view of its own, with the processes that draw its formulas and colour its code."""

from __future__ import annotations

from types import TracebackType


class Stage:
    """The view, its workers and their threads, for as long as `with` lasts."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QThread

        from ui.chat.view import ChatView
        from ui.theme import ThemeManager
        from ui.workers.colours import ColourWorker
        from ui.workers.math import MathWorker

        self.view, math, colours = ChatView(ThemeManager()), MathWorker(), ColourWorker()
        self.view.formulas.wanted.connect(math.want, Qt.ConnectionType.DirectConnection)
        math.drawn.connect(self.view.formulas.on_drawn)
        self.view.colours.wanted.connect(colours.want, Qt.ConnectionType.DirectConnection)
        colours.coloured.connect(self.view.colours.on_coloured)
        self._workers = [(math, QThread()), (colours, QThread())]
        for worker, thread in self._workers:
            worker.moveToThread(thread)
            thread.start()
        self.view.resize(1000, 700)
        self.view.show()

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for worker, thread in self._workers:
            worker.stop()
            thread.quit()
            thread.wait()
            worker.close()
        self.view.close()
        self.view.deleteLater()

    def run_events(self) -> None:
        """Let what is waiting happen."""
        from PySide6.QtCore import QCoreApplication

        QCoreApplication.processEvents()
