"""The nodes: messages, their rows, and what can be used in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface

from ui.chat.access.node import Node
from ui.chat.access.words import message_preview, message_words, row_words, table_row_words
from ui.chat.items import Spot
from ui.chat.links import target_of
from ui.chat.menu import message_actions
from ui.chat.message import REASONING, Message, Ref, Row
from ui.chat.navigator import may_have_spots
from ui.chat.table_item import TableItem

if TYPE_CHECKING:
    from ui.chat.access.tree import AccessTree

PRESS: Final = QAccessibleActionInterface.pressAction()
Role = QAccessible.Role
_ROLES: Final = {
    "thought": Role.Button,
    "heading": Role.Heading,
    "math": Role.Equation,
    "rule": Role.Separator,
    "table": Role.Grouping,
    "code": Role.Section,
    "footer": Role.Footer,
}
_LINKS: Final = {"link", "note", "note_back"}
_IN_TEXT: Final = _LINKS | {"document"}
_ADDRESS: Final = 200  # characters
_SILENT: Final = {"table", "footer", "thought", "rule"}  # their name is all there is to read


class MessageNode(Node):
    """One message; its rows are parsed when somebody asks for them."""

    def __init__(self, tree: AccessTree, message: Message) -> None:
        super().__init__(tree)
        self.message = message

    def stands(self) -> bool:
        return self.tree.model.by_id.get(self.message.id) is self.message

    def words(self) -> str:
        return message_words(self.message)

    def about(self) -> str:
        return message_preview(self.message)

    def role(self) -> QAccessible.Role:
        return Role.ListItem

    def nodes(self) -> Sequence[Node]:
        return self.tree.row_nodes(self.message)

    def mark(self, state: QAccessible.State) -> None:
        state.busy = not self.message.finishing

    def place(self) -> QRect:
        placed = [one for one in self.tree.view.placer.rows if one.item.row.message is self.message]
        if not placed:
            return QRect()
        left, width = self.tree.view.column()
        bottom = placed[-1].y + placed[-1].item.height
        return self.tree.seen(QRect(left, placed[0].y, width, bottom - placed[0].y))

    def actions(self) -> list[str]:
        return list(self._doings())

    def _doings(self) -> dict[str, str]:
        names = {label: name for name, label in message_actions(self.message)}
        return names | dict(self.message.shown.mark_buttons)

    def act(self, name: str) -> None:
        wanted = self._doings().get(name)
        if wanted is not None:
            self.tree.view.perform(wanted, self.message.id)

    def go(self) -> None:
        first = self.tree.model.first_of(self.message.index)
        if first is not None:
            self.tree.view.keyboard.read(first)


class RowNode(Node):
    """A paragraph, list item, code block, formula, table, thought's header or footer."""

    def __init__(self, tree: AccessTree, row: Row) -> None:
        super().__init__(tree)
        self.row = row

    @property
    def ref(self) -> Ref:
        """Where the row is now; only while it stands."""
        rows = self.row.message.sections[self.row.section].rows
        return Ref(self.row.message.index, self.row.section, rows.index(self.row))

    def stands(self) -> bool:
        message = self.row.message
        if self.tree.model.by_id.get(message.id) is not message:
            return False
        section = message.sections[self.row.section]
        return section.visible and self.row in section.rows

    def words(self) -> str:
        return row_words(self.row)

    def above(self) -> QAccessibleInterface | None:
        return self.tree.message_node(self.row.message)

    def is_read(self) -> bool:
        return self.row.block.kind not in _SILENT

    def role(self) -> QAccessible.Role:
        block = self.row.block
        if block.kind in _ROLES:
            return _ROLES[block.kind]
        if "l" in block.nest:
            return Role.ListItem
        if "f" in block.nest:
            return Role.Note
        return Role.BlockQuote if block.nest else Role.Paragraph

    def level(self) -> int:
        return self.row.block.level or self.row.block.nest.count("l")

    def place(self) -> QRect:
        found = next((one for one in self.tree.view.placer.rows if one.item.row is self.row), None)
        if found is None:
            return QRect()
        left, width = self.tree.view.column()
        gap = found.item.gap
        return self.tree.seen(QRect(left, found.y + gap, width, found.item.height - gap))

    def mark(self, state: QAccessible.State) -> None:
        if self.row.block.kind == "thought":
            reasoning = self.row.message.sections[REASONING]
            state.expandable = reasoning.filled
            state.expanded = reasoning.filled and reasoning.visible
            state.collapsed = reasoning.filled and not reasoning.visible
        selection = self.tree.view.selection
        state.selected = bool(selection) and selection.range_in(self.ref, 1 << 30) is not None

    def nodes(self) -> Sequence[Node]:
        if self.row.block.kind == "table":
            body = range(1 if self.row.block.piece else 0, len(self.row.block.rows))
            return [self.tree.cells_node(self, number) for number in body]
        return self.tree.spot_nodes(self)

    def spots(self) -> list[tuple[int, Spot]]:
        """What can be used in the row, with its number there; a link over two lines counts once."""
        if self.row.block.kind == "thought" or not self.stands() or not may_have_spots(self.row):
            return []
        found: list[tuple[int, Spot]] = []
        for number, spot in enumerate(self.tree.view.placer.measure(self.ref).spots()):
            last = found[-1][1] if found else None
            if last is None or (last.kind, last.name, last.value) != (spot.kind, spot.name, spot.value):
                found.append((number, spot))
        return found

    def actions(self) -> list[str]:
        if self.row.block.kind == "thought":
            return [PRESS]
        return [spot.name for _, spot in self.spots() if spot.kind not in _IN_TEXT]

    def act(self, name: str) -> None:
        ref = self.ref
        for spot in self.tree.view.placer.measure(ref).spots():
            if name in (PRESS, spot.name):
                self.tree.view.activate(ref, spot)
                return

    def go(self) -> None:
        self.tree.view.keyboard.read(self.ref)


class SpotNode(Node):
    """A button, link or document in a row."""

    def __init__(self, tree: AccessTree, row: RowNode, number: int, spot: Spot) -> None:
        super().__init__(tree)
        self.row, self.number, self.spot = row, number, spot

    def stands(self) -> bool:
        return self.row.alive and self.row.stands()

    def words(self) -> str:
        return self.spot.said if self.spot.kind == "link" else self.spot.name

    def about(self) -> str:
        """A link's address; what the button of a mark is for."""
        shown = self.row.row.message.shown
        marked = (self.spot.name, self.spot.kind) in shown.mark_buttons[self.number : self.number + 1]
        if self.spot.kind == "link":
            return target_of(self.spot).line[:_ADDRESS]
        return shown.mark if marked else ""

    def above(self) -> QAccessibleInterface | None:
        return self.row

    def role(self) -> QAccessible.Role:
        return Role.Link if self.spot.kind in _LINKS else Role.Button

    def mark(self, state: QAccessible.State) -> None:
        state.linked = self.spot.kind in _LINKS

    def place(self) -> QRect:
        found = next((one for one in self.tree.view.placer.rows if one.item.row is self.row.row), None)
        if found is None:
            return QRect()
        rect = self.spot.rect.translated(self.tree.view.column()[0], found.y).toAlignedRect()
        return self.tree.seen(rect)

    def actions(self) -> list[str]:
        return [PRESS]

    def act(self, name: str) -> None:  # noqa: ARG002
        now = dict(self.row.spots()).get(self.number)
        if now is not None and (now.kind, now.value) == (self.spot.kind, self.spot.value):
            self.tree.view.activate(self.row.ref, now)

    def go(self) -> None:
        view = self.tree.view
        view.setFocus(Qt.FocusReason.OtherFocusReason)
        view.navigator.reading = None
        view.navigator.place = (self.row.ref, self.number)
        view.keyboard.show_spot()


class TableRowNode(Node):
    """A row of a table in words."""

    def __init__(self, tree: AccessTree, table: RowNode, number: int) -> None:
        super().__init__(tree)
        self.table, self.number = table, number

    def stands(self) -> bool:
        table = self.table
        return table.alive and table.stands() and self.number < len(table.row.block.rows)

    def words(self) -> str:
        return table_row_words(self.table.row.block, self.number)

    def above(self) -> QAccessibleInterface | None:
        return self.table

    def role(self) -> QAccessible.Role:
        return Role.ListItem

    def is_read(self) -> bool:
        return True

    def place(self) -> QRect:
        place, row = self.table.place(), self.table.row
        item = self.tree.view.cache.known(row)
        if place.isEmpty() or not isinstance(item, TableItem) or self.number + 1 >= len(item.tops):
            return QRect()
        found = next(one for one in self.tree.view.placer.rows if one.item.row is row)
        top, bottom = item.tops[self.number], item.tops[self.number + 1]
        return place.intersected(QRect(place.left(), found.y + item.gap + top, place.width(), bottom - top))

    def go(self) -> None:
        self.table.go()
