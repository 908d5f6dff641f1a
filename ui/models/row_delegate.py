"""Draws the headings, models and notes of the list of models."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from ui.models.style import ROW, TALL_ROW
from ui.models.values import Group, Row
from ui.theme import SPACE, ThemeManager

#: The Row or Group of an item.
SHOWN: Final = Qt.ItemDataRole.UserRole + 1
_FITS = 3
_TONES = {"good": "accent", "warning": "warning", "danger": "danger"}
_WRAP = Qt.TextFlag.TextWordWrap
Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """Two lines for a model of which there is more to say; notes wrap."""

    def __init__(self, theme: ThemeManager, view: QTreeView) -> None:
        super().__init__(view)
        self._theme, self._view = theme, view
        self._selected = False

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        shown = index.siblingAtColumn(0).data(SHOWN)
        height = ROW
        if isinstance(shown, Row) and shown.note:
            metrics = QFontMetrics(self._theme.font("meta"))
            width = self._view.viewport().width() - self._view.indentation() - 2 * SPACE[1]
            bounds = metrics.boundingRect(QRect(0, 0, max(1, width), 10_000), _WRAP, shown.name)
            return QSize(1, max(ROW, bounds.height() + 2 * SPACE[1]))
        if isinstance(shown, Row) and (shown.mark or shown.detail):
            height = TALL_ROW
        if index.column() == 0:
            return QSize(1, height)
        text = str(index.data() or "")
        return QSize(QFontMetrics(self._theme.font("ui")).horizontalAdvance(text) + 2 * SPACE[1] + 1, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        shown = index.siblingAtColumn(0).data(SHOWN)
        painter.save()
        self._ground(painter, option, isinstance(shown, Row) and not shown.note)
        inner = option.rect.adjusted(SPACE[1], 0, -SPACE[1], 0)
        if isinstance(shown, Group):
            self._heading(painter, inner, shown)
        elif isinstance(shown, Row) and shown.note:
            tone = _TONES.get(shown.tone, "muted")
            painter.setFont(self._theme.font("meta"))
            painter.setPen(self._theme.color(tone))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | _WRAP, shown.name)
        elif isinstance(shown, Row):
            self._cell(painter, inner, shown, index)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, chosen: bool) -> None:
        """Whether the row is chosen, and the ground of the one below the mouse."""
        state = QStyle.StateFlag
        self._selected = chosen and bool(option.state & state.State_Selected)
        if self._selected:
            painter.fillRect(option.rect, self._theme.color("selection"))
        elif chosen and option.state & state.State_MouseOver:
            painter.fillRect(option.rect, self._theme.color("hover"))

    def _heading(self, painter: QPainter, rect: QRect, group: Group) -> None:
        font = self._theme.font("ui")
        font.setWeight(QFont.Weight.DemiBold)
        width = self._line(painter, rect, group.title, font, "text")
        rest = rect.adjusted(width + SPACE[1], 0, 0, 0)
        self._line(painter, rest, group.detail, self._theme.font("meta"), "muted")

    def draw_detail(self, painter: QPainter, rect: QRect, row: Row, *, chosen: bool) -> None:
        """The second line of a model; `rect` goes to the end of all columns."""
        if not row.mark and not row.detail:
            return
        painter.save()
        self._selected = chosen
        lower = _half(rect.adjusted(SPACE[1], 0, -SPACE[1], 0), upper=False)
        meta = self._theme.font("meta")
        width = self._line(painter, lower, row.mark, meta, "accent") if row.mark else -SPACE[1]
        rest = lower.adjusted(width + SPACE[1], 0, 0, 0)
        self._line(painter, rest, row.detail, meta, "danger" if row.tone == "danger" else "muted")
        painter.restore()

    def _cell(self, painter: QPainter, rect: QRect, row: Row, index: Index) -> None:
        tone = _TONES.get(row.tone, "text") if index.column() == _FITS else "text"
        if row.mark or row.detail:
            rect = _half(rect, upper=True)
        self._line(painter, rect, str(index.data() or ""), self._theme.font("ui"), tone)

    def _line(self, painter: QPainter, rect: QRect, text: str, font: QFont, token: str) -> int:
        """Draw one line of text, cut where it is too long; its width."""
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(0, rect.width()))
        painter.setFont(font)
        # The quieter colours have too little contrast on the ground of a chosen row.
        painter.setPen(QColor(self._theme.color("text" if self._selected else token)))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        painter.drawText(rect, flags, shown)
        return metrics.horizontalAdvance(shown)


def _half(rect: QRect, *, upper: bool) -> QRect:
    """The place of one of two lines."""
    half = rect.height() // 2
    top = rect.top() + (SPACE[0] if upper else half)
    return QRect(rect.left(), top, rect.width(), half - SPACE[0])
