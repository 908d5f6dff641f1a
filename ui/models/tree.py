"""The list of models: groups with a heading, a row for each model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from app.language import mark, tr
from ui.models.row_delegate import SHOWN, RowDelegate
from ui.models.values import Group, Row
from ui.theme import SPACE, ThemeManager
from ui.words import tip

COLUMNS: Final = (mark("Model"), mark("Quantization"), mark("Size"), mark("Fits"), mark("Longest"))
_QUANTIZATION, _FIT_COLUMNS = 1, (3, 4)
#: With less px than this the names need the place of the quantizations, which they tell as a rule.
_NARROW = 680
Index = QModelIndex | QPersistentModelIndex


class ModelsTree(QTreeView):
    """Shows groups. Setters emit nothing.

    Signals:
        row_chosen: the key of the row that is current now.
        row_activated: Enter or a double click on a row.
        remove_requested: Del on a row.
    """

    row_chosen = Signal(str)
    row_activated = Signal(str)
    remove_requested = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("models_tree")
        self.setAccessibleName(tr("Models"))
        self._theme = theme
        self._groups: dict[str, Group] = {}
        self._setting = False
        self._model = QStandardItemModel(0, len(COLUMNS), self)
        self._model.setHorizontalHeaderLabels([tr(name) for name in COLUMNS])
        self.setModel(self._model)
        self._delegate = RowDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        self.setUniformRowHeights(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIndentation(SPACE[3])
        self.setExpandsOnDoubleClick(True)
        self.setAllColumnsShowFocus(False)  # its frame has a gradient; the ground shows the current row
        self.setTabKeyNavigation(False)
        self._set_header()
        self.show_fits(False)
        self.doubleClicked.connect(self._on_double_clicked)
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(self.viewport().update)

    def _set_header(self) -> None:
        header = self.header()
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(2 * SPACE[4])
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, len(COLUMNS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    # ---- what is shown --------------------------------------------------------------------

    @Slot(bool)
    def show_fits(self, shown: bool) -> None:
        """Whether there is something to say of what fits."""
        for column in _FIT_COLUMNS:
            self.setColumnHidden(column, not shown)

    @Slot(object)
    def set_groups(self, groups: tuple[Group, ...]) -> None:
        """Show these; what is chosen and what is folded stays."""
        wanted, current = {group.key: group for group in groups}, self.current_key()
        self._setting = True
        for key in [key for key in self._groups if key not in wanted]:
            self._model.removeRow(list(self._groups).index(key))
            del self._groups[key]
        if list(self._groups) != [key for key in wanted if key in self._groups]:
            self._model.removeRows(0, self._model.rowCount())
            self._groups.clear()
        for at, (key, group) in enumerate(wanted.items()):
            self._set_group(at, group, new=key not in self._groups)
        self._groups = wanted
        if current and current != self.current_key():
            self.choose(current)
        self._setting = False
        if current != self.current_key():
            self.row_chosen.emit(self.current_key())

    def _set_group(self, at: int, group: Group, *, new: bool) -> None:
        if new:
            heading = _items(group, group.title)
            heading[0].setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._model.insertRow(at, heading)
            self.setFirstColumnSpanned(at, QModelIndex(), True)
        elif self._groups[group.key] == group:
            return
        heading_item = self._model.item(at)
        heading_item.setData(group, SHOWN)
        heading_item.removeRows(0, heading_item.rowCount())
        for number, row in enumerate(group.rows):
            heading_item.appendRow(_row_items(row))
            if row.note:
                self.setFirstColumnSpanned(number, heading_item.index(), True)
        if new:
            self.setExpanded(heading_item.index(), group.open)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The ground of a chosen row goes from edge to edge; the style's own has a gradient and a frame."""
        row = self._row(index)
        chosen = row is not None and self.selectionModel().isRowSelected(index.row(), index.parent())
        if chosen:
            painter.fillRect(option.rect, self._theme.color("selection"))
        super().drawRow(painter, option, index)
        if row is not None:
            left = self.visualRect(index.siblingAtColumn(0)).left()
            rect = QRect(left, option.rect.top(), self.viewport().width() - left, option.rect.height())
            self._delegate.draw_detail(painter, rect, row, chosen=chosen)

    # ---- what is chosen -------------------------------------------------------------------

    def current_key(self) -> str:
        """The key of the row that is chosen, or an empty string."""
        row = self._row(self.currentIndex())
        return row.key if row is not None else ""

    @Slot(str)
    def choose(self, key: str) -> None:
        """Make a row the current one, open its group and scroll to it; nothing where it is not there."""
        for index in self._indexes():
            row = self._row(index)
            if row is not None and row.key == key:
                self.expand(index.parent())
                self.setCurrentIndex(index)
                self.scrollTo(index)
                return

    def keys(self) -> list[str]:
        """The keys of all models, from the top."""
        rows = (self._row(index) for index in self._indexes())
        return [row.key for row in rows if row is not None]

    def _indexes(self) -> Iterator[QModelIndex]:
        for number in range(self._model.rowCount()):
            group = self._model.index(number, 0)
            for at in range(self._model.rowCount(group)):
                yield self._model.index(at, 0, group)

    def _row(self, index: Index) -> Row | None:
        shown = index.siblingAtColumn(0).data(SHOWN) if index.isValid() else None
        return shown if isinstance(shown, Row) and not shown.note else None

    # ---- what the person does -------------------------------------------------------------

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        row = self._row(current)
        if not self._setting and row is not None:
            self.row_chosen.emit(row.key)

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        row = self._row(index)
        if row is not None:
            self.row_activated.emit(row.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.current_key()
        if key and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.row_activated.emit(key)
        elif key and event.key() == Qt.Key.Key_Delete:
            self.remove_requested.emit(key)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.setExpanded(self.currentIndex(), not self.isExpanded(self.currentIndex()))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnHidden(_QUANTIZATION, event.size().width() < _NARROW)
        self.scheduleDelayedItemsLayout()  # notes are as high as they need at this width


def _items(shown: object, text: str) -> list[QStandardItem]:
    item = QStandardItem(text)
    item.setData(shown, SHOWN)
    return [item]


def _row_items(row: Row) -> list[QStandardItem]:
    if row.note:
        items = _items(row, row.name)
        items[0].setFlags(Qt.ItemFlag.ItemIsEnabled)
        return items
    items = [*_items(row, row.name)]
    items += [QStandardItem(text) for text in (row.quantization, row.size, row.fits, row.longest)]
    told = [part for part in (row.name, row.mark, row.detail) if part]
    items[0].setData(", ".join(told), Qt.ItemDataRole.AccessibleTextRole)
    items[0].setToolTip(tip(row.name))
    for item in items:
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return items
