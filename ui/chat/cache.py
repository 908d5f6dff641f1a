"""Laid-out rows, kept while they are near the screen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from ui.chat.block_items import BubbleItem, RuleItem, TextItem
from ui.chat.chrome_items import StatusItem, ThoughtItem
from ui.chat.code_item import CodeItem
from ui.chat.footer_item import FooterItem
from ui.chat.items import Item
from ui.chat.math_item import MathItem
from ui.chat.message import Row
from ui.chat.style import Style
from ui.chat.table_item import TableItem

KEPT: Final = 120  # rows; a screen shows 10 to 40

_KINDS: Final[dict[str, type[Item]]] = {
    "code": CodeItem,
    "table": TableItem,
    "rule": RuleItem,
    "math": MathItem,
    "plain": BubbleItem,
    "thought": ThoughtItem,
    "status": StatusItem,
    "footer": FooterItem,
}


class ItemCache:
    """Builds items when they are asked for and drops the ones least recently used."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.width = 0
        self._items: OrderedDict[Row, Item] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def key(self) -> object:
        """Rows measured under this key have a height that still holds."""
        return (self.width, self.style.serial)

    def reset(self, style: Style | None = None, width: int | None = None) -> None:
        """Other looks or another width: everything is laid out anew when it is next seen."""
        self.style = style or self.style
        self.width = self.width if width is None else width
        self._items.clear()

    def drop(self, kept: Callable[[Row], bool]) -> None:
        """Let go of rows that are no more."""
        for row in [row for row in self._items if not kept(row)]:
            del self._items[row]

    def item(self, row: Row) -> Item:
        """The row's layout, fresh if the row has changed."""
        item = self._items.get(row)
        old = item is not None and (row.layout_key != self.key or item.stale)
        if item is None or (old and not self._grown(item, row)):
            item = _KINDS.get(row.block.kind, TextItem)(row, self.style, self.width)
            self._items[row] = item
        row.layout_key = self.key
        self._items.move_to_end(row)
        while len(self._items) > KEPT:
            self._items.popitem(last=False)
        return item

    def known(self, row: Row) -> Item | None:
        """The row's layout as it was last asked for, if it is still there."""
        return self._items.get(row)

    def _grown(self, item: Item, row: Row) -> bool:
        return item.kind == row.block.kind and item.update()
