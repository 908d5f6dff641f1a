"""A document as the model reads it, in a window of its own."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.language import tr
from ui.documents.text_pane import TextPane
from ui.elided_label import ElidedLabel
from ui.find_line import FindLine
from ui.theme import SPACE, ThemeManager
from ui.words import shown_line

_SIZE: Final = (820, 720)  # px
_LEAST: Final = (360, 280)
_ICON: Final = 18
_SHOWN: Final = 400


class DocumentViewer(QDialog):
    """Stays beside the work: it is not modal. Esc closes the search, then the window, and the text goes."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("document_viewer")
        self.setModal(False)
        self._theme = theme
        self._match = 0
        self._build()
        self._lay_out()
        self._connect()
        self.setMinimumSize(*_LEAST)
        self.resize(*_SIZE)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _build(self) -> None:
        self.name = ElidedLabel("", self)
        self.name.setObjectName("document_name")
        self.about = ElidedLabel("", self)
        self.about.setObjectName("document_about")
        self.about.setProperty("role", "meta")
        self.note = QLabel(self)
        self.note.setObjectName("document_note")
        self.note.setProperty("role", "meta")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.find_button = QToolButton(self)
        self.find_button.setObjectName("document_find")
        self.find_button.setAccessibleName(tr("Find in this document"))
        self.find_button.setToolTip(tr("Find in this document (Ctrl+F)"))
        self.find_button.setIconSize(QSize(_ICON, _ICON))
        self.find = FindLine(self._theme, self)
        self.pane = TextPane(self._theme, self)

    def _lay_out(self) -> None:
        head = QFrame(self)
        head.setObjectName("document_head")
        words = QVBoxLayout()
        words.setSpacing(SPACE[0])
        for label in (self.name, self.about, self.note):
            words.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(SPACE[1])
        row.addLayout(words, 1)
        row.addWidget(self.find_button, 0, Qt.AlignmentFlag.AlignTop)
        top = QVBoxLayout(head)
        top.setContentsMargins(SPACE[3], SPACE[2], SPACE[2], SPACE[2])
        top.setSpacing(SPACE[1])
        top.addLayout(row)
        top.addWidget(self.find)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self.pane, 1)

    def _connect(self) -> None:
        self.find_button.clicked.connect(self.open_find)
        self.find.changed.connect(self._on_query)
        self.find.stepped.connect(self._on_stepped)
        self.find.closed.connect(self.close_find)
        self.pane.finder.found.connect(self._on_found)
        self.pane.finder.counted.connect(self._on_counted)
        for keys, slot in (
            (QKeySequence(QKeySequence.StandardKey.Find), self.open_find),
            (QKeySequence("F3"), self._on_next),
            (QKeySequence("Shift+F3"), self._on_previous),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    @Slot(str, str, object)
    def show_document(self, name: str, about: str, text: str) -> None:
        """Show a document from its start, in front. No copy of `text` is made: hand it over as an object."""
        shown = shown_line(name, _SHOWN)
        self.setWindowTitle(shown)
        self.setAccessibleName(tr("Document {shown}", shown=shown))
        self.name.setText(shown)
        self.about.setText(shown_line(about, _SHOWN))
        self.note.setText(
            tr(
                "Exactly what the model reads, between “[Document: {shown}]” and “[End of {shown}]”.",
                shown=shown,
            )
        )
        self.pane.setAccessibleName(tr("Text of {shown}", shown=shown))
        self.close_find()
        self.pane.set_text(text)
        self.show()
        self.activateWindow()
        self.pane.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- finding --------------------------------------------------------------------------

    @Slot()
    def open_find(self) -> None:
        """Open the search, or go to its field."""
        opened = self.find.isHidden()
        self.find.open()
        if opened and self.find.field.text():
            self._on_query(self.find.field.text())

    @Slot()
    def close_find(self) -> None:
        """No search and nothing highlighted."""
        self.find.hide()
        self.pane.finder.search("", 0)
        self.pane.viewport().update()
        self.pane.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_query(self, query: str) -> None:
        start, _ = self.pane.selected()
        near = start if start >= self.pane.placer.top_offset() else self.pane.placer.top_offset()
        self.find.show_number(0)
        self.find.show_count(0, not query)
        self.pane.finder.search(query, near)

    @Slot(bool)
    def _on_stepped(self, forward: bool) -> None:
        if self.find.isHidden():
            self.open_find()
            return
        start, end = self.pane.selected()
        self.pane.finder.step(max(end, start + 1) if forward else start, forward=forward)

    @Slot()
    def _on_next(self) -> None:
        self._on_stepped(True)

    @Slot()
    def _on_previous(self) -> None:
        self._on_stepped(False)

    @Slot(int)
    def _on_found(self, start: int) -> None:
        self._match = start
        self.pane.show_match(start, start + len(self.pane.finder.wanted))
        self.find.show_number(self.pane.finder.number(start))

    @Slot(int, bool)
    def _on_counted(self, total: int, whole: bool) -> None:
        self.find.show_count(total, whole)
        if whole and total:
            self.find.show_number(self.pane.finder.number(self._match))

    # ---- the window -----------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.find.isHidden():
            self.close_find()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # a window that is only minimized comes back
            self.pane.set_text("")

    @Slot()
    def _on_theme(self) -> None:
        self.find_button.setIcon(self._theme.icon("search", "muted", _ICON))
