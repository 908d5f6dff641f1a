"""The field that a question is written in."""

from __future__ import annotations

from math import ceil
from typing import Protocol

from PySide6.QtCore import QMimeData, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QWidget

from app.language import tr
from ui.composer.filling import Filling
from ui.composer.long_lines import plain, whole
from ui.composer.more_button import ENTER_SENDS
from ui.composer.pasting import is_long, local_paths
from ui.theme import SPACE

_LINES_AT_MOST = 10
_LINES_AT_LEAST = 2  # of a longer text, however little room there is
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BREAKING = Qt.KeyboardModifier.ShiftModifier
_HELD = _BREAKING | Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_SENDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class KeyListener(Protocol):
    def take_key(self, event: QKeyEvent) -> bool: ...


class QuestionEdit(QPlainTextEdit):
    """Grows with its text. What its keys mean beyond writing is told by signals.

    A listener is asked before a key is handled: an open list takes its keys that way.

    Attributes:
        keeps_pastes: a long text that is pasted goes into the field all the same.

    Signals:
        files_pasted: paths of files and folders.
        text_pasted: a text that is too long for a message.
        image_pasted: an image and nothing else.
    """

    submitted = Signal()
    escaped = Signal()
    up_when_empty = Signal()
    left = Signal()
    snippet_wanted = Signal(str)
    enter_sends_chosen = Signal(bool)
    files_pasted = Signal(list)
    text_pasted = Signal(object)  # a str; as Qt's own it would be copied twice
    image_pasted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setAccessibleName(tr("Your message"))
        self.setPlaceholderText(tr("Ask anything"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(False)  # what is dropped on it belongs to the whole window
        self.enter_sends = True
        self.keeps_pastes = False
        self._most, self._room = _LINES_AT_MOST, 1 << 20  # lines, px
        self._listener: KeyListener | None = None
        self._filling = Filling(self)
        self._filling.finished.connect(self._on_filled)
        self.textChanged.connect(self._fit)
        self._fit()

    def listen_to_keys(self, listener: KeyListener) -> None:
        """Let `listener` have each key first; True from it means that the key is used up."""
        self._listener = listener

    # ---- text -----------------------------------------------------------------------------

    def text(self) -> str:
        """All that is written; copies it."""
        return whole(self._filling.read(self.toPlainText()))

    def set_text(self, text: str) -> None:
        """Replace what is written, with the cursor at its end."""
        self._filling.cancel()
        # A text that is put in is nothing to undo.
        self.setUndoRedoEnabled(False)
        self.setPlainText("")
        self._filling.begin(self.textCursor(), plain(text))

    def clear(self) -> None:
        self._filling.cancel()
        super().clear()
        self.setUndoRedoEnabled(True)

    @Slot()
    def _on_filled(self) -> None:
        self.setUndoRedoEnabled(True)
        self.ensureCursorVisible()

    @property
    def is_filling(self) -> bool:
        """Whether parts of a very long text are still to come; text() has them already."""
        return self._filling.under_way

    def finish_filling(self) -> None:
        """Call it before the text is changed by other means than keys: a long one may still be going in."""
        self._filling.finish()

    def has_text(self) -> bool:
        """Whether anything but blanks is written; copies no more than it must."""
        block = self.document().firstBlock()
        while block.isValid():
            if block.text().strip():
                return True
            block = block.next()
        return False

    def selected_text(self) -> str:
        """The selection, empty where there is none."""
        return whole(self.textCursor().selection().toPlainText())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        paths = local_paths(source)
        if paths:
            self.files_pasted.emit(paths)
        elif source.hasText():
            self.take_text(source.text())
        elif source.hasImage():
            self.image_pasted.emit()

    def take_text(self, text: str) -> None:
        """A text from outside: into the field, or `text_pasted` where it is too long for that."""
        if is_long(text) and not self.keeps_pastes:
            self.text_pasted.emit(text)
        else:
            self.insert(text)

    def insert(self, text: str) -> None:
        """Put a text of any length at the cursor, in place of what is selected."""
        self._filling.begin(self.textCursor(), plain(text))

    def createMimeDataFromSelection(self) -> QMimeData:
        self._filling.finish()
        data = QMimeData()
        data.setText(self.selected_text())
        return data

    # ---- keys -----------------------------------------------------------------------------

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Qt moves the focus before a Tab comes to keyPressEvent.
        tab = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
        if forward and self._listener is not None and self._listener.take_key(tab):
            return True
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text() or event.matches(QKeySequence.StandardKey.Undo):
            self._filling.finish()
        if self._listener is not None and self._listener.take_key(event):
            event.accept()
        elif event.key() in _ENTER:
            self._enter(event)
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() == Qt.Key.Key_Up and not event.modifiers() & _HELD and self.document().isEmpty():
            self.up_when_empty.emit()
        else:
            super().keyPressEvent(event)

    def _enter(self, event: QKeyEvent) -> None:
        held = event.modifiers()
        if (not held & _BREAKING) if self.enter_sends else bool(held & _SENDING):
            self.submitted.emit()
        else:
            self.insertPlainText("\n")
            self.ensureCursorVisible()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        at = self.cursorRect().bottomRight() if keyboard else event.pos()
        self.make_menu().popup(self.viewport().mapToGlobal(at))

    def make_menu(self) -> QMenu:
        """The field's context menu; it deletes itself when it closes."""
        self._filling.finish()
        menu = self.createStandardContextMenu()
        menu.setObjectName("question_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addSeparator()
        enter = menu.addAction(ENTER_SENDS)
        enter.setObjectName("action_enter_sends")
        enter.setCheckable(True)
        enter.setChecked(self.enter_sends)
        enter.triggered.connect(self.enter_sends_chosen)
        save = menu.addAction(tr("Save as snippet…"))
        save.setObjectName("action_save_snippet")
        save.setEnabled(self.has_text())
        save.triggered.connect(self._on_save_snippet)
        return menu

    @Slot()
    def _on_save_snippet(self) -> None:
        self.snippet_wanted.emit(self.selected_text() or self.text())

    # ---- size -----------------------------------------------------------------------------

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._fit()

    def set_text_size(self, size: int) -> None:
        """Write in letters of `size` px."""
        self.setStyleSheet(f"font-size: {size}px")
        self.ensurePolished()
        self.set_room(self._room)
        self._fit()

    def set_room(self, height: int) -> None:
        """Grow no higher than `height` px, though always to two lines."""
        self._room = height
        most = max(_LINES_AT_LEAST, min(_LINES_AT_MOST, height // self.fontMetrics().lineSpacing()))
        if most != self._most:
            self._most = most
            self._fit()
            self.ensureCursorVisible()

    @Slot()
    def _fit(self) -> None:
        lines, block, tall = 0, self.document().firstBlock(), 0.0
        layout = self.document().documentLayout()
        while block.isValid() and lines < self._most:
            layout.blockBoundingRect(block)  # lays it out: Qt counts one line until then
            tall += block.layout().boundingRect().height()  # that one has the margins, too
            lines += max(1, block.layout().lineCount())
            block = block.next()
        margins = 2 * int(self.document().documentMargin())
        text = min(lines, self._most) * self.fontMetrics().lineSpacing()
        if lines < self._most:
            text = max(text, ceil(tall))  # lines with letters of other fonts may be higher
        height = text + margins + SPACE[0]
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)
