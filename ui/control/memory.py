"""How much is kept so that nothing is read twice: the settings, told to the engine. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.engine.values import Budgets
from app.settings.model import Settings, StorageSettings
from ui.control.models import ModelControl
from ui.control.settings import SettingsControl


class ReadingMemory(QObject):
    """Bytes of RAM for conversations and of disk for saved readings; 0 leaves them to the engine.

    Signals:
        budgets_wanted: Budgets for the engine that runs.
    """

    budgets_wanted = Signal(object)

    def __init__(
        self, settings: SettingsControl, models: ModelControl, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("reading_memory_control")
        self._models = models
        settings.restored.connect(self._on_restored)
        settings.changed.connect(self._on_changed)

    @Slot(object)
    def _on_restored(self, settings: Settings) -> None:
        self._apply(settings.storage)

    @Slot(str, object, object)
    def _on_changed(self, group: str, _before: object, after: StorageSettings) -> None:
        if group == "storage":
            self._apply(after)

    def _apply(self, storage: StorageSettings) -> None:
        ram = storage.reading_ram_bytes
        budgets = Budgets(ram // 2, ram - ram // 2, storage.reading_disk_bytes)
        if budgets != self._models.budgets:
            self._models.budgets = budgets
            self.budgets_wanted.emit(budgets)
