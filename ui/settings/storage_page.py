"""Where things are, how much they may take, and how to be rid of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QPushButton

from app.language import mark, tr
from app.settings.model import MOST_DISK, MOST_RAM, Settings, StorageSettings
from ui import words
from ui.dialogs.own_spin import Number
from ui.elided_label import ElidedLabel
from ui.settings.page import SettingsPage
from ui.settings.rows import NumberSetting, SettingRow
from ui.theme import ThemeManager
from ui.words import GIGABYTE

_AUTOMATIC: Final = {"own": mark("Automatic"), "back": mark("Back to automatic"), "unit": mark(" GB")}
_SAFE: Final = mark("Nothing of your chats is lost; they are read again when you go on.")
_TEXTS: Final = mark("So that the same file is read once. What is in your chats stays there.")
_PATH: Final = 1000  # characters

RAM: Final = Number(
    "reading_ram_bytes", mark("RAM for conversations"), 0.25, MOST_RAM / GIGABYTE, 0.25, 2, 2,
    mark("What a model has read of your chats. With more of it, more of them go on at once."), **_AUTOMATIC,
)  # fmt: skip
DISK: Final = Number(
    "reading_disk_bytes", mark("Disk for saved readings"), 0.25, MOST_DISK / GIGABYTE, 0.25, 2, 8,
    mark("So that chats go on at once after a restart, too. What was not used for longest is deleted first."),
    **_AUTOMATIC,
)  # fmt: skip


class _Folder(SettingRow):
    """Where a folder is, and a way to look into it."""

    def __init__(self, field: str, label: str, hint: str, theme: ThemeManager) -> None:
        super().__init__(field, label, hint, theme)
        self.path = ElidedLabel("", self)
        self.path.setObjectName(f"path_{field}")
        self.path.setProperty("role", "muted")
        self.path.setAccessibleName(label)
        self.reset = self._reset_button(tr("Back to the app's own folder"))

    def lay_out(self, *buttons: QPushButton) -> None:
        self._lay_out(*buttons, self.reset)
        self.box.insertWidget(1, self.path)

    def show_path(self, path: Path) -> None:
        self.path.setText(words.shown_line(str(path), _PATH))


class StoragePage(SettingsPage):
    """Signals:
    folder_wanted: path of a folder to look into.
    measure_wanted: what the saved readings take is to be said; `set_used` answers.
    delete_wanted: all saved readings are to be deleted.
    forget_wanted: all texts of documents are to be deleted.
    """

    folder_wanted = Signal(str)
    measure_wanted = Signal()
    delete_wanted = Signal()
    forget_wanted = Signal()

    def __init__(self, theme: ThemeManager, data: Path, models: Path) -> None:
        super().__init__("storage", tr("Storage"), theme)
        self._data, self._own_models, self._chosen = data, models, ""
        self._dialog: QFileDialog | None = None
        self.models = _Folder(
            "models_folder",
            tr("Folder of models"),
            tr("Downloads go there from the next start on. What is there stays."),
            theme,
        )
        change = self.push("models_change", tr("Change…"), self._on_change)
        self.models.lay_out(self.push("models_open", tr("Open"), self._on_open_models), change)
        self.models.reset.clicked.connect(self._on_own_folder)
        self.data = _Folder("data_folder", tr("Data folder"), tr("Conversations and everything else."), theme)
        self.data.lay_out(self.push("data_open", tr("Open"), self._on_open_data))
        self.ram, self.disk = NumberSetting(RAM, theme), NumberSetting(DISK, theme)
        for row in (self.ram, self.disk):
            row.changed.connect(self._on_budget)
        self.used = SettingRow("reading_used", tr("Saved readings: measuring…"), tr(_SAFE), theme)
        self.delete = self.push("reading_delete", tr("Delete all saved readings"), self._on_delete)
        self.delete.setAccessibleDescription(tr(_SAFE))
        self.used.take(self.delete)
        self.delete.setEnabled(False)
        self.texts = SettingRow("texts_used", tr("Texts of documents: measuring…"), tr(_TEXTS), theme)
        self.forget = self.push("texts_delete", tr("Delete all texts"), self._on_forget)
        self.forget.setAccessibleDescription(tr(_TEXTS))
        self.texts.take(self.forget)
        self.forget.setEnabled(False)
        self.heading(tr("Folders"))
        self.add(self.models)
        self.add(self.data)
        self.heading(tr("Reading memory"))
        for one in (self.ram, self.disk, self.used, self.texts):
            self.add(one)
        self.texts.sought += " " + tr("delete all texts of documents used clear")
        self.used.sought += " " + tr("delete all saved readings used clear")

    # ---- what is shown --------------------------------------------------------------------

    def show_settings(self, settings: Settings) -> None:
        storage = settings.storage
        self._chosen = storage.models_folder
        self.models.show_path(self._models_folder)
        self.models.reset.setVisible(bool(self._chosen))
        self.data.show_path(self._data)
        self._budgets = storage.reading_ram_bytes, storage.reading_disk_bytes
        for row, value in zip((self.ram, self.disk), self._budgets, strict=True):
            row.refresh(round(value / GIGABYTE, 2) if value else None)

    @property
    def _models_folder(self) -> Path:
        return StorageSettings(self._chosen).models(self._own_models)

    @Slot(object)
    def set_used(self, used: int) -> None:
        """Say what the saved readings take, in bytes."""
        self.used.words = (
            tr("Saved readings use {used}", used=words.size(used)) if used else tr("No readings are saved")
        )
        self.used.mark([])
        self.delete.setEnabled(bool(used))

    @Slot(object)
    def set_texts(self, used: int) -> None:
        """Say what the texts of documents take, in bytes."""
        self.texts.words = (
            tr("Texts of documents use {used}", used=words.size(used))
            if used
            else tr("No texts of documents are kept")
        )
        self.texts.mark([])
        self.forget.setEnabled(bool(used))

    def values(self) -> dict[str, dict[str, object]]:
        ram, disk = (self._bytes(*pair) for pair in zip((self.ram, self.disk), self._budgets, strict=True))
        kept = {"models_folder": self._chosen, "reading_ram_bytes": ram, "reading_disk_bytes": disk}
        return {"storage": kept}

    @staticmethod
    def _bytes(row: NumberSetting, kept: int) -> int:
        """What the row says; a value that it shows rounded is not rounded by being looked at."""
        value = row.value() or 0
        return kept if kept and value == round(kept / GIGABYTE, 2) else round(value * GIGABYTE)

    # ---- what the person does -------------------------------------------------------------

    @Slot()
    def _on_budget(self) -> None:
        values = dict(self.values()["storage"])
        del values["models_folder"]
        self.want("storage", **values)

    @Slot()
    def _on_delete(self) -> None:
        self.delete.setEnabled(False)
        self.delete_wanted.emit()

    @Slot()
    def _on_forget(self) -> None:
        self.forget.setEnabled(False)
        self.forget_wanted.emit()

    @Slot()
    def _on_open_models(self) -> None:
        self.folder_wanted.emit(str(self._models_folder))

    @Slot()
    def _on_open_data(self) -> None:
        self.folder_wanted.emit(str(self._data))

    @Slot()
    def _on_own_folder(self) -> None:
        self.want("storage", models_folder="")

    @Slot()
    def _on_change(self) -> None:
        dialog = QFileDialog(self, tr("Folder of models"), str(self._models_folder))
        dialog.setObjectName("models_folder_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_folder)
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.open()

    @Slot(str)
    def _on_folder(self, path: str) -> None:
        self.want("storage", models_folder=path)
