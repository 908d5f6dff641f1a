"""The models page in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.language import tr
from ui.models.page import ModelsPage
from ui.models.style import DIALOG_SIZE, LEAST_SIZE
from ui.theme import ThemeManager


class ModelsDialog(QDialog):
    """Stays beside the work: it is not modal. Esc closes it.

    Signals:
        left: it is not seen any more.
    """

    left = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("models_dialog")
        self.setWindowTitle(tr("Models"))
        self.setAccessibleName(tr("Models"))
        self.setModal(False)
        self.page = ModelsPage(theme, self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.page)
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(*DIALOG_SIZE)

    @Slot()
    def open_dialog(self) -> None:
        """Show it; one that is open comes to the front."""
        self.show()
        self.activateWindow()
        if self.page.pages.currentIndex() == 0:
            self.page.tree.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # a window that is only minimized comes back
            self.left.emit()
