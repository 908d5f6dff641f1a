"""What waits for the model, above the composer."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.language import ntr, tr
from ui.composer.waiting import Waiting
from ui.elided_label import ElidedLabel
from ui.theme import SPACE, ThemeManager
from ui.words import shown_line, shown_title, tip

_ICON = 16
_TITLE_WIDTH = 140
_ROWS_AT_MOST = 4
_SHOWN = 400  # characters of a question that can matter for one line


class ElidedButton(QPushButton):
    """A button whose text gives way: what does not fit ends in an ellipsis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_plain(self, text: str) -> None:
        """A text in which & is a character like any other."""
        self.setText(text.replace("&", "&&"))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        room -= 0 if option.icon.isNull() else option.iconSize.width() + SPACE[0]
        whole = self.text().replace("&&", "&")
        shown = self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room)
        option.text = shown.replace("&", "&&")
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class QueueRow(QFrame):
    """One request: its question, and what can be done with it."""

    moved = Signal(int, int)
    dropped = Signal(int)
    opened = Signal(str)

    def __init__(self, item: Waiting, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = item
        self._theme = theme
        self.setObjectName(f"queue_row_{item.request}")
        self.text = ElidedButton(self)
        self.text.setObjectName("queue_open")
        self.text.clicked.connect(self._on_open)
        self.title = ElidedLabel("", self)
        self.title.setObjectName("queue_title")
        self.title.setProperty("role", "meta")
        self.title.setMaximumWidth(_TITLE_WIDTH)
        self.title.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        self.up = self._button("queue_up", self._on_up)
        self.down = self._button("queue_down", self._on_down)
        self.drop = self._button("queue_drop", self._on_drop)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[1], 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.text, 1)
        row.addWidget(self.title)
        row.addSpacing(SPACE[1])
        for button in self.buttons():
            row.addWidget(button)
        self.show_item(item, False, False)
        self.recolour()

    def _button(self, name: str, slot) -> QToolButton:  # type: ignore[no-untyped-def]
        button = QToolButton(self)
        button.setObjectName(name)
        button.setIconSize(QSize(_ICON, _ICON))
        button.clicked.connect(slot)
        return button

    def buttons(self) -> tuple[QToolButton, ...]:
        """Up, Down, Drop."""
        return self.up, self.down, self.drop

    def show_item(self, item: Waiting, can_rise: bool, can_sink: bool) -> None:
        """Show the request as it is now. A button that has the focus hands it on before it goes."""
        self.item = item
        question = shown_line(item.question, _SHOWN)
        title = shown_title(item.title) or tr("New chat")
        self.text.set_plain(tr("Answering: {question}", question=question) if item.running else question)
        self.title.setText(title)
        self.text.setToolTip(tip(tr("Open “{title}”", title=title)))
        self.text.setAccessibleName(tr("{question}, in {title}", question=question, title=title))
        end = tr("Stop") if item.running else tr("Drop")
        for button, label, hint in (
            (self.up, tr("Move up"), tr("Answer sooner")),
            (self.down, tr("Move down"), tr("Answer later")),
            (self.drop, end, tr("Stop this answer") if item.running else tr("Don't ask this")),
        ):
            button.setAccessibleName(tr("{label}: {question}", label=label, question=question))
            button.setToolTip(hint)
        for button, possible, other in (
            (self.up, can_rise, self.down if can_sink else self.drop),
            (self.down, can_sink, self.up if can_rise else self.drop),
        ):
            if button.hasFocus() and not possible:
                other.setEnabled(True)
                other.setFocus(Qt.FocusReason.OtherFocusReason)
            button.setEnabled(possible)
            button.setVisible(not item.running)
        self.recolour()

    def recolour(self) -> None:
        """Take the icons from the theme again."""
        for button, icon in ((self.up, "chevron-up"), (self.down, "chevron-down")):
            button.setIcon(self._theme.icon(icon, "muted" if button.isEnabled() else "border", _ICON))
        self.drop.setIcon(self._theme.icon("stop" if self.item.running else "close", "muted", _ICON))

    @Slot()
    def _on_open(self) -> None:
        self.opened.emit(self.item.conversation_id)

    @Slot()
    def _on_up(self) -> None:
        self.moved.emit(self.item.request, -1)

    @Slot()
    def _on_down(self) -> None:
        self.moved.emit(self.item.request, 1)

    @Slot()
    def _on_drop(self) -> None:
        self.dropped.emit(self.item.request)


class _Area(QScrollArea):
    """Wants to be as high as it may, and shrinks where the window is low."""

    def sizeHint(self) -> QSize:
        return QSize(0, self.maximumHeight())


class QueueBar(QFrame):
    """One line that opens to a row for each request; hidden while nothing is asked."""

    moved = Signal(int, int)
    dropped = Signal(int)
    opened = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("queue_bar")
        self.setAccessibleName(tr("Questions that wait"))
        self._theme = theme
        self._rows: dict[int, QueueRow] = {}
        self.line = ElidedButton(self)
        self.line.setObjectName("queue_line")
        self.line.setAccessibleName(tr("Questions that wait"))
        self.line.setCheckable(True)
        self.line.setIconSize(QSize(_ICON, _ICON))
        self.line.toggled.connect(self._on_toggled)
        self._list = QWidget()
        self._list.setObjectName("queue_list")
        self._box = QVBoxLayout(self._list)
        self._box.setContentsMargins(0, 0, 0, SPACE[0])
        self._box.setSpacing(0)
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[0], 0, SPACE[0], 0)
        box.setSpacing(0)
        box.addWidget(self.line)
        self._area = _Area(self)
        self._area.setObjectName("queue_area")
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._list)
        box.addWidget(self._area)
        self._area.hide()
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    @Slot(object)
    def set_queue(self, items: list[Waiting]) -> None:
        """Show these requests, the running one first. The focus stays with its request."""
        place, name = self._focused()
        kept = {item.request for item in items}
        waiting = [item.request for item in items if not item.running]
        for number, item in enumerate(items):
            row = self._rows.get(item.request) or self._add(item)
            if self._box.indexOf(row) != number:
                self._box.insertWidget(number, row)
            rank = waiting.index(item.request) if not item.running else 0
            row.show_item(item, not item.running and rank > 0, not item.running and rank < len(waiting) - 1)
        self._order(items)
        if items:
            self._say(items)
        self._pass_focus(items, place, name, kept)
        for request in [one for one in self._rows if one not in kept]:
            row = self._rows.pop(request)
            self._box.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.setVisible(bool(items))
        self._fit()

    def _fit(self) -> None:
        """All the rows where they are few; a longer list scrolls."""
        rows = [row.sizeHint().height() for row in self._rows.values()]
        self._area.setMinimumHeight(rows[0] if rows else 0)
        self._area.setMaximumHeight(sum(rows[:_ROWS_AT_MOST]) + SPACE[0])
        self._area.updateGeometry()

    def _add(self, item: Waiting) -> QueueRow:
        row = QueueRow(item, self._theme, self._list)
        row.moved.connect(self.moved)
        row.dropped.connect(self.dropped)
        row.opened.connect(self.opened)
        self._rows[item.request] = row
        return row

    def _order(self, items: list[Waiting]) -> None:
        before: QWidget = self.line
        for item in items:
            row = self._rows[item.request]
            for widget in (row.text, *row.buttons()):
                QWidget.setTabOrder(before, widget)
                before = widget

    def _say(self, items: list[Waiting]) -> None:
        running = next((item for item in items if item.running), None)
        count = sum(not item.running for item in items)
        title = shown_title(running.title) if running is not None else ""
        said = [tr("Answering “{title}”", title=title or tr("New chat"))] if running is not None else []
        said += [ntr("{count} waiting", "{count} waiting", count)] if count else []
        self.line.set_plain(" · ".join(said))
        self.line.setAccessibleName(" · ".join(said))

    # ---- focus ----------------------------------------------------------------------------

    def _focused(self) -> tuple[int, str]:
        """Place and button of the row that has the focus; -1 where none has."""
        focus = QApplication.focusWidget()
        row = focus.parentWidget() if focus is not None else None
        if isinstance(row, QueueRow) and row.item.request in self._rows:
            return self._box.indexOf(row), focus.objectName()
        return -1, ""

    def _pass_focus(self, items: list[Waiting], place: int, name: str, kept: set[int]) -> None:
        """Where the row with the focus is going, the one that takes its place gets it."""
        focus = QApplication.focusWidget()
        row = focus.parentWidget() if focus is not None else None
        if place < 0 or not items or not isinstance(row, QueueRow) or row.item.request in kept:
            return
        heir = self._rows[items[min(place, len(items) - 1)].request]
        button = next((one for one in (heir.text, *heir.buttons()) if one.objectName() == name), heir.drop)
        (button if button.isEnabled() and not button.isHidden() else heir.drop).setFocus()

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self._area.setVisible(shown)
        self._fit()
        self.line.setToolTip(tr("Fold the list") if shown else tr("Show what waits"))
        self._on_theme()

    @Slot()
    def _on_theme(self) -> None:
        icon = "chevron-down" if self.line.isChecked() else "chevron-right"
        self.line.setIcon(self._theme.icon(icon, "muted", _ICON))
        for row in self._rows.values():
            row.recolour()
