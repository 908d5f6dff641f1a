"""Draws the rows: headings, conversations, deleted ones, hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.chat.library import Entry, Hit
from app.language import mark, tr
from ui.sidebar.contents import Section, conversation_of, one_line
from ui.sidebar.hit_text import Fitted, Spans, found_in
from ui.sidebar.model import Index, RowModel
from ui.sidebar.style import DOT, INSET, MARK, ROW, TALL_ROW
from ui.theme import RADIUS_CONTROL, SPACE, ThemeManager

RESTORE: Final = mark("Restore")
_PAD: Final = SPACE[1]  # px, between a row's ground and its text
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


@dataclass(frozen=True, slots=True)
class _Look:
    """How one row stands at the moment of painting."""

    ground: str  # a token, empty for none
    focused: bool
    hovered: bool

    @property
    def muted(self) -> str:
        """The token of quiet text: on a tinted ground it would be too faint."""
        return "muted" if self.ground in ("", "hover") else "text"

    @property
    def accent(self) -> str:
        return "text" if self.ground else "accent"


class RowDelegate(QStyledItemDelegate):
    """Paints by the model's rows; holds no state but fonts and the place of a drop."""

    def __init__(self, theme: ThemeManager, model: RowModel, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._model = model
        self._view = view
        self.drop_row = -1
        self._make_fonts()

    def _make_fonts(self) -> None:
        self._font = self._theme.font("ui")
        self._meta = self._theme.font("meta")
        self._small = QFont(self._meta)
        self._small.setWeight(QFont.Weight.DemiBold)
        self._snippets = Fitted(self._meta)
        self._titles = Fitted(self._font, 1)

    # ---- sizes ----------------------------------------------------------------------------

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        row = self._model.row(index.row())
        if isinstance(row, Entry) and row.deleted is not None:
            return QSize(0, TALL_ROW)
        if isinstance(row, Hit) and _snippet(row):
            width = self._ground_of(self._view.viewport().rect()).width() - 2 * _PAD
            lines = self._snippets.lines(row.snippet, row.matches, width)
            return QSize(0, ROW + lines * QFontMetrics(self._meta).lineSpacing() + SPACE[0])
        return QSize(0, ROW)

    def restore_rect(self, rect: QRect) -> QRect:
        """Where the word that restores a deleted conversation stands in its row."""
        metrics = QFontMetrics(self._meta)
        width = metrics.horizontalAdvance(tr(RESTORE)) + 2 * _PAD
        inside = self._ground_of(rect)
        return QRect(inside.right() - width, inside.top(), width, inside.height())

    def editor_rect(self, number: int, rect: QRect) -> QRect:
        """Where the name of a row is typed: over its title."""
        return self._ground_of(rect).adjusted(self._indent(number), 1, 0, -1)

    def _ground_of(self, rect: QRect) -> QRect:
        # Beside a scroll bar there is room enough already.
        right = 0 if self._view.verticalScrollBar().isVisible() else INSET
        return rect.adjusted(INSET, 1, -right, -1)

    def _indent(self, number: int) -> int:
        row = self._model.row(number)
        if isinstance(row, Section):
            return MARK + SPACE[0]
        return SPACE[2] if isinstance(row, Entry) and self._model.is_inside(row) else 0

    # ---- painting -------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = self._model.row(index.row())
        if row is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self._look(option, index.row())
        ground = self._ground_of(option.rect)
        self._paint_ground(painter, ground, look)
        inside = ground.adjusted(_PAD, 0, -_PAD, 0)
        if isinstance(row, Section):
            self._paint_section(painter, inside, row, look)
        elif isinstance(row, Hit):
            self._paint_hit(painter, inside, row, look)
        elif row.deleted is not None:
            self._paint_deleted(painter, inside, row, look, self.restore_rect(option.rect))
        else:
            self._paint_entry(painter, inside.adjusted(self._indent(index.row()), 0, 0, 0), row, look)
        painter.restore()

    def _look(self, option: QStyleOptionViewItem, number: int) -> _Look:
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        in_list = self._view.hasFocus()
        shown = conversation_of(self._model.row(number))
        ground = ""
        if number == self.drop_row or (option.state & QStyle.StateFlag.State_Selected and in_list):
            ground = "selection"
        elif shown and shown == self._model.current and not isinstance(self._model.row(number), Hit):
            ground = "pressed"
        elif hovered or option.state & QStyle.StateFlag.State_Selected:
            ground = "hover"
        focused = in_list and self._view.currentIndex().row() == number
        return _Look(ground, focused, hovered)

    def _paint_ground(self, painter: QPainter, rect: QRect, look: _Look) -> None:
        if not look.ground and not look.focused:
            return
        painter.setBrush(self._color(look.ground) if look.ground else Qt.BrushStyle.NoBrush)
        painter.setPen(self._edge(look))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)

    def _edge(self, look: _Look) -> QPen:
        """The mark of the keyboard; in high contrast also that of the open conversation."""
        if look.focused:
            return QPen(self._color("accent"), self._theme.ring if self._theme.contrast else 1.0)
        marked = self._theme.contrast and look.ground in ("pressed", "selection")
        return QPen(self._color("text")) if marked else QPen(Qt.PenStyle.NoPen)

    def _paint_section(self, painter: QPainter, rect: QRect, row: Section, look: _Look) -> None:
        if row.folder or row.folded or look.hovered or look.focused:
            chevron = "chevron-right" if row.folded else "chevron-down"
            left = rect.left() if row.folder else rect.right() - MARK + 1
            self._icon(painter, chevron, look.muted, left, rect)
        if row.folder:
            rect = rect.adjusted(MARK + SPACE[0], 0, 0, 0)
            self._icon(painter, "folder", look.muted, rect.left(), rect)
            rect = rect.adjusted(MARK + SPACE[1], 0, 0, 0)
        else:
            rect = rect.adjusted(0, SPACE[0], -MARK - SPACE[0], 0)
        painter.setPen(self._color(look.muted))
        if row.folder or row.folded:
            count = f"{row.count:,}"
            painter.setFont(self._meta)
            painter.drawText(rect, _RIGHT, count)
            taken = QFontMetrics(self._meta).horizontalAdvance(count)
            rect = rect.adjusted(0, 0, -taken - SPACE[1], 0)
        self._text(painter, rect, one_line(row.name), self._small)

    def _paint_entry(self, painter: QPainter, rect: QRect, row: Entry, look: _Look) -> None:
        if row.pinned:
            self._icon(painter, "pin", look.muted, rect.right() - MARK + 1, rect)
            rect = rect.adjusted(0, 0, -MARK - SPACE[0], 0)
        if row.id in self._model.working:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._color("accent"))
            painter.drawEllipse(rect.right() - (MARK + DOT) // 2, rect.center().y() - DOT // 2, DOT, DOT)
            rect = rect.adjusted(0, 0, -MARK - SPACE[0], 0)
        painter.setPen(self._color("text"))
        self._text(painter, rect, one_line(row.title), self._font)

    def _paint_deleted(self, painter: QPainter, rect: QRect, row: Entry, look: _Look, restore: QRect) -> None:
        middle = rect.center().y()
        room = rect.adjusted(0, SPACE[0], _PAD - restore.width(), 0)
        painter.setPen(self._color("text"))
        self._text(painter, _until(room, middle + 1), one_line(row.title), self._font)
        painter.setPen(self._color(look.muted))
        left = self._model.calendar.left(row.deleted or 0.0)
        lower = QRect(room.left(), middle + 1, room.width(), rect.bottom() - middle - SPACE[0])
        self._text(painter, lower, left, self._meta)
        font = QFont(self._meta)
        font.setUnderline(look.hovered)
        painter.setFont(font)
        painter.setPen(self._color(look.accent))
        painter.drawText(restore, int(Qt.AlignmentFlag.AlignCenter), tr(RESTORE))

    def _paint_hit(self, painter: QPainter, rect: QRect, row: Hit, look: _Look) -> None:
        upper = _until(rect, rect.top() + ROW - 1)
        muted = self._color(look.muted)
        date = self._model.calendar.short(row.when)
        painter.setPen(muted)
        painter.setFont(self._meta)
        painter.drawText(upper, _RIGHT, date)
        taken = QFontMetrics(self._meta).horizontalAdvance(date) + SPACE[1] if date else 0
        if row.archived:
            self._icon(painter, "archive", look.muted, upper.right() - taken - MARK + 1, upper)
            taken += MARK + SPACE[0]
        colours = (self._color("text"), self._color(look.accent))
        title = one_line(row.title)
        room = max(1, upper.width() - taken)
        high = QFontMetrics(self._font).height()
        at = QRect(upper.left(), upper.center().y() + 1 - high // 2, room, high)
        self._titles.draw(painter, at, title, self._title_spans(row, title), colours)
        if _snippet(row):
            found = (muted, self._color(look.accent))
            below = rect.adjusted(0, ROW - SPACE[0], 0, 0)
            self._snippets.draw(painter, below, row.snippet, row.matches, found)

    def _title_spans(self, row: Hit, title: str) -> Spans:
        return row.matches if row.snippet == title else found_in(title, self._model.query)

    def _text(self, painter: QPainter, rect: QRect, text: str, font: QFont) -> None:
        painter.setFont(font)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, _LEFT, shown)

    def _icon(self, painter: QPainter, name: str, color: str, left: int, rect: QRect) -> None:
        pixmap = self._theme.pixmap(name, color, MARK, self._view.devicePixelRatioF())
        painter.drawPixmap(left, rect.center().y() - MARK // 2 + 1, pixmap)

    def _color(self, token: str) -> QColor:
        return self._theme.color(token)


def _snippet(row: Hit) -> bool:
    """Whether a hit shows more than its title."""
    return bool(row.snippet) and row.snippet != one_line(row.title)


def _until(rect: QRect, bottom: int) -> QRect:
    return QRect(rect.left(), rect.top(), rect.width(), bottom - rect.top())
