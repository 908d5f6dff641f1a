"""The downloads that are under way, one below the other."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.language import mark, tr
from ui.elided_label import ElidedLabel
from ui.models.values import DownloadRow
from ui.theme import SPACE

_WORDS = {
    "pause": mark("Pause"),
    "resume": mark("Go on"),
    "retry": mark("Try again"),
    "cancel": mark("Cancel"),
}
#: Higher than so many px it scrolls.
_HIGHEST = 208


class DownloadLine(QFrame):
    """One download: its name, how far it is, and what can be done."""

    acted = Signal(str, str)

    def __init__(self, row: DownloadRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.setObjectName(f"download_{row.id}")
        self.name = ElidedLabel(row.name, self)
        self.words = QLabel(self)
        self.words.setObjectName("download_words")
        self.words.setProperty("role", "meta")
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setObjectName("download_bar")
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Download of {name}", name=row.name))
        self.buttons = {name: self._button(name) for name in _WORDS}
        top = QHBoxLayout()
        top.setSpacing(SPACE[1])
        top.addWidget(self.name, 1)
        for button in self.buttons.values():
            top.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[0])
        box.addLayout(top)
        box.addWidget(self.bar)
        box.addWidget(self.words)
        self.set_row(row)

    def _button(self, action: str) -> QPushButton:
        button = QPushButton(tr(_WORDS[action]), self)
        button.setObjectName(f"download_{action}")
        button.setAccessibleName(f"{tr(_WORDS[action])}: {self.row.name}")
        button.setAutoDefault(False)
        button.setProperty("action", action)
        button.clicked.connect(self._on_clicked)
        return button

    def set_row(self, row: DownloadRow) -> None:
        """Show how it is now; the focus stays where it was as far as that is possible."""
        focused = next((name for name, button in self.buttons.items() if button.hasFocus()), "")
        self.row = row
        self.bar.setValue(row.percent)
        self.words.setText(row.words)
        if self.words.property("tone") != row.tone:
            self.words.setProperty("tone", row.tone)
            self.words.style().unpolish(self.words)
            self.words.style().polish(self.words)
        for name, button in self.buttons.items():
            button.setVisible(name in row.buttons)
        if focused and focused not in row.buttons and row.buttons:
            self.buttons[row.buttons[0]].setFocus()

    @Slot()
    def _on_clicked(self) -> None:
        self.acted.emit(self.row.id, str(self.sender().property("action")))


class DownloadsView(QFrame):
    """All downloads; hidden without any. Setters emit nothing."""

    acted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("downloads")
        self.setAccessibleName(tr("Downloads"))
        self.lines: dict[str, DownloadLine] = {}
        inner = QWidget()
        inner.setObjectName("downloads_inner")
        self._rows = QVBoxLayout(inner)
        self._rows.setContentsMargins(SPACE[2], SPACE[2], SPACE[2], SPACE[2])
        self._rows.setSpacing(SPACE[2])
        self.area = QScrollArea(self)
        self.area.setObjectName("downloads_area")
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidgetResizable(True)
        self.area.setWidget(inner)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.area)
        self.hide()

    @Slot(object)
    def set_rows(self, rows: tuple[DownloadRow, ...]) -> None:
        """Show these, in this order of their beginning."""
        wanted = {row.id for row in rows}
        for key in [key for key in self.lines if key not in wanted]:
            line = self.lines.pop(key)
            self._rows.removeWidget(line)
            line.hide()
            line.deleteLater()
        for row in rows:
            line = self.lines.get(row.id)
            if line is None:
                self.lines[row.id] = line = DownloadLine(row, self)
                line.acted.connect(self.acted)
                self._rows.addWidget(line)
                line.show()
            elif line.row != row:
                line.set_row(row)
        self.setVisible(bool(rows))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        self._rows.invalidate()
        width = self.area.viewport().width() or self.width()
        need = self._rows.heightForWidth(width) if self._rows.hasHeightForWidth() else -1
        self.setFixedHeight(min(_HIGHEST, max(need, self._rows.sizeHint().height())))
