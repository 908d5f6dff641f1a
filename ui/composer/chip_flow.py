"""Where the chips stand: rows of cells of one width, one tab stop for all."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.language import tr
from ui.composer.attached import Attached
from ui.composer.chip import Chip
from ui.theme import SPACE, ThemeManager

_CELL: Final = 224  # px, the narrowest that a chip is made where there is room
_WIDEST: Final = 320
_AT_ONCE: Final = 16  # chips that are built in one go: each takes about half a ms
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SIDES: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class ChipFlow(QWidget):
    """Lays the chips out and moves the focus between them."""

    activated = Signal(str)
    removed = Signal(str)
    retried = Signal(str)
    menu_wanted = Signal(str, object)  # id, a QPoint of the screen
    focused = Signal(object)  # the chip that should be seen
    arranged = Signal()
    typed = Signal(str)  # text that was meant for the question

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chip_flow")
        self.setAccessibleName(tr("Documents of your question"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a place in the order of those around it; see `_order`
        self._theme = theme
        self._items: list[Attached] = []
        self._chips: dict[str, Chip] = {}
        self._current = ""
        self._timer = QTimer(self)
        self._timer.setObjectName("chip_flow_timer")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._build_more)

    def chips(self) -> list[Chip]:
        """Those that are built, in their order."""
        return [self._chips[item.id] for item in self._items if item.id in self._chips]

    def chip(self, attachment_id: str) -> Chip | None:
        return self._chips.get(attachment_id)

    def set_items(self, items: list[Attached]) -> None:
        """These documents; a chip that stays keeps the focus, one that goes hands it on."""
        before = [item.id for item in self._items]
        held = next((key for key, chip in self._chips.items() if chip.hasFocus()), "")
        self._items = list(items)
        kept = {item.id for item in items}
        for item in items:
            chip = self._chips.get(item.id)
            if chip is not None and chip.item != item:
                chip.show_item(item)
        self._build_more()
        if held and held not in kept and items:
            self._focus_on(items[min(before.index(held), len(items) - 1)].id)
        for key in [key for key in self._chips if key not in kept]:
            chip = self._chips.pop(key)
            chip.hide()
            chip.deleteLater()
        if before != [item.id for item in items]:
            self._order()
        self.arrange()

    @Slot()
    def _build_more(self) -> None:
        missing = [item for item in self._items if item.id not in self._chips]
        for item in missing[:_AT_ONCE]:
            self._add(item)
        if len(missing) > _AT_ONCE:
            self._timer.start()
        else:
            self._timer.stop()
        if missing and self.sender() is self._timer:
            self._order()
            self.arrange()

    def _add(self, item: Attached) -> None:
        chip = Chip(item, self._theme, self)
        chip.clicked.connect(self._on_clicked)
        chip.removed.connect(self.removed)
        chip.retried.connect(self.retried)
        chip.installEventFilter(self)
        chip.show()
        self._chips[item.id] = chip

    def _order(self) -> None:
        """One of the chips is the tab stop: the one that had the focus last."""
        before: QWidget = self
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt orders nothing behind what takes no focus
        if self._current not in self._chips:
            self._current = self._items[0].id if self._items else ""
        for chip in self.chips():
            QWidget.setTabOrder(before, chip)
            before = chip
            stop = chip.item.id == self._current
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus if stop else Qt.FocusPolicy.ClickFocus)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    # ---- places ---------------------------------------------------------------------------

    def row_height(self) -> int:
        """Px of one row of chips."""
        return next((chip.sizeHint().height() for chip in self._chips.values()), 0)

    def columns(self, width: int) -> int:
        return max(1, (width + SPACE[1]) // (_CELL + SPACE[1]))

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        return QSize(0, self._place(max(1, self.width()), move=False))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """Put every chip in its place."""
        self._place(self.width(), move=True)
        self.updateGeometry()
        self.arranged.emit()

    def _place(self, width: int, *, move: bool) -> int:
        """The height in px that the chips take in `width`."""
        columns, gap, height = self.columns(width), SPACE[1], self.row_height()
        cell = width if columns == 1 else min(_WIDEST, (width - (columns - 1) * gap) // columns)
        column = row = 0
        for chip in self.chips():
            span = 1 if columns == 1 else min(columns, -(-(chip.natural_width() + gap) // (cell + gap)) or 1)
            if column + span > columns:
                column, row = 0, row + 1
            if move:
                right = column + span == columns and span == columns
                wide = min(width, max(cell, chip.natural_width())) if right else span * (cell + gap) - gap
                chip.setGeometry(column * (cell + gap), row * (height + gap), wide, height)
            column += span
            if column >= columns:
                column, row = 0, row + 1
        rows = row + (1 if column else 0)
        return rows * (height + gap) - gap if rows else 0

    # ---- keys -----------------------------------------------------------------------------

    def eventFilter(self, chip: Chip, event: QEvent) -> bool:  # type: ignore[override]
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press(chip, event)
        if isinstance(event, QFocusEvent) and event.gotFocus():
            if self._current != chip.item.id:
                self._current = chip.item.id
                self._order()
            self.focused.emit(chip)
        elif isinstance(event, QContextMenuEvent):
            mouse = event.reason() == QContextMenuEvent.Reason.Mouse
            at = event.globalPos() if mouse else chip.mapToGlobal(chip.rect().bottomLeft())
            self.menu_wanted.emit(chip.item.id, at)
            return True
        return False

    def _press(self, chip: Chip, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        chips = self.chips()
        place = chips.index(chip)
        per_row = self.columns(self.width())
        steps = {**_SIDES, Qt.Key.Key_Up: -per_row, Qt.Key.Key_Down: per_row}
        if key in _ENTER:
            chip.click()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(chip.item.id)
        elif key in steps:
            if 0 <= place + steps[key] < len(chips):
                self._focus_on(chips[place + steps[key]].item.id)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._focus_on(chips[0 if key == Qt.Key.Key_Home else -1].item.id)
        elif event.text().strip() and event.text().isprintable():
            self.typed.emit(event.text())
        else:
            return False
        return True

    def _focus_on(self, attachment_id: str) -> None:
        chip = self._chips.get(attachment_id)
        if chip is not None:
            chip.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_clicked(self) -> None:
        chip = self.sender()
        if isinstance(chip, Chip):
            self.activated.emit(chip.item.id)

    def has_focus(self) -> bool:
        """Whether one of the chips has the keyboard."""
        return isinstance(QApplication.focusWidget(), Chip) and QApplication.focusWidget().parent() is self
