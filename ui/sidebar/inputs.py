"""The lines that the sidebar is typed into: the search, and a name."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from app.language import tr
from ui.theme import ThemeManager
from ui.throttle import Throttle

_PAUSE_MS = 80
_LONGEST_NAME = 200
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
#: Focus that is lost for these comes back by itself: the name is still being typed.
_PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class SearchField(QLineEdit):
    """Emits what is searched for, at most once in 80 ms; an empty text at once."""

    search_changed = Signal(str)
    down_pressed = Signal()
    enter_pressed = Signal()
    escaped = Signal()  # with nothing to clear

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar_search")
        self.setAccessibleName(tr("Search conversations"))
        self.setPlaceholderText(tr("Search"))
        self.setClearButtonEnabled(True)
        self._theme = theme
        self._icon = self.addAction(
            theme.icon("search", "muted", 16), QLineEdit.ActionPosition.LeadingPosition
        )
        for button, name in zip(
            self.findChildren(QToolButton), (tr("Search"), tr("Clear the search")), strict=False
        ):
            button.setAccessibleName(name)
        self._throttle = Throttle(_PAUSE_MS, self)
        self._throttle.due.connect(self._on_due)
        self._said = ""
        self.textChanged.connect(self._on_text)
        theme.changed.connect(self._on_theme)

    @property
    def query(self) -> str:
        """What is searched for: the text without blanks around it."""
        return self.text().strip()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.down_pressed.emit()
        elif event.key() in _ENTER:
            self._throttle.flush()
            self.enter_pressed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.escaped.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_text(self) -> None:
        if self.query:
            self._throttle.request()
        else:
            self._throttle.cancel()
            self._on_due()

    @Slot()
    def _on_due(self) -> None:
        if self.query != self._said:
            self._said = self.query
            self.search_changed.emit(self._said)

    @Slot()
    def _on_theme(self) -> None:
        self._icon.setIcon(self._theme.icon("search", "muted", 16))


class NameEdit(QLineEdit):
    """A name being typed. Enter and leaving keep it, Esc and an empty name do not.

    Emits exactly one of `named` and `dropped` for each begin().
    """

    named = Signal(str)
    dropped = Signal()

    def __init__(self, home: QWidget, parent: QWidget | None = None) -> None:
        """`home` takes the keyboard when the name is done."""
        super().__init__(parent)
        self._home = home
        self._open = False
        self._before = ""
        self.setMaxLength(_LONGEST_NAME)
        self.hide()

    @property
    def is_open(self) -> bool:
        return self._open

    def begin(self, text: str = "") -> None:
        """Show the line with this text and take the keyboard."""
        self._open, self._before = True, text
        self.setText(text)
        self.show()
        # All of it, with its beginning in sight.
        self.setSelection(len(self.text()), -len(self.text()))
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self, *, keep: bool, left: bool = False) -> None:
        """Close the line; nothing happens if it is closed. `left`: the keyboard is elsewhere already."""
        if not self._open:
            return
        self._open = False
        if not left:
            self._home.setFocus(Qt.FocusReason.OtherFocusReason)
        name = " ".join(self.text().split())
        self.hide()
        if keep and name and name != self._before:
            self.named.emit(name)
        else:
            self.dropped.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self.finish(keep=True)
        elif event.key() == Qt.Key.Key_Escape:
            self.finish(keep=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _PASSING:
            self.finish(keep=True, left=True)
