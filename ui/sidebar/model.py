"""The rows of the list as Qt asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.chat.library import Entry, Hit
from app.language import ntr, tr
from ui.sidebar.contents import Row, Section, conversation_of, entry_key, key_of, one_line
from ui.sidebar.dates import Calendar
from ui.words import tip

MIME: Final = "application/x-cascade-conversations"
Index = QModelIndex | QPersistentModelIndex
_ROLE: Final = Qt.ItemDataRole


class RowModel(QAbstractListModel):
    """Headings, entries and hits. Also what the delegate needs to know of each."""

    def __init__(self, calendar: Calendar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversation_rows")
        self.rows: list[Row] = []
        self.keys: list[str] = []
        self.working: frozenset[str] = frozenset()
        self.current = ""
        self.query = ""
        self.folders: frozenset[str] = frozenset()
        self.calendar = calendar
        self._places: dict[str, int] | None = None

    def set_rows(self, rows: list[Row], *, anew: bool = False) -> bool:
        """Show these; True if the list was made anew, False if only texts changed."""
        keys = [key_of(row) for row in rows]
        if keys == self.keys and not anew:
            if rows != self.rows:
                self.rows = rows
                self.refresh()
            return False
        self.beginResetModel()
        self.rows, self.keys, self._places = rows, keys, None
        self.endResetModel()
        return True

    def refresh(self) -> None:
        """All rows look or read differently."""
        if self.rows:
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def touch(self, ids: Iterable[str]) -> None:
        """The rows of these conversations look or read differently."""
        for one in ids:
            if (row := self.place(entry_key(one))) >= 0:
                self.dataChanged.emit(self.index(row), self.index(row))

    def place(self, key: str) -> int:
        """The row with this key, -1 for none."""
        if self._places is None:
            self._places = {name: row for row, name in enumerate(self.keys)}
        return self._places.get(key, -1)

    def row(self, number: int) -> Row | None:
        return self.rows[number] if 0 <= number < len(self.rows) else None

    def heading_of(self, number: int) -> int:
        """The row of the heading above a row, or of itself; -1 for none."""
        while number >= 0 and not isinstance(self.row(number), Section):
            number -= 1
        return number

    def is_inside(self, entry: Entry) -> bool:
        """Whether an entry is listed below its folder."""
        return bool(entry.folder) and not entry.pinned and not entry.archived and entry.folder in self.folders

    # ---- Qt's questions -------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        row = self.row(index.row())
        if row is None:
            return None
        if role == _ROLE.DisplayRole:
            return one_line(row.name if isinstance(row, Section) else row.title)
        if role == _ROLE.AccessibleTextRole:
            return self.spoken(row)
        if role == _ROLE.ToolTipRole and not isinstance(row, Section):
            return tip(one_line(row.title))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row(index.row())
        if row is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled
        if not isinstance(row, Section):
            flags |= Qt.ItemFlag.ItemIsSelectable
        if isinstance(row, Entry) and row.deleted is None:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Iterable[Index]) -> QMimeData:
        rows = sorted({index.row() for index in indexes})
        ids = [conversation_of(self.row(row)) for row in rows]
        data = QMimeData()
        data.setData(MIME, json.dumps([one for one in ids if one]).encode())
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    # ---- what a screen reader says --------------------------------------------------------

    def spoken(self, row: Row) -> str:
        """A row in words, with all that its marks say."""
        if isinstance(row, Section):
            kind = tr("Folder {name}", name=one_line(row.name)) if row.folder else row.name
            count = ntr("{count} conversation", "{count} conversations", row.count)
            return f"{kind}, {count}, {tr('closed') if row.folded else tr('open')}"
        if isinstance(row, Hit):
            parts = [one_line(row.title), tr("archived") if row.archived else ""]
            parts += [row.snippet if row.message_id else "", self.calendar.short(row.when)]
            return ", ".join(part for part in parts if part)
        parts = [one_line(row.title), tr("pinned") if row.pinned else ""]
        parts.append(tr("being answered") if row.id in self.working else "")
        parts.append(tr("shown") if row.id == self.current and self.current else "")
        parts.append(self.calendar.left(row.deleted) if row.deleted is not None else "")
        return ", ".join(part for part in parts if part)


def dragged(data: QMimeData) -> list[str]:
    """The ids of the conversations that are being dragged; empty where it is something else."""
    if not data.hasFormat(MIME):
        return []
    try:
        ids = json.loads(bytes(data.data(MIME).data()))
    except ValueError:
        return []
    return [one for one in ids if isinstance(one, str)] if isinstance(ids, list) else []
