"""The list itself: keyboard, mouse, drops, names typed in place, and a place that is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from app.chat.library import Entry
from app.language import tr
from ui.sidebar.contents import SEARCH, Row, Section, conversation_of, entry_key
from ui.sidebar.dates import Calendar
from ui.sidebar.delegate import RowDelegate
from ui.sidebar.inputs import NameEdit
from ui.sidebar.model import Index, RowModel, dragged
from ui.theme import ThemeManager
from ui.words import shown_title

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BARE = Qt.KeyboardModifier.NoModifier | Qt.KeyboardModifier.KeypadModifier
_SELECT = QItemSelectionModel.SelectionFlag


@dataclass(frozen=True)
class _Place:
    """Where the reader of a list is: by key, since rows come and go."""

    current: str
    row: int
    selected: tuple[str, ...]
    seen: dict[str, int]  # the rows on the screen
    top: int  # px
    step: int  # px, a row's height


class ConversationList(QListView):
    """Rows in, wishes out. A wish names a row's number, ids or a key."""

    open_wanted = Signal(int)
    restore_wanted = Signal(int)
    fold_wanted = Signal(str, bool)  # a section's key, whether to fold it
    menu_wanted = Signal(QPoint)  # global
    rename_wanted = Signal(int)
    renamed = Signal(str, str)  # the row's key, its new name
    delete_wanted = Signal()
    moved = Signal(list, str)  # ids, the folder's id
    escaped = Signal()
    left_upwards = Signal()

    def __init__(self, theme: ThemeManager, calendar: Calendar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversation_list")
        self.setAccessibleName(tr("Conversations"))
        self.rows = RowModel(calendar, self)
        self.setModel(self.rows)
        self._delegate = RowDelegate(theme, self.rows, self)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QListView.DragDropMode.DragDrop)
        self.setDropIndicatorShown(False)
        self._mode = ""
        self._places: dict[str, _Place] = {}
        self._pressed = -1
        self._edited = ""
        self.editor = NameEdit(self, self.viewport())
        self.editor.setObjectName("row_editor")
        self.editor.setAccessibleName(tr("New name"))
        self.editor.named.connect(self._on_named)
        self.editor.dropped.connect(self._on_dropped)
        theme.changed.connect(self.viewport().update)

    # ---- rows, and the place among them ---------------------------------------------------

    def show_rows(self, rows: list[Row], mode: str) -> None:
        """Show these. The same mode again keeps selection and place, another gets its own back."""
        place = self._take_place() if self._mode else None
        anew = mode != self._mode
        if anew and place is not None:
            if not self._mode.startswith(SEARCH):
                self._places[self._mode] = place
            place = self._places.get(mode)
        self._mode = mode
        self.setUniformItemSizes(not mode.startswith(SEARCH))
        if self.rows.set_rows(rows, anew=anew):
            self.executeDelayedItemsLayout()
            self._put_place(place)
            self._keep_editor()
        self.viewport().update()

    def _take_place(self) -> _Place:
        selected = tuple(self.rows.keys[row] for row in self.selected_rows())
        current = self.currentIndex().row()
        key = self.rows.keys[current] if 0 <= current < len(self.rows.keys) else ""
        first = max(0, self.indexAt(QPoint(2, 1)).row())
        below = self.indexAt(QPoint(2, self.viewport().height() - 1)).row()
        last = below if below >= 0 else len(self.rows.keys) - 1
        seen = {self.rows.keys[row]: row for row in range(first, last + 1)}
        step = self.visualRect(self.rows.index(0)).height() if self.rows.keys else 0
        return _Place(key, current, selected, seen, self.verticalScrollBar().value(), step)

    def _put_place(self, place: _Place | None) -> None:
        if place is None:
            self.scrollToTop()
            return
        self._select(sorted(row for row in map(self.rows.place, place.selected) if row >= 0))
        row = self.rows.place(place.current)
        if row < 0 and place.row >= 0:
            row = min(place.row, len(self.rows.keys) - 1)
        self.selectionModel().setCurrentIndex(self.rows.index(row), _SELECT.NoUpdate)
        top = place.top
        # Rows that came or went above shift most of those on the screen by the same number.
        shifts = Counter(now - row for key, row in place.seen.items() if (now := self.rows.place(key)) >= 0)
        if top and shifts:
            top += shifts.most_common(1)[0][0] * place.step
        self.verticalScrollBar().setValue(top)

    def _select(self, numbers: list[int]) -> None:
        chosen = QItemSelection()
        for number, row in enumerate(numbers):
            if number == 0 or numbers[number - 1] != row - 1:
                first = row
            if number + 1 == len(numbers) or numbers[number + 1] != row + 1:
                chosen.append(QItemSelectionRange(self.rows.index(first), self.rows.index(row)))
        self.selectionModel().select(chosen, _SELECT.ClearAndSelect)

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        # A list view would place all rows again, which rows of one height do not need.
        if self.uniformItemSizes():
            QAbstractItemView.dataChanged(self, first, last, list(roles))
        else:
            super().dataChanged(first, last, list(roles))

    def selected_rows(self) -> list[int]:
        """Numbers of the selected rows, from the top."""
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def selected_ids(self) -> list[str]:
        """The conversations that an action would be for, each once."""
        return list(dict.fromkeys(conversation_of(self.rows.row(row)) for row in self.selected_rows()))

    def select_row(self, number: int) -> None:
        """Make a row the only selected one, and the keyboard's place."""
        self.selectionModel().setCurrentIndex(self.rows.index(number), _SELECT.ClearAndSelect)
        self.scrollTo(self.rows.index(number))

    def set_current(self, conversation_id: str) -> None:
        """Mark the open conversation; the keyboard's place follows while the keyboard is elsewhere."""
        before, self.rows.current = self.rows.current, conversation_id
        row = self.rows.place(entry_key(conversation_id))
        if not self.hasFocus() and not self.editor.is_open:
            if row >= 0:
                self.select_row(row)
            else:
                self.clearSelection()
        self.rows.touch({before, conversation_id})

    def set_working(self, ids: frozenset[str]) -> None:
        """Mark the conversations that are being answered."""
        changed, self.rows.working = self.rows.working ^ ids, ids
        self.rows.touch(changed)

    # ---- keyboard -------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key = event.key()
        if key in _ENTER:
            self._enter(row)
        elif key == Qt.Key.Key_Menu or (key == Qt.Key.Key_F10 and shift):
            self._ask_for_menu()
        elif key == Qt.Key.Key_F2:
            self.rename_wanted.emit(row)
        elif key == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif key == Qt.Key.Key_Up and row <= 0 and not shift:
            self.left_upwards.emit()
        elif not (key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._sideways(key, row)):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.rows.keys:
            row = max(0, self.rows.place(entry_key(self.rows.current)))
            self.selectionModel().setCurrentIndex(self.rows.index(row), _SELECT.NoUpdate)

    def _enter(self, number: int) -> None:
        row = self.rows.row(number)
        if isinstance(row, Section):
            self.fold_wanted.emit(row.key, not row.folded)
        elif row is not None:
            self.open_wanted.emit(number)

    def _sideways(self, key: int, number: int) -> bool:
        """Left folds or goes up to the heading, Right opens or goes in; False if there is none."""
        heading = self.rows.heading_of(number)
        section = self.rows.row(heading)
        if not isinstance(section, Section):
            return False
        folding = key == Qt.Key.Key_Left
        if number == heading and section.folded != folding:
            self.fold_wanted.emit(section.key, folding)
        elif number != heading and folding:
            self.setCurrentIndex(self.rows.index(heading))
        elif number == heading and not folding and section.count:
            self.setCurrentIndex(self.rows.index(heading + 1))
        return True

    def _ask_for_menu(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            self.scrollTo(index)
            if isinstance(self.rows.row(index.row()), Section) or not self.selectedIndexes():
                self.select_row(index.row())
            rect = self.visualRect(index)
            self.menu_wanted.emit(self.viewport().mapToGlobal(QPoint(rect.left() + 24, rect.bottom())))

    # ---- mouse ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        bare = not event.modifiers() & ~_BARE and event.button() == Qt.MouseButton.LeftButton
        self._pressed = self.indexAt(event.position().toPoint()).row() if bare else -1
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        row = self.indexAt(event.position().toPoint()).row()
        self._pressed = row if isinstance(self.rows.row(row), Section) else -1

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        number, pressed = self.indexAt(at).row(), self._pressed
        self._pressed = -1
        if number < 0 or number != pressed:
            return
        row = self.rows.row(number)
        if not isinstance(row, Entry) or row.deleted is None:
            self._enter(number)
        elif self._delegate.restore_rect(self.visualRect(self.rows.index(number))).contains(at):
            self.restore_wanted.emit(number)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._ask_for_menu()
            return
        index = self.indexAt(event.pos())
        if index.isValid() and not self.selectionModel().isSelected(index):
            self.select_row(index.row())
        if index.isValid():
            self.menu_wanted.emit(event.globalPos())

    # ---- drops ----------------------------------------------------------------------------

    def startDrag(self, actions: Qt.DropAction) -> None:
        self._pressed = -1
        super().startDrag(actions)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        row = self._drop_row(event)
        self._show_drop(row)
        if row >= 0:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_drop(-1)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        section = self.rows.row(self._drop_row(event))
        self._show_drop(-1)
        if isinstance(section, Section):
            # A copy in Qt's eyes: the view must not remove the rows, they come again in new ones.
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.moved.emit(dragged(event.mimeData()), section.folder)

    def _drop_row(self, event: QDropEvent) -> int:
        """The heading that a drop there would go to: a folder's, or a day's for none."""
        at = self.indexAt(event.position().toPoint()).row()
        heading = self.rows.heading_of(at)
        section = self.rows.row(heading)
        fitting = isinstance(section, Section) and section.key != "pinned" and ":" not in section.key
        inside = isinstance(section, Section) and bool(section.folder)
        return heading if dragged(event.mimeData()) and (fitting or inside) else -1

    def _show_drop(self, row: int) -> None:
        if row != self._delegate.drop_row:
            self._delegate.drop_row = row
            self.viewport().update()

    # ---- a name typed in place ------------------------------------------------------------

    def begin_rename(self, number: int) -> None:
        """Let the name of a row be typed over it."""
        if self.rows.row(number) is None:
            return
        key = self.rows.keys[number]
        # What was being typed may make the rows anew.
        self.editor.finish(keep=True)
        row = self.rows.row(self.rows.place(key))
        if row is not None:
            self._edited = key
            self.select_row(self.rows.place(key))
            self._place_editor()
            self.editor.begin(shown_title(row.name if isinstance(row, Section) else row.title))

    def _place_editor(self) -> None:
        number = self.rows.place(self._edited) if self._edited else -1
        if number >= 0:
            rect = self.visualRect(self.rows.index(number))
            self.editor.setGeometry(self._delegate.editor_rect(number, rect))

    def _keep_editor(self) -> None:
        """After new rows: what is being typed stays with its row, or goes with it."""
        if not self._edited:
            return
        number = self.rows.place(self._edited)
        if number < 0:
            self.editor.finish(keep=False)
        else:
            self.scrollTo(self.rows.index(number))
            self._place_editor()

    @Slot(str)
    def _on_named(self, name: str) -> None:
        key, self._edited = self._edited, ""
        self.renamed.emit(key, name)

    @Slot()
    def _on_dropped(self) -> None:
        self._edited = ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_editor()
