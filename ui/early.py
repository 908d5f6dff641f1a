"""A window that is on the screen before anything heavy is imported, and is filled behind its first frame."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QThread, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from ui.first_frame import FirstFrame
from ui.first_picture import FirstPicture
from ui.main_window import MainWindow
from ui.theme import Reading, ThemeManager

#: While modules are imported, a key that is pressed waits no longer than this, in seconds.
_SWITCH_S = 0.001


class _Importer(QThread):
    """Imports what the window is made of; the GUI thread takes keys meanwhile.

    Signals:
        first_done: what the program needs to be told of signals, faults and further starts is there.
    """

    first_done = Signal()

    def __init__(self, prepare: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("importer")
        self._prepare = prepare
        self.error: BaseException | None = None

    def run(self) -> None:
        before = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        try:
            import ui.crash
            import ui.handover
            import ui.instance
            import ui.speaking

            self._prepare()
            del self._prepare  # it leads back to who made this, and nothing collects that circle
            self.first_done.emit()
            import ui.application
            import ui.theme.icons
            import ui.window_layout
            import ui.window_parts  # noqa: F401
        except BaseException as error:
            self.error = error
        finally:
            sys.setswitchinterval(before)


class Early(QObject):
    """Shows the first frame, and says when the rest can be built. GUI thread.

    Signals:
        shown: the first frame is there, and the least is imported; once.
        ready: everything is imported; once.
    """

    shown = Signal()
    ready = Signal()

    def __init__(
        self, app: QApplication, frame: FirstFrame, prepare: Callable[[], None] = lambda: None
    ) -> None:
        """`prepare` is called in a thread of its own, before `shown`."""
        super().__init__()
        self.setObjectName("early")
        self._app = app
        # Objects of Qt in cycles are not for the importer to take apart.
        gc.disable()
        self.theme = ThemeManager(frame.theme, last=(frame.dark, frame.contrast) if frame.place else None)
        self.theme.apply_plain(app)
        self.theme.set_reading(Reading(frame.percent / 100))
        self.window = MainWindow(self.theme, parts=False)
        if frame.place:
            self.window.restore_place(frame.place)
        self.window.placed = bool(frame.place)
        self._picture = FirstPicture(self.theme, frame)
        self._picture.painted.connect(self._on_painted)
        self.window.show_picture(self._picture)
        self.window.installEventFilter(self)
        self.window.revealed.connect(self._on_revealed)
        self.leaving = False
        self._importer = _Importer(prepare, self)
        self._importer.first_done.connect(self.shown)
        self._importer.finished.connect(self._on_imported)

    def show(self) -> None:
        """Put it on the screen."""
        self.window.show()

    @Slot()
    def _on_painted(self) -> None:
        # What is imported in this thread now would hold up the first key.
        QTimer.singleShot(0, self._importer, self._importer.start)

    @Slot()
    def _on_imported(self) -> None:
        if self._importer.error is not None:
            raise self._importer.error
        self._picture.keep_look()
        if not self.leaving or self.words:
            self.ready.emit()

    @Slot()
    def _on_revealed(self) -> None:
        if self.leaving:
            QTimer.singleShot(0, self.window, self.window.close)

    @property
    def words(self) -> bool:
        """Whether anything was typed so far."""
        return self.window.picture is not None and self.window.picture.take().text != ""

    def build(self) -> MainWindow:
        """The window with its parts, which are seen when it is revealed."""
        self.window.build(self.breathe)
        return self.window

    def breathe(self) -> None:
        """Let the window take what was typed."""
        self._app.processEvents()

    def end(self) -> None:
        """Wait for the import; modules can't be left half-way."""
        self._importer.wait()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Closed before it was there: at once, but words that were typed are saved first."""
        if watched is self.window and event.type() == QEvent.Type.Close and self.window.picture is not None:
            self.leaving = True
            if self.words:
                event.ignore()
                self.window.hide()
                return True
        return super().eventFilter(watched, event)
