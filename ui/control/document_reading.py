"""Which documents are being read, or have pages chosen, and what becomes of them. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Signal

from app.language import tr
from ui.control.attachment_item import Item
from ui.workers.documents import (
    ChoosePages,
    DocumentProgress,
    DocumentRead,
    DocumentRefused,
    PagesChosen,
    ReadDocument,
)

Told = DocumentProgress | DocumentRead | PagesChosen | DocumentRefused


class DocumentReading(QObject):
    """Asks the worker, and writes what it says into the documents.

    Args:
        cancel: stops what is read under a ticket, past the queue.
        choose: has pages chosen; its answer comes as that of `extract_wanted` does.
    """

    extract_wanted = Signal(object)
    page_error = Signal(str, str)

    def __init__(
        self,
        ids: Iterator[int],
        cancel: Callable[[int], None],
        choose: Callable[[ChoosePages], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("document_reading")
        self._ids, self._cancel, self._choose = ids, cancel, choose
        self._tickets: dict[int, Item] = {}

    def read(self, item: Item, password: str = "") -> None:
        """Read it when those before it are read."""
        self._begin(item, tr("Waiting"))
        self.extract_wanted.emit(ReadDocument(item.ticket, item.path, password, not item.temporary))

    def choose(self, item: Item, pages: str) -> None:
        """Leave only these pages of it; "" for all."""
        assert item.whole is not None
        self._begin(item, tr("Choosing pages"))
        self._choose(ChoosePages(item.ticket, item.whole, item.kind, pages))

    def cancel(self, item: Item) -> None:
        """What is under way for it is not wanted any more."""
        if self._tickets.pop(item.ticket, None) is not None:
            self._cancel(item.ticket)

    def _begin(self, item: Item, status: str) -> None:
        item.begin(next(self._ids), status)
        self._tickets[item.ticket] = item

    def take(self, told: Told) -> Item | None:
        """The document that this was said of; None where nobody waits for it any more."""
        item = self._tickets.get(told.ticket)
        if item is None:
            return None
        if isinstance(told, DocumentProgress):
            item.take_progress(told.progress)
            return item
        del self._tickets[told.ticket]
        if isinstance(told, DocumentRead):
            item.take_document(told.document)
        elif isinstance(told, PagesChosen):
            item.chosen = told.pages
            item.take_text(told.text)
        elif item.text:
            item.take_text(item.text)  # its pages are those it had
            self.page_error.emit(item.id, f"{told.message} {told.hint}".strip())
        else:
            item.take_refusal(told)
        return item
