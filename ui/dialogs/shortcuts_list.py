"""The list of all keys, by group, with a filter."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.language import tr
from ui.shortcuts import GROUPS, SHORTCUTS, Shortcut, key_caps
from ui.theme import SPACE

_SIZE = (520, 600)
_SCROLLING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class _Row(QFrame):
    """What a key does, and the key as caps."""

    def __init__(self, shortcut: Shortcut, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"shortcut_{shortcut.id}")
        caps = key_caps(shortcut.sequence)
        self.setAccessibleName(f"{shortcut.spoken}: {'+'.join(caps)}")
        group = tr(shortcut.group)
        self.sought = f"{shortcut.spoken} {group} {'+'.join(caps)} {' '.join(caps)}".casefold()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, SPACE[0], 0, SPACE[0])
        row.setSpacing(SPACE[0])
        words = QLabel(shortcut.spoken, self)
        words.setWordWrap(True)  # the keys beside it have their room in any language
        row.addWidget(words, 1)
        for cap in caps:
            label = QLabel(cap, self)
            label.setProperty("keycap", True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row.addWidget(label)


class ShortcutsList(QDialog):
    """Stays beside the work: it is not modal. Esc closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcuts_list")
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAccessibleName(tr("Keyboard shortcuts"))
        self.setModal(False)
        self.filter = QLineEdit(self)
        self.filter.setObjectName("shortcuts_filter")
        self.filter.setAccessibleName(tr("Filter the shortcuts"))
        self.filter.setPlaceholderText(tr("Filter by name or key"))
        self.filter.setClearButtonEnabled(True)
        for button in self.filter.findChildren(QToolButton):
            button.setAccessibleName(tr("Clear the filter"))
        self.filter.textChanged.connect(self._on_filter)
        self.none = QLabel(tr("No shortcut has this name or key."), self)
        self.none.setObjectName("shortcuts_none")
        self.none.setProperty("role", "muted")
        self.none.hide()
        self._groups: dict[str, tuple[QLabel, list[_Row]]] = {}
        self.area = self._make_list()
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[3], SPACE[3], 0, 0)
        box.setSpacing(SPACE[2])
        top = QGridLayout()
        top.setContentsMargins(0, 0, SPACE[3], 0)
        top.addWidget(self.filter, 0, 0)
        box.addLayout(top)
        box.addWidget(self.none)
        box.addWidget(self.area, 1)
        self.resize(*_SIZE)

    def _make_list(self) -> QScrollArea:
        inner = QWidget()
        inner.setObjectName("shortcuts_inner")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, SPACE[3], SPACE[3])
        column.setSpacing(0)
        for group in GROUPS:
            heading = QLabel(tr(group), inner)
            heading.setProperty("role", "heading")
            heading.setIndent(0)
            column.addWidget(heading)
            rows = [_Row(shortcut, inner) for shortcut in SHORTCUTS if shortcut.group == group]
            for row in rows:
                column.addWidget(row)
            self._groups[group] = heading, rows
        column.addStretch(1)
        area = QScrollArea(self)
        area.setObjectName("shortcuts_area")
        area.setAccessibleName(tr("Shortcuts by group"))
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(inner)
        return area

    @Slot()
    def open_list(self) -> None:
        """Show the list with an empty filter, ready to type; a list that is open comes to the front."""
        self.filter.clear()
        self.show()
        self.activateWindow()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _SCROLLING:
            bar = self.area.verticalScrollBar()
            step = bar.pageStep() if "Page" in Qt.Key(event.key()).name else bar.singleStep()
            back = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_PageUp)
            bar.setValue(bar.value() + (-step if back else step))
        else:
            super().keyPressEvent(event)

    @Slot(str)
    def _on_filter(self, text: str) -> None:
        asked = text.casefold().split()
        any_left = False
        for heading, rows in self._groups.values():
            for row in rows:
                row.setVisible(all(word in row.sought for word in asked))
            left = any(not row.isHidden() for row in rows)
            heading.setVisible(left)
            any_left = any_left or left
        self.none.setVisible(not any_left)
