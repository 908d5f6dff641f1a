"""The first frame: the window's areas where they were the last time, and a field that takes what is typed.

It stands for a moment, while all else is imported and built, and imports next to nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QPlainTextEdit, QWidget

from ui.first_frame import FirstFrame
from ui.theme import RADIUS_CARD, SPACE, ThemeManager

if TYPE_CHECKING:
    from PySide6.QtCore import Qt  # at run time it takes a tenth of the first frame's time
    from PySide6.QtGui import QContextMenuEvent, QInputMethodEvent

_MOST_KEYS = 1000
#: Qt.Key: Escape, Return, Enter, and the slash that opens the list of snippets.
_MEANING = (0x01000000, 0x01000004, 0x01000005, 0x2F)


@dataclass(frozen=True)
class Key:
    """A key that means more than writing, or came behind one that does."""

    key: int
    modifiers: Qt.KeyboardModifier
    text: str


@dataclass(frozen=True)
class Typed:
    """What was typed: a text, where in it the cursor was, and keys for whatever the field means by them."""

    text: str = ""
    cursor: int = 0
    keys: tuple[Key, ...] = ()

    def put_into(self, edit: QPlainTextEdit) -> None:
        """Behind what stands there, and the keys after it."""
        from PySide6.QtGui import QTextCursor  # late: not for the first frame

        if self.text:
            cursor = edit.textCursor()
            cursor.movePosition(QTextCursor.MoveOperation.End)
            if not edit.document().isEmpty():
                cursor.insertText("\n")
            start = cursor.position()
            cursor.insertText(self.text)
            cursor.setPosition(start + self.cursor)
            edit.setTextCursor(cursor)
        for one in self.keys:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(edit, QKeyEvent(kind, one.key, one.modifiers, one.text))


class FirstField(QPlainTextEdit):
    """Plain writing; from the first key that may mean something else on, keys are kept."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("first_field")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setTabChangesFocus(True)
        self.composing = False
        self._kept: list[Key] = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._kept or event.key() in _MEANING:
            if len(self._kept) < _MOST_KEYS:
                self._kept.append(Key(event.key(), event.modifiers(), event.text()))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:
        return False  # there is nothing else yet

    def take(self) -> Typed:
        return Typed(self.toPlainText(), self.textCursor().position(), tuple(self._kept))


class FirstPicture(QWidget):
    """Stands in the window until its parts are there. GUI thread.

    Signals:
        painted: its first frame is on the screen, or as good as.
    """

    painted = Signal()

    def __init__(self, theme: ThemeManager, frame: FirstFrame) -> None:
        super().__init__()
        self.setObjectName("first_picture")
        self._theme, self._frame, self._painted = theme, frame, False
        self.edit = FirstField(self)
        hint = frame.hint
        if not hint:
            from app.language import tr

            hint = tr("Ask anything")
        self.edit.setPlaceholderText(hint)
        self.edit.setAccessibleName(hint)
        self.edit.setFont(theme.font("reading", frame.percent / 100))
        look = self.edit.palette()
        look.setColor(QPalette.ColorRole.Base, theme.color("surface"))
        self.edit.setPalette(look)
        self.setFocusProxy(self.edit)

    def keep_look(self) -> None:
        """A stylesheet of the whole application is about to come."""
        self.edit.setStyleSheet("background: transparent; border: none; padding: 0")

    def take(self) -> Typed:
        """What was typed so far."""
        return self.edit.take()

    @property
    def composing(self) -> bool:
        """Whether an input method is in the middle of a word."""
        return self.edit.composing

    def composer(self, size: QSize) -> QRect:
        """Where the composer is in a picture of that size."""
        frame = self._frame
        below = frame.height - frame.y - frame.tall
        y = size.height() - below - frame.tall
        if size.width() == frame.width:
            return QRect(frame.x, y, frame.wide, frame.tall)
        left = frame.sidebar + 1 + SPACE[4] if frame.sidebar else SPACE[4]
        room = size.width() - left - SPACE[4]
        wide = max(0, min(room, frame.most))
        return QRect(left + (room - wide) // 2, y, wide, frame.tall)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        box, frame = self.composer(self.size()), self._frame
        inner = box.width() - (frame.wide - frame.inner)
        self.edit.setGeometry(box.x() + frame.left, box.y() + frame.above, max(0, inner), frame.line)

    def paintEvent(self, _event: QPaintEvent) -> None:
        frame, width, height = self._frame, self.width(), self.height()
        painter = QPainter(self)
        self._fill(painter, self.rect(), QPalette.ColorRole.Window)
        left = frame.sidebar
        if left:
            self._fill(painter, QRect(0, 0, left, height), QPalette.ColorRole.AlternateBase)
            self._fill(painter, QRect(left, 0, 1, height), QPalette.ColorRole.Mid)
            left += 1
        for line in (frame.top - 1, height - frame.status):
            self._fill(painter, QRect(left, line, width - left, 1), QPalette.ColorRole.Mid)
        self._draw_composer(painter)
        painter.end()
        if not self._painted:
            self._painted = True
            self.painted.emit()

    # fillRect, setBrush and QPen(QColor) would do, but each of them makes Python's side of `Qt`, with a
    # hundred enumerations, to see whether it was called with one of those: a tenth of the time to this frame.

    def _fill(self, painter: QPainter, area: QRect, role: QPalette.ColorRole) -> None:
        painter.setBackground(self.palette().brush(role))
        painter.eraseRect(area)

    def _draw_composer(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QPainterPath()
        inside = QRectF(self.composer(self.size())).adjusted(0.5, 0.5, -0.5, -0.5)
        box.addRoundedRect(inside, RADIUS_CARD, RADIUS_CARD)
        look = self.palette()
        painter.fillPath(box, look.brush(QPalette.ColorRole.Base))
        painter.strokePath(box, QPen(look.brush(QPalette.ColorRole.Mid), 1))
