"""The documents that go with the question, as chips above its text."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QWidget

from ui.composer.attached import Attached
from ui.theme import ThemeManager


class ChipBar(QFrame):
    """Hidden while there is nothing to show."""

    remove_requested = Signal(str)
    open_requested = Signal(str)
    retry_requested = Signal(str)
    password_given = Signal(str, str)
    pages_chosen = Signal(str, str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip_bar")
        self.setAccessibleName("Documents that go with the question")
        self._theme = theme
        self._items: list[Attached] = []
        self._aside = False
        self.hide()

    @Slot(object)
    def set_attachments(self, items: list[Attached]) -> None:
        """Show these documents instead of those that are shown."""
        self._items = list(items)
        self.setVisible(bool(self._items) and not self._aside)

    def set_aside(self, aside: bool) -> None:
        """Keep them out of sight: what is written at the moment goes without them."""
        self._aside = aside
        self.setVisible(bool(self._items) and not aside)

    @Slot(str)
    def focus_pages(self, attachment_id: str) -> None:
        """Open the line in which pages of this document are chosen."""

    @Slot(str, str)
    def set_page_error(self, attachment_id: str, text: str) -> None:
        """Say what is wrong with the pages that were typed."""
