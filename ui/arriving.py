"""Files that come from outside: named at the start, by a second start, by a double click. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

if TYPE_CHECKING:
    from ui.application import Application


class Arrivals(QObject):
    """Opens what arrives: a model is loaded, anything else is attached."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("arrivals")
        self._desk = desk

    @staticmethod
    def sort(files: Sequence[str]) -> tuple[str, list[str]]:
        """The model among them, the last where there are more, and the others."""
        models = [path for path in files if path.lower().endswith(".gguf")]
        return models[-1] if models else "", [path for path in files if path not in models]

    @Slot(object)
    def open(self, files: Sequence[str]) -> None:
        """Load and attach."""
        model, others = self.sort(files)
        if model:
            self._desk.window.model_chosen.emit(model)
        if others:
            self._desk.attachments.add_paths(others)
