"""What failed, as a text to read and to copy. It is never sent anywhere."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication, QHideEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.language import tr
from ui.theme import SPACE

_SIZE: Final = (640, 520)
_LONGEST: Final = 200_000  # characters


class ReportDialog(QDialog):
    """Stays beside the work: it is not modal. Esc closes it.

    Signals:
        closed: it was closed.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("report_dialog")
        self.setModal(False)
        self.heading = QLabel(self)
        self.heading.setObjectName("report_heading")
        self.meaning = QLabel(self)
        self.promise = QLabel(
            tr("This report has no text of your chats or documents in it. It is copied, never sent."), self
        )
        self.promise.setProperty("role", "muted")
        for label in (self.heading, self.meaning, self.promise):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.text = QPlainTextEdit(self)
        self.text.setObjectName("report_text")
        self.text.setAccessibleName(tr("Report"))
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.text.setTabChangesFocus(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._lay_out()
        self.resize(*_SIZE)

    def _lay_out(self) -> None:
        self.copied = QLabel(tr("Copied."), self)
        self.copied.setProperty("role", "muted")
        self.copied.hide()
        self.copy = QPushButton(tr("Copy the report"), self)
        self.copy.setObjectName("report_copy")
        self.copy.clicked.connect(self._on_copy)
        close = QPushButton(tr("Close"), self)
        close.setObjectName("report_close")
        close.clicked.connect(self.close)
        close.setAutoDefault(False)
        row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        row.addWidget(self.copied)
        row.addStretch(1)
        row.addWidget(self.copy)
        row.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[3], SPACE[3], SPACE[3], SPACE[3])
        box.setSpacing(SPACE[2])
        for widget in (self.heading, self.meaning, self.text, self.promise):
            box.addWidget(widget, 1 if widget is self.text else 0)
        box.addLayout(row)

    @Slot(str, str, str)
    def open_report(self, heading: str, meaning: str, text: str) -> None:
        """Show a report; the keyboard is at Copy."""
        self.setWindowTitle(heading)
        self.setAccessibleName(heading)
        self.heading.setText(heading)
        self.meaning.setText(meaning)
        self.set_text(text)
        self.show()
        self.activateWindow()
        self.copy.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def set_text(self, text: str) -> None:
        """Another text in the same place."""
        self.copied.hide()
        bar = self.text.verticalScrollBar()
        at = bar.value()
        self.text.setPlainText(text[:_LONGEST])
        bar.setValue(at)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copied.show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.closed.emit()
