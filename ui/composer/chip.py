"""One document that goes with the question."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QToolButton, QWidget

from app.language import ntr, tr
from ui import words
from ui.composer.attached import Attached
from ui.documents.kinds import icon_of, kind_name
from ui.theme import RADIUS_CONTROL, SPACE, ThemeManager

_ICON: Final = 18
_SMALL: Final = 14
_BUTTON: Final = 24
_BAR: Final = 3
_NAME: Final = 400  # characters of a name that can matter
_STATUS: Final = 600


def status_line(item: Attached) -> str:
    """The line under the name."""
    parts = [words.shown_line(item.status, _STATUS)] if item.status else []
    if item.state == "ready" and item.tokens is not None:
        parts.append(ntr("{count} token", "{count} tokens", item.tokens))
    if not parts:
        parts = [
            {"reading": tr("Reading"), "password": tr("Needs a password"), "failed": tr("Not read")}.get(
                item.state, ""
            )
        ]
    return " · ".join(part for part in parts if part) or kind_name(item.kind)


class Chip(QAbstractButton):
    """Icon, name and a muted line; a cross that removes it, and where it failed an arrow that tries again."""

    removed = Signal(str)
    retried = Signal(str)

    def __init__(self, item: Attached, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme = theme
        self._meta = theme.font("meta")
        self.item = item
        self.remove = self._button("chip_remove", "close", self._on_remove)
        self.retry = self._button("chip_retry", "refresh", self._on_retry)
        self.show_item(item)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _button(self, name: str, icon: str, slot) -> QToolButton:  # type: ignore[no-untyped-def]
        # not a tab stop of its own: Del and Enter on the chip do the same
        button = QToolButton(self)
        button.setObjectName(name)
        button.setProperty("icon_name", icon)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.setFixedSize(_BUTTON, _BUTTON)
        button.setIconSize(QSize(_SMALL, _SMALL))
        button.clicked.connect(slot)
        return button

    def show_item(self, item: Attached) -> None:
        """Show the document as it is now."""
        self.item = item
        name = words.shown_line(item.name, _NAME) or kind_name(item.kind)
        line = status_line(item)
        notes = [words.shown_line(note, _STATUS) for note in item.notes]
        self.setAccessibleName(f"{name}, {line}")
        self.setAccessibleDescription(" ".join([*notes, *_hints(item)]))
        self.setToolTip(words.tip_lines(name, line, *notes, *_mouse_hints(item)))
        self.remove.setAccessibleName(tr("Remove {name}", name=name))
        self.remove.setToolTip(
            tr("Stop reading and remove (Del)") if item.state == "reading" else tr("Remove (Del)")
        )
        self.retry.setAccessibleName(tr("Try {name} again", name=name))
        self.retry.setToolTip(tr("Try again (Enter)"))
        self.retry.setVisible(item.state == "failed")
        self.update()

    def sizeHint(self) -> QSize:
        lines = self.fontMetrics().height() + QFontMetrics(self._meta).height()
        return QSize(12 * _ICON, lines + 2 * SPACE[1])

    def natural_width(self) -> int:
        """Px at which the whole status can be read; only a failure asks for more than a cell."""
        if self.item.state != "failed":
            return 0
        return (
            QFontMetrics(self._meta).horizontalAdvance(status_line(self.item)) + self._left() + self._right()
        )

    def _left(self) -> int:
        return SPACE[1] + _ICON + SPACE[1]

    def _right(self) -> int:
        return SPACE[1] + _BUTTON * (2 if self.item.state == "failed" else 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        top = SPACE[0]
        self.remove.move(self.width() - _BUTTON - SPACE[0], top)
        self.retry.move(self.width() - 2 * _BUTTON - SPACE[0], top)

    # ---- painting -------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        icon, color = self._icon()
        pixmap = self._theme.pixmap(icon, color, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(SPACE[1], (self.height() - _ICON) // 2), pixmap)
        self._paint_words(painter)
        if self.item.state == "reading":
            self._paint_progress(painter)

    def _paint_frame(self, painter: QPainter) -> None:
        tokens = self._theme
        wide = tokens.ring if self.hasFocus() and tokens.contrast else 1.0
        painter.setPen(QPen(tokens.color("accent" if self.hasFocus() else "border"), wide))
        hot = self.underMouse() or self.isDown()
        painter.setBrush(tokens.color("hover" if hot else "sunken"))
        edge = wide / 2
        box = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.drawRoundedRect(box, RADIUS_CONTROL, RADIUS_CONTROL)

    def _icon(self) -> tuple[str, str]:
        if self.item.state == "failed":
            return "warning", "danger"
        return ("lock", "warning") if self.item.state == "password" else (icon_of(self.item.kind), "muted")

    def _paint_words(self, painter: QPainter) -> None:
        left, right = self._left(), self.width() - self._right()
        names, metas = self.fontMetrics(), QFontMetrics(self._meta)
        top = (self.height() - names.height() - metas.height()) // 2
        if self.item.notes:
            right -= _SMALL + SPACE[0]
            pixmap = self._theme.pixmap("info", "warning", _SMALL, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(right + SPACE[0], top + (names.height() - _SMALL) / 2), pixmap)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        name = words.shown_line(self.item.name, _NAME) or kind_name(self.item.kind)
        painter.setFont(self.font())
        painter.setPen(self._theme.color("text"))
        place = QRect(left, top, right - left, names.height())
        painter.drawText(place, flags, names.elidedText(name, Qt.TextElideMode.ElideMiddle, place.width()))
        tones = {"failed": "danger", "password": "warning"}
        painter.setFont(self._meta)
        painter.setPen(self._theme.color(tones.get(self.item.state, "muted")))
        place = QRect(left, place.bottom() + 1, self.width() - self._right() - left + _BUTTON, metas.height())
        if self.item.state == "failed":
            place.setRight(right)
        line = metas.elidedText(status_line(self.item), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, flags, line)

    def _paint_progress(self, painter: QPainter) -> None:
        left = self._left()
        track = QRectF(left, self.height() - _BAR - 3, self.width() - left - SPACE[1], _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("pressed"))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        if self.item.fraction > 0:
            track.setWidth(max(_BAR, track.width() * min(1.0, self.item.fraction)))
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)

    # ---- slots ----------------------------------------------------------------------------

    @Slot()
    def _on_remove(self) -> None:
        self.removed.emit(self.item.id)

    @Slot()
    def _on_retry(self) -> None:
        self.retried.emit(self.item.id)

    @Slot()
    def _on_theme(self) -> None:
        for button in (self.remove, self.retry):
            button.setIcon(self._theme.icon(button.property("icon_name"), "muted", _SMALL))
        self.update()


def _mouse_hints(item: Attached) -> list[str]:
    """What the mouse does, where no button shows it."""
    if item.state != "ready":
        return []
    if item.pages > 1:
        return [tr("A click shows the text, the right button chooses pages.")]
    return [tr("A click shows the text.")]


def _hints(item: Attached) -> list[str]:
    """What the keys do, for those who can't see the buttons."""
    keys = {
        "failed": tr("Enter tries again."),
        "password": tr("Enter asks for the password."),
        "ready": tr("Enter shows the text."),
    }
    return [part for part in (keys.get(item.state, ""), tr("Delete removes it.")) if part]
