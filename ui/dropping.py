"""What is dropped on the window, wherever it falls: documents, folders, a model, a text, links."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from ui.composer.pasting import has_links, local_paths

DropKind = Literal["documents", "model", "text", "links", ""]
_MODEL = ".gguf"


def kind_of(data: QMimeData) -> DropKind:
    """What would be dropped; empty for what nothing can be done with."""
    paths = local_paths(data)
    if paths:
        return "model" if all(_is_model(path) for path in paths) else "documents"
    if has_links(data):
        return "links"
    return "text" if data.hasText() else ""


class WindowDrops(QObject):
    """Takes the drag events of a window.

    Signals:
        entered: something is held over the window: a DropKind.
        left: it is gone, or was dropped.
    """

    entered = Signal(str)
    left = Signal()
    model_dropped = Signal(str)
    files_dropped = Signal(list)
    text_dropped = Signal(object)
    links_dropped = Signal()

    def __init__(self, window: QWidget, whole: QWidget | None = None) -> None:
        super().__init__(window)
        self.setObjectName("window_drops")
        self._window = window
        window.setAcceptDrops(True)
        for kind in (QLineEdit, QPlainTextEdit, QTextEdit):
            for field in (*window.findChildren(kind), *(whole.findChildren(kind) if whole else ())):
                field.setAcceptDrops(False)  # it would take a file's path for a text
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self.left.emit()
            self._take(event)
        elif isinstance(event, QDragMoveEvent | QDragEnterEvent):
            self._weigh(event)
        elif isinstance(event, QDragLeaveEvent):
            self.left.emit()
        else:
            return super().eventFilter(watched, event)
        return True

    def _weigh(self, event: QDragMoveEvent) -> None:
        kind = "" if self._is_own(event) else kind_of(event.mimeData())
        if not kind:
            event.ignore()
            return
        event.acceptProposedAction()
        if event.type() == QEvent.Type.DragEnter:
            self.entered.emit(kind)

    def _take(self, event: QDropEvent) -> None:
        data = event.mimeData()
        kind = "" if self._is_own(event) else kind_of(data)
        if not kind:
            event.ignore()
            return
        event.acceptProposedAction()
        paths = local_paths(data)
        models = [path for path in paths if _is_model(path)]
        if models:
            self.model_dropped.emit(models[0])
        documents = [path for path in paths if not _is_model(path)]
        if documents:
            self.files_dropped.emit(documents)
        elif kind == "links":
            self.links_dropped.emit()
        elif kind == "text":
            self.text_dropped.emit(data.text())

    def _is_own(self, event: QDropEvent) -> bool:
        """Whether it comes from this window: a selection that is moved a little is no drop."""
        source = event.source()
        return isinstance(source, QWidget) and source.window() is self._window


def _is_model(path: str) -> bool:
    return path.lower().endswith(_MODEL)
