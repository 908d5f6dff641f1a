"""How many tokens attached documents have: each text is counted once for each model. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QObject, Signal

from app.engine.protocol import CountTokens, Failed, TokenCount
from app.engine.session_events import SessionEvent
from ui.control.attachment_item import Item
from ui.control.models import ModelControl


class DocumentCounts(QObject):
    """Asks the engine, and writes what it says into the documents."""

    count_wanted = Signal(object)
    cancel_count_wanted = Signal(int)

    def __init__(self, ids: Iterator[int], models: ModelControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("document_counts")
        self._ids, self._models = ids, models
        self._asked: dict[int, Item] = {}

    @property
    def model(self) -> str:
        """The path of the model that counts, empty without one."""
        return self._models.info.path if self._models.info is not None else ""

    def count(self, items: Iterable[Item], *, again: bool = False) -> None:
        """Count those that are not counted; `again`: also where the same model refused before."""
        model = self.model
        for item in items if model else ():
            asked = item.counting[1] == model and (item.counting[0] or not again)
            if item.state != "ready" or model in item.counts or asked:
                continue
            self.cancel(item)
            number = next(self._ids)
            item.counting = (number, model)
            self._asked[number] = item
            self.count_wanted.emit(CountTokens(number, item.text))

    def cancel(self, item: Item) -> None:
        """Its count is not wanted any more."""
        number = item.counting[0]
        item.counting = (0, "")
        if self._asked.pop(number, None) is not None:
            self.cancel_count_wanted.emit(number)

    def take(self, event: SessionEvent) -> bool:
        """Whether the event told of a document."""
        if not isinstance(event, TokenCount | Failed):
            return False
        item = self._asked.pop(event.request_id, None)
        if item is None:
            return False
        model = item.counting[1]
        item.counting = (0, model)
        if isinstance(event, TokenCount):
            item.counts[model] = event.tokens
        return True
