"""How much is kept so that nothing is read twice: the person's choice, and what it takes. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.engine.values import Budgets
from ui.budgets import MOST_DISK, MOST_RAM
from ui.control.models import ModelControl
from ui.control.session import SessionControl

_RAM, _DISK = "reading_ram_bytes", "reading_disk_bytes"


class ReadingMemory(QObject):
    """Bytes of RAM for conversations and of disk for saved readings; 0 leaves them to the engine.

    Signals:
        budgets_wanted: Budgets for the engine that runs.
        shown: RAM and disk as they were kept. Objects, since an int of Qt's ends at 2 GB.
    """

    budgets_wanted = Signal(object)
    shown = Signal(object, object)

    def __init__(self, session: SessionControl, models: ModelControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reading_memory_control")
        self._session, self._models = session, models
        session.restored.connect(self._on_restored)

    @Slot(object)
    def _on_restored(self, state: dict[str, object]) -> None:
        """Take what was kept; what cannot have been chosen is a stranger's."""
        ram, disk = _chosen(state.get(_RAM), MOST_RAM), _chosen(state.get(_DISK), MOST_DISK)
        self.shown.emit(ram, disk)
        self._apply(ram, disk)

    @Slot(object, object)
    def choose(self, ram: int, disk: int) -> None:
        """The person chose so many bytes: from now on, and the next time."""
        self._session.keep(_RAM, ram)
        self._session.keep(_DISK, disk)
        self._apply(ram, disk)

    def _apply(self, ram: int, disk: int) -> None:
        budgets = Budgets(ram // 2, ram - ram // 2, disk)
        if budgets != self._models.budgets:
            self._models.budgets = budgets
            self.budgets_wanted.emit(budgets)


def _chosen(value: object, most: int) -> int:
    return value if isinstance(value, int) and 0 <= value <= most else 0
