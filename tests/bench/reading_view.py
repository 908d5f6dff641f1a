"""A conversation view of its own, with the process that draws its formulas."""

from __future__ import annotations

from types import TracebackType


class Stage:
    """The view, its formulas' worker and thread, for as long as `with` lasts."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QThread

        from ui.chat.view import ChatView
        from ui.theme import ThemeManager
        from ui.workers.math import MathWorker

        self.view, self._worker, self._thread = ChatView(ThemeManager()), MathWorker(), QThread()
        self._worker.moveToThread(self._thread)
        self.view.formulas.wanted.connect(self._worker.want, Qt.ConnectionType.DirectConnection)
        self._worker.drawn.connect(self.view.formulas.on_drawn)
        self._thread.start()
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
        self._worker.stop()
        self._thread.quit()
        self._thread.wait()
        self._worker.close()
        self.view.close()
        self.view.deleteLater()

    def run_events(self) -> None:
        """Let what is waiting happen."""
        from PySide6.QtCore import QCoreApplication

        QCoreApplication.processEvents()
