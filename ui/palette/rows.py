"""The rows of the palette as Qt asks for them, and how each is drawn."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.palette.values import Match
from ui.theme import RADIUS_CONTROL, SPACE, ThemeManager

Index = QModelIndex | QPersistentModelIndex
ROW: Final = 36  # px
_CAP: Final = 20  # px, a key's height, and its width at least
_GROUP_SHARE: Final = 3  # a group takes at most this part of a row
_MATCH: Final = Qt.ItemDataRole.UserRole


class MatchModel(QAbstractListModel):
    """What was found, the best first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette_rows")
        self.matches: list[Match] = []

    def set_matches(self, matches: list[Match]) -> None:
        self.beginResetModel()
        self.matches = matches
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.matches)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.matches):
            return None
        match = self.matches[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return match.command.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return match.command.spoken
        return match if role == _MATCH else None


class MatchDelegate(QStyledItemDelegate):
    """What a command does, with what was typed in bold; its group and its key on the right."""

    def __init__(self, theme: ThemeManager, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        match: Match | None = index.data(_MATCH)
        if match is None:
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            strong = self._theme.contrast
            painter.setPen(QPen(self._theme.color("text"), 1) if strong else Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("selection" if strong else "pressed"))
            ground = option.rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(ground, RADIUS_CONTROL, RADIUS_CONTROL)
        room = option.rect.adjusted(SPACE[2], 0, -SPACE[2], 0)
        right = self._paint_keys(painter, room, match.command.keys)
        room.setRight(right)
        room.setRight(self._paint_group(painter, room, match.command.group, chosen))
        self._paint_words(painter, room, match)
        painter.restore()

    def _paint_keys(self, painter: QPainter, room: QRect, keys: tuple[str, ...]) -> int:
        """Caps from the right; returns where the room ends that they leave."""
        font = self._theme.font("meta")
        metrics = QFontMetrics(font)
        painter.setFont(font)
        right = room.right()
        for cap in reversed(keys):
            width = max(_CAP, metrics.horizontalAdvance(cap) + 2 * SPACE[0])
            box = QRect(right - width, room.center().y() - _CAP // 2, width, _CAP)
            painter.setPen(QPen(self._theme.color("border"), 1))
            painter.setBrush(self._theme.color("surface"))
            painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), SPACE[0], SPACE[0])
            painter.setPen(self._theme.color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, cap)
            right -= width + SPACE[0]
        return right - (SPACE[1] if keys else 0)

    def _paint_group(self, painter: QPainter, room: QRect, group: str, chosen: bool) -> int:
        font = self._theme.font("meta")
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(group, Qt.TextElideMode.ElideRight, room.width() // _GROUP_SHARE)
        painter.setFont(font)
        painter.setPen(self._theme.color("text" if chosen and self._theme.contrast else "muted"))
        sides = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(room, sides | Qt.TextFlag.TextSingleLine, shown)
        return room.right() - metrics.horizontalAdvance(shown) - SPACE[2]

    def _paint_words(self, painter: QPainter, room: QRect, match: Match) -> None:
        plain, bold = self._theme.font("ui"), self._theme.font("ui")
        bold.setWeight(QFont.Weight.Bold)
        whole = match.command.words
        shown = QFontMetrics(bold).elidedText(whole, Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self._theme.color("text"))
        sides = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        marks = frozenset(match.marks)
        # letters that join or run backward are drawn in one go: in pieces they would look otherwise
        if not whole.isascii() or not marks:
            painter.setFont(plain)
            painter.drawText(room, sides, shown)
            return
        left = room.left()
        kept = len(shown) if shown == whole else len(shown) - 1
        for marked, run in groupby(range(len(shown)), key=lambda place: place in marks and place < kept):
            piece = "".join(shown[place] for place in run)
            painter.setFont(bold if marked else plain)
            painter.drawText(QRect(left, room.top(), room.right() - left + 1, room.height()), sides, piece)
            left += painter.fontMetrics().horizontalAdvance(piece)
