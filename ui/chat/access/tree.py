"""The conversation as a tree of nodes for screen readers. They are made when somebody asks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

import shiboken6
from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface

from ui.chat.access.announcer import Announcer
from ui.chat.access.faces import SET_FOCUS
from ui.chat.access.node import Node
from ui.chat.access.nodes import MessageNode, RowNode, SpotNode, TableRowNode
from ui.chat.access.root import install
from ui.chat.message import ANSWER, REASONING, Message, Row
from ui.throttle import Throttle

if TYPE_CHECKING:
    from ui.chat.view import ChatView

SWEEP_MS: Final = 300
_TOLD: Final = 40  # new messages that are told one by one
_LONG: Final = 24_000  # characters; a longer message comes in slices
Event = QAccessible.Event


@dataclass(slots=True)
class Kin:
    """The nodes of one message: its own, its rows' as they were last told, and whatever stands in them."""

    node: MessageNode
    rows: list[Node] = field(default_factory=list)
    stamp: tuple[object, ...] | None = None
    parts: dict[Hashable, Node] = field(default_factory=dict)

    def all(self) -> list[Node]:
        """Every node, children first."""
        return [*self.parts.values(), self.node]


class AccessTree(QObject):
    """The nodes of one ChatView. Costs nothing while no assistive technology looks."""

    def __init__(self, view: ChatView) -> None:
        super().__init__(view)
        self.setObjectName("chat_access")
        self.view = view
        self.model = view.model
        self.announcer = Announcer(view)
        self._kins: dict[Message, Kin] = {}
        self._last: list[Message] = []  # the last messages that were told
        self._asked: list[tuple[Node, str]] = []
        self._long: list[Message] = []
        self._due = QTimer(self)
        self._due.setObjectName("access_actions")
        self._due.setSingleShot(True)
        self._due.setInterval(0)
        self._due.timeout.connect(self._on_due)
        self._sweep = Throttle(SWEEP_MS, self)
        self._sweep.due.connect(self._on_sweep)
        # Qt's cache must not outlive the nodes, nor they the view
        view.destroyed.connect(_Ending(self._kins))
        install()

    @property
    def alive(self) -> bool:
        """False once the view is gone."""
        return shiboken6.isValid(self) and shiboken6.isValid(self.view)

    def root(self) -> QAccessibleInterface | None:
        """The view's own node."""
        return QAccessible.queryAccessibleInterface(self.view) if self.alive else None

    def seen(self, rect: QRect) -> QRect:
        """The part of a rectangle that the viewport shows, px."""
        return rect.intersected(self.view.viewport().rect())

    # -- nodes ---------------------------------------------------------------------------------------------

    def message_node(self, message: Message) -> MessageNode:
        """The node of a message."""
        return self._kin(message).node

    def _kin(self, message: Message) -> Kin:
        kin = self._kins.get(message)
        if kin is None:
            kin = self._kins[message] = Kin(MessageNode(self, message))
            self._sweep.request()
        return kin

    def row_nodes(self, message: Message) -> Sequence[Node]:
        """The nodes of a message's rows; asking is what parses it, a long one slice by slice."""
        if sum(map(len, (message.given(ANSWER), message.given(REASONING)))) <= _LONG:
            self.model.complete(message)
        else:
            self.model.open(message)
            if message not in self._long:
                self._long.append(message)
                self._due.start()
        kin, stamp = self._kin(message), _stamp(message)
        if kin.stamp != stamp:
            rows = (row for section in message.sections if section.visible for row in section.rows)
            kin.rows, kin.stamp = [self.row_node(row) for row in rows], stamp
        return kin.rows

    def row_node(self, row: Row) -> RowNode:
        """The node of a row."""
        parts = self._kin(row.message).parts
        if row not in parts:
            parts[row] = RowNode(self, row)
        return cast(RowNode, parts[row])

    def cells_node(self, table: RowNode, number: int) -> Node:
        """The node of a table's row."""
        parts, key = self._kin(table.row.message).parts, (table.row, number)
        if key not in parts:
            parts[key] = TableRowNode(self, table, number)
        return parts[key]

    def spot_nodes(self, row: RowNode) -> list[SpotNode]:
        """The nodes of what can be used in a row. A kind may come twice: two ways to the same action."""
        parts, times, found = self._kin(row.row.message).parts, Counter[tuple[str, str]](), []
        for number, spot in row.spots():
            again = times[spot.kind, spot.value]
            times[spot.kind, spot.value] += 1
            key = (row.row, spot.kind, spot.value, again)
            if key not in parts:
                parts[key] = SpotNode(self, row, number, spot)
            node = cast(SpotNode, parts[key])
            node.number, node.spot = number, spot
            found.append(node)
        return found

    # -- focus and actions ---------------------------------------------------------------------------------

    def focused(self) -> Node | None:
        """The node that has the keyboard."""
        navigator = self.view.navigator
        spot = navigator.spot()
        if spot is not None and navigator.place is not None:
            ref, number = navigator.place
            row = self.row_node(self.model.row(ref))
            if spot.kind == "thought":
                return row
            before = [node for node in self.spot_nodes(row) if node.number <= number]
            return before[-1] if before else row
        ref = navigator.reading
        return self.row_node(self.model.row(ref)) if ref is not None and self.model.has(ref) else None

    def has_focus(self, node: Node) -> bool:
        """Whether the keyboard is at a node."""
        return self.alive and self.view.hasFocus() and self.focused() is node

    def focus_moved(self) -> None:
        """The keyboard went to another place in the conversation."""
        if not QAccessible.isActive() or not self.view.hasFocus():
            return
        node = self.focused()
        if node is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(node, Event.Focus))

    def request(self, node: Node, name: str) -> None:
        """Do an action of a node from the event loop: Qt is still in the node while it asks."""
        self._asked.append((node, name))
        self._due.start()

    def _on_due(self) -> None:
        asked, self._asked = self._asked, []
        for node, name in asked:
            if node.isValid():
                node.go() if name == SET_FOCUS else node.act(name)
        self._parse_long()

    def _parse_long(self) -> None:
        self._long = [one for one in self._long if self.model.by_id.get(one.id) is one]
        if not self._long:
            return
        message = self._long[0]
        sections = (number for number in (REASONING, ANSWER) if message.sections[number].visible)
        if not any(self.model.more(message, number) for number in sections):
            self._long.pop(0)
        self.changed()
        self.view.request_frame()
        if self._long:
            self._due.start()

    # -- changes -------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something in the conversation is other than it was."""
        self.announcer.look()
        if self._kins or QAccessible.isActive():
            self._sweep.request()

    def _on_sweep(self) -> None:
        model, told = self.model, QAccessible.isActive()
        gone = [message for message in self._kins if model.by_id.get(message.id) is not message]
        for message in gone:
            self._drop(self._kins.pop(message).all(), told)
        for message, kin in self._kins.items():
            if message.lazy and kin.parts:  # its rows were forgotten: nobody is near any more
                self._drop(list(kin.parts.values()), told)
                kin.parts.clear()
                kin.rows, kin.stamp = [], None
        near = {one.item.row.message: None for one in self.view.placer.rows}
        near |= dict.fromkeys(model.messages[-_TOLD:])
        for message in near:
            if message in self._kins:
                self._sweep_parts(self._kins[message], told)
        self._tell_messages(told)

    def _sweep_parts(self, kin: Kin, told: bool) -> None:
        dead = [key for key, node in kin.parts.items() if not node.stands()]
        self._drop([kin.parts.pop(key) for key in dead], told)
        if kin.stamp is None:
            return  # nobody has asked for its rows
        before = set(kin.rows)
        for node in self.row_nodes(kin.node.message):
            if told and node not in before:
                QAccessible.updateAccessibility(QAccessibleEvent(node, Event.ObjectCreated))

    def _tell_messages(self, told: bool) -> None:
        last = self.model.messages[-_TOLD:]
        for message in last:
            if told and message not in self._last:
                node = self.message_node(message)
                QAccessible.updateAccessibility(QAccessibleEvent(node, Event.ObjectCreated))
        self._last = last

    def _drop(self, nodes: list[Node], told: bool) -> None:
        for node in nodes:
            if told:
                QAccessible.updateAccessibility(QAccessibleEvent(node, Event.ObjectDestroyed))
            delete(node)


def _stamp(message: Message) -> tuple[object, ...]:
    """Other when other rows are seen. The last row's number can't come again while its node is kept."""
    return tuple(
        (one.visible, len(one.rows), id(one.rows[-1]) if one.rows else 0) for one in message.sections
    )


def delete(node: Node) -> None:
    """Have Qt delete a node that nobody may ask any more."""
    node.retire()
    if shiboken6.isValid(node):
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(node))


class _Ending:
    """Deletes nodes when their view is gone."""

    def __init__(self, kins: dict[Message, Kin]) -> None:
        self._kins = kins

    def __call__(self) -> None:
        while self._kins:
            for node in self._kins.popitem()[1].all():
                delete(node)
