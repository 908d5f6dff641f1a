"""The palette of commands: a field and a list at the top of the window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from app.language import ntr, tr
from ui.palette.rows import ROW, MatchDelegate, MatchModel
from ui.palette.values import Match
from ui.theme import SPACE, ThemeManager

_WIDTH: Final = 640  # px at most
_TOP: Final = 2 * SPACE[4]  # px below the window's top
_SHOWN: Final = 9  # rows
_LONGEST: Final = 200  # characters
_STEPS: Final = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Backtab: -1,
    Qt.Key.Key_Tab: 1,
    Qt.Key.Key_PageUp: -(_SHOWN - 1),
    Qt.Key.Key_PageDown: _SHOWN - 1,
}
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STAYS: Final = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class PaletteField(QLineEdit):
    """What is typed. Keys that move in the list are told, not taken as text."""

    stepped = Signal(int)
    entered = Signal()
    escaped = Signal()
    left = Signal()

    def focusNextPrevChild(self, forward: bool) -> bool:
        self.stepped.emit(1 if forward else -1)  # the list is all there is to go to
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.stepped.emit(_STEPS[key])
        elif key in _ENTER:
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self.left.emit()


class PaletteOverlay(QFrame):
    """Lies over its parent while it is open, and is not modal: a click elsewhere closes it.

    Signals:
        query_changed: what is typed; set_matches answers it.
        chosen: id of the command that is to be run, after the keyboard has gone back where it was.
    """

    query_changed = Signal(str)
    chosen = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setAccessibleName(tr("Commands"))
        self._theme = theme
        self._before: QWidget | None = None
        self._build()
        parent.installEventFilter(self)
        theme.changed.connect(self.update)
        self.hide()

    def _build(self) -> None:
        self.field = PaletteField(self)
        self.field.setObjectName("palette_field")
        self.field.setAccessibleName(tr("Find a command, chat, model or setting"))
        self.field.setPlaceholderText(tr("Find a command, chat, model or setting"))
        self.field.setMaxLength(_LONGEST)
        self.model = MatchModel(self)
        self.list = QListView(self)
        self.list.setObjectName("palette_list")
        self.list.setAccessibleName(tr("Commands"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(MatchDelegate(self._theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.count = QLabel(self)
        self.count.setObjectName("palette_count")
        self.count.setProperty("role", "meta")
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[1], SPACE[1], SPACE[1], SPACE[1])
        box.setSpacing(SPACE[1])
        for widget in (self.field, self.list, self.count):
            box.addWidget(widget)
        self.count.setIndent(SPACE[2])
        self.field.textChanged.connect(self.query_changed)
        self.field.stepped.connect(self._on_stepped)
        self.field.entered.connect(self._on_entered)
        self.field.escaped.connect(self.close_palette)
        self.field.left.connect(self._on_left)
        self.list.clicked.connect(self._on_clicked)
        self.list.entered.connect(self.list.setCurrentIndex)

    # ---- open and closed ------------------------------------------------------------------

    @Slot()
    def toggle(self) -> None:
        """Open it, or close it where it is open."""
        if self.isVisible():
            self.close_palette()
        else:
            self.open_palette()

    def open_palette(self) -> None:
        """Show it with an empty field."""
        self._before = QApplication.focusWidget()
        self.field.blockSignals(True)
        self.field.clear()
        self.field.blockSignals(False)
        self.query_changed.emit("")
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def close_palette(self) -> None:
        """Hide it; the keyboard goes back where it was."""
        before, self._before = self._before, None
        mine = self.isAncestorOf(QApplication.focusWidget()) if QApplication.focusWidget() else True
        self.hide()
        if mine and before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_left(self) -> None:
        """The person went on elsewhere."""
        if self.isVisible():
            self._before = None
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        """In the middle of the parent's top, as high as its rows."""
        parent = self.parentWidget()
        rows = max(1, min(_SHOWN, len(self.model.matches)))
        self.list.setFixedHeight(rows * ROW)
        self.list.setVisible(bool(self.model.matches))
        width = min(_WIDTH, parent.width() - 2 * SPACE[4])
        height = min(self.sizeHint().height(), parent.height() - _TOP - SPACE[4])
        self.setGeometry((parent.width() - width) // 2, _TOP, width, max(1, height))

    # ---- what is found --------------------------------------------------------------------

    def set_matches(self, matches: list[Match], most: int) -> None:
        """Show what was found, the first one chosen; at `most` rows there may be more."""
        self.model.set_matches(matches)
        if matches:
            self.list.setCurrentIndex(self.model.index(0))
        found = len(matches)
        if not found:
            words = tr("Nothing is called this.")
        elif found >= most:
            words = tr("The first {number} results. Type more to narrow them down.", number=found)
        else:
            words = ntr("{count} result", "{count} results", found)
        self.count.setText(words)
        self.field.setAccessibleDescription(words)
        self._say_current()
        self._place()

    @property
    def current(self) -> Match | None:
        row = self.list.currentIndex().row()
        return self.model.matches[row] if 0 <= row < len(self.model.matches) else None

    def _say_current(self) -> None:
        """The keyboard stays in the field: a screen reader is told what Enter would do."""
        match = self.current
        if match is not None:
            self.field.setAccessibleDescription(f"{match.command.spoken}. {self.count.text()}")
            QAccessible.updateAccessibility(
                QAccessibleEvent(self.field, QAccessible.Event.DescriptionChanged)
            )

    @Slot(int)
    def _on_stepped(self, rows: int) -> None:
        """One step over an end comes back at the other; a page stops there."""
        count = len(self.model.matches)
        if not count:
            return
        row = self.list.currentIndex().row() + rows
        row = row % count if abs(rows) == 1 else max(0, min(row, count - 1))
        self.list.setCurrentIndex(self.model.index(row))
        self._say_current()

    @Slot()
    def _on_entered(self) -> None:
        match = self.current
        if match is not None:
            self.close_palette()
            self.chosen.emit(match.command.id)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.list.setCurrentIndex(index)
        self._on_entered()
