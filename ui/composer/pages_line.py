"""The line under the chips in which pages of a document are chosen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget

from app.language import mark, tr
from ui.composer.attached import Attached
from ui.composer.inline_line import SHOWN, InlineLine
from ui.elided_label import ElidedLabel
from ui.theme import ThemeManager
from ui.words import count, shown_line

_LONGEST = 2000
_ICON = 14
_KEPT = mark("Choose all pages or some of them, such as 1-20, 40")


class PagesLine(InlineLine):
    """Hidden until `ask`. It closes when pages are used; `show_error` brings it back with what was typed."""

    used = Signal(str, str)
    closed = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__("pages", tr("Pages of the document"), _LONGEST, parent)
        self._theme = theme
        self._id = ""
        self.field.setPlaceholderText(tr("Such as 1-20, 40"))
        self.field.textChanged.connect(self._on_text)
        self.use = self.button("use", tr("Use"), self._on_use)
        self.all_pages = self.button("all", tr("All pages"), self._on_all)
        self.close_button = QToolButton(self)
        self.close_button.setObjectName("pages_close")
        self.close_button.setAccessibleName(tr("Leave the pages as they are"))
        self.close_button.setToolTip(tr("Leave the pages as they are (Esc)"))
        self.close_button.setIconSize(QSize(_ICON, _ICON))
        self.close_button.clicked.connect(self.give_up)
        self.error = ElidedLabel("", self)
        self.error.setObjectName("pages_error")
        self.error.setProperty("role", "meta")
        self.error.setProperty("tone", "danger")
        self.lay_out(self.use, self.all_pages, self.close_button, below=self.error)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @property
    def asks_for(self) -> str:
        """The id of the document that it is open for, empty while it is hidden."""
        return self._id if not self.isHidden() else ""

    def ask(self, item: Attached) -> None:
        """Open the line for a document, ready to be typed into."""
        self._id = item.id
        name = shown_line(item.name, SHOWN)
        self.label.setText(tr("Pages of {name}, {pages} in all", name=name, pages=count(item.pages)))
        self.field.setAccessibleName(tr("Pages of {name}", name=name))
        self.field.setText(item.chosen)
        self._say("")
        self._open()

    def show_error(self, attachment_id: str, text: str) -> None:
        """What is wrong with the pages that were used last; nothing for another document."""
        if attachment_id == self._id:
            self._say(text)
            self._open()

    def forget(self) -> None:
        """The document is gone."""
        self._id = ""
        self.hide()

    @Slot()
    def give_up(self) -> None:
        """Close without a change."""
        if not self.isHidden():
            self.hide()
            self.closed.emit(self._id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_use()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        self.show()
        self.focus()

    def _say(self, error: str) -> None:
        self.error.setText(shown_line(error, SHOWN))
        self.error.setVisible(bool(error))
        self.field.setAccessibleDescription(self.error.text() or tr(_KEPT))

    def _finish(self, pages: str) -> None:
        # first out of the way: what is wrong with the pages may be said before emit returns
        self.hide()
        self.closed.emit(self._id)
        self.used.emit(self._id, pages)

    @Slot()
    def _on_use(self) -> None:
        if self.field.text().strip():
            self._finish(self.field.text().strip())

    @Slot()
    def _on_all(self) -> None:
        self._finish("")

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self.use.setEnabled(bool(text.strip()))

    @Slot()
    def _on_theme(self) -> None:
        self.close_button.setIcon(self._theme.icon("close", "muted", _ICON))
