"""The live meter at the bottom edge: how full the GPU's memory is, or the RAM where there is no GPU."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStyle, QStyleOptionFocusRect, QWidget

from app.language import mark, tr
from app.models.metering import Meter
from ui import words
from ui.accessible import PressedNode, provide
from ui.elided_label import ElidedLabel
from ui.meters.stacked_bar import StackedBar, lines
from ui.theme import SPACE, ThemeManager

_WIDTH = 120
_NO_GPU = mark("No GPU is in use: this is the RAM")


class MemoryMeter(QWidget):
    """Bar and words; a click or Enter asks for more. Empty, it takes no room."""

    opened = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        provide("MemoryMeter", PressedNode)
        self.setObjectName("memory_meter")
        self.setAccessibleName(tr("Memory"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.label = ElidedLabel("", self)
        self.label.setObjectName("memory_text")
        self.label.setProperty("role", "meta")
        self.bar = StackedBar(theme, _WIDTH, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[0], 0, SPACE[0], 0)
        row.setSpacing(SPACE[1])
        row.addWidget(self.label)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @Slot(object)
    def set_meters(self, meters: tuple[Meter, ...]) -> None:
        """Show the first device, and all of them in the tooltip."""
        self.setVisible(bool(meters))
        if not meters:
            return
        first = meters[0]
        self.bar.set_meter(first)
        name = "RAM" if first.is_ram else "VRAM"
        text = tr(
            "{name} {used} of {total}", name=name, used=words.size(first.used), total=words.size(first.total)
        )
        if text != self.label.text():
            self.label.setText(text)
        self.setAccessibleName(tr("Memory: {share}", share=text))
        self.setToolTip(tooltip(meters))

    def sizeHint(self) -> QSize:
        return self.layout().sizeHint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.press()

    def press(self) -> None:
        """Ask for more."""
        self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.press()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.hasFocus():
            option = QStyleOptionFocusRect()
            option.initFrom(self)
            painter = QPainter(self)
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, self)


def tooltip(meters: tuple[Meter, ...]) -> str:
    """All devices with their parts, a line each."""
    blocks = []
    for meter in meters:
        parts = [
            tr(
                "{title}: {used} of {total}",
                title=meter.title,
                used=words.size(meter.used),
                total=words.size(meter.total),
            )
        ]
        parts += [f"    {text}" for _kind, text in lines(meter)]
        blocks.append("\n".join(parts))
    if all(meter.is_ram for meter in meters):
        blocks.append(tr(_NO_GPU))
    return words.tip("\n".join(blocks))
