"""The end of the window: what it waits for while things are saved, and what it says if that takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.language import tr
from ui.theme import SPACE

if TYPE_CHECKING:
    from ui.application import Application

#: The engine saves what it has read before it ends.
SAVE_MS: Final = 20_000
#: So long the window is just gone; then it is said what is still going on.
_TELL_MS: Final = 1500
_ENGINE: Final = "engine"


class SavingWindow(QWidget):
    """Says what is waited for. Closing it is not waiting.

    Signals:
        enough: the person does not want to wait.
    """

    enough = Signal()

    def __init__(self, *, engine: bool) -> None:
        super().__init__(None, Qt.WindowType.Dialog | Qt.WindowType.WindowCloseButtonHint)
        self.setObjectName("saving_window")
        self.setWindowTitle("Cascade Desk")
        self.setAccessibleName("Cascade Desk")
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        text = tr("Saving your conversations…")
        if engine:
            text = tr("Saving what the model has read, so that it need not read it again…")
        self.label = QLabel(text, self)
        self.label.setObjectName("saving_text")
        self.label.setAccessibleName(text)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.button = QPushButton(tr("Quit now"), self)
        self.button.setObjectName("saving_quit")
        self.button.setAccessibleName(tr("Quit now"))
        self.button.setToolTip(tr("Your conversations are saved already"))
        self.button.clicked.connect(self.enough)
        self.button.setVisible(engine)
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[4], SPACE[4], SPACE[4], SPACE[4])
        box.setSpacing(SPACE[3])
        box.addWidget(self.label)
        box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.enough.emit()
        super().closeEvent(event)


class Ending(QObject):
    """Waits until the workers have closed in their threads. GUI thread."""

    def __init__(self, desk: Application) -> None:
        super().__init__()
        self.setObjectName("ending")
        self._desk = desk
        self._loop = QEventLoop(self)
        self._open = {_ENGINE, "store", "hub", "settings"}
        self._window: SavingWindow | None = None
        self._told = QTimer(self)
        self._told.setSingleShot(True)
        self._told.timeout.connect(self._tell)
        desk.worker.closed.connect(self._on_engine)
        desk.store_worker.closed.connect(self._on_store)
        desk.hub_worker.closed.connect(self._on_hub)
        desk.settings_worker.closed.connect(self._on_settings)

    def wait(self) -> None:
        """Return when they have, or after SAVE_MS."""
        QTimer.singleShot(SAVE_MS, self._loop, self._loop.quit)
        self._told.start(_TELL_MS)
        self._desk.close_wanted.emit()
        self._loop.exec()
        self._told.stop()
        if self._window is not None:
            self._window.hide()
            self._window.deleteLater()

    @property
    def waits_for(self) -> frozenset[str]:
        """What has not closed yet."""
        return frozenset(self._open)

    @property
    def window(self) -> SavingWindow | None:
        """What says that it takes long, where it does."""
        return self._window

    @Slot()
    def _tell(self) -> None:
        self._window = SavingWindow(engine=self._open == {_ENGINE})
        self._window.enough.connect(self._on_enough)
        self._window.show()

    @Slot()
    def _on_enough(self) -> None:
        """What the model has read is read again then; all else is saved before the engine is ended."""
        if _ENGINE in self._open:
            self._desk.worker.end_now()

    @Slot()
    def _on_engine(self) -> None:
        self._closed(_ENGINE)

    @Slot()
    def _on_store(self) -> None:
        self._closed("store")

    @Slot()
    def _on_hub(self) -> None:
        self._closed("hub")

    @Slot()
    def _on_settings(self) -> None:
        self._closed("settings")

    def _closed(self, name: str) -> None:
        self._open.discard(name)
        if not self._open:
            self._loop.quit()
        elif self._open == {_ENGINE} and self._window is not None:
            self._tell_engine()

    def _tell_engine(self) -> None:
        """Conversations are saved by now; what is left can be broken off."""
        before, self._window = self._window, None
        if before is not None:
            before.hide()
            before.deleteLater()
        self._tell()
