"""The settings that hold, and what becomes of a change. GUI thread; files are the worker's."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import RequestError, UserError
from app.settings.migrations import MOVED, from_session
from app.settings.model import ENGINE_OPTIONS, GROUPS, EngineSettings, Settings, changed
from app.settings.store import Found, read_settings
from ui.notices import Notice

_DELAY_MS = 200


class SettingsControl(QObject):
    """One place for all settings. A change holds at once and is written a moment later.

    Signals:
        restored: the settings that were kept (Settings); once, and before any `changed` but those
            of a person who was quicker.
        changed: name of the group, the group before and after.
        settings_changed: all settings, behind each `changed`.
        refused: group, name, and why a value cannot be.
        engine_options_wanted: the model is to be loaded again as they say (EngineSettings).
        file_known: the file was read, or there is none; behind `restored`, but for the first start, when
            `restored` waits for the database. What the session never kept can be relied on.
        moved: what the session kept is in the file now.
    """

    change_wanted = Signal(object)  # to the worker
    restored = Signal(object)
    changed = Signal(str, object, object)
    settings_changed = Signal(object)
    refused = Signal(str, str, str)
    engine_options_wanted = Signal(object)
    file_known = Signal()
    moved = Signal()
    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_control")
        self._settings = Settings()
        self._unwritten: dict[str, dict[str, object]] = {}
        self._session: dict[str, object] | None = None
        self._found: Found | None = None
        self._adopting = False
        self.ready = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(self.flush)

    @property
    def settings(self) -> Settings:
        return self._settings

    # ---- the beginning --------------------------------------------------------------------

    @Slot(object)
    def on_loaded(self, found: Found) -> None:
        """The file was read. Without one, the settings are what the session kept of them."""
        if self.ready or self._found is not None:
            return
        self._found = found
        if found.problem is not None:
            self.notice.emit(Notice("settings", str(found.problem), "warning"))
        self._begin()
        self._drop_leftovers()
        self.file_known.emit()

    @property
    def knows_file(self) -> bool:
        return self._found is not None

    @Slot(object)
    def on_session(self, state: dict[str, object]) -> None:
        """What the database kept of the last session."""
        self._session = dict(state)
        self._begin()
        self._drop_leftovers()

    def _begin(self) -> None:
        found = self._found
        if self.ready or found is None or (found.fresh and self._session is None):
            return
        kept = found.settings
        if found.fresh:
            kept, _refused = read_settings(from_session(self._session or {}))
        self.ready = True
        quick, self._unwritten = self._unwritten, {}
        self._settings = kept
        for group, values in quick.items():
            self._settings = replace(self._settings, **{group: changed(getattr(kept, group), values)})
        if found.fresh:
            self._adopting = True
            self._unwritten = {group: _values(getattr(self._settings, group)) for group in GROUPS}
        else:
            self._unwritten = quick
        self.restored.emit(self._settings)
        if self._unwritten:
            self.flush()

    def _drop_leftovers(self) -> None:
        """There is a file, and the session still has what once moved into it: the app was closed too soon."""
        found, state = self._found, self._session or {}
        if found is not None and not found.fresh and found.problem is None and set(MOVED) & set(state):
            self.moved.emit()

    # ---- changes --------------------------------------------------------------------------

    def change(self, group: str, **values: Any) -> bool:
        """Give settings of a group other values; False and `refused` where one of them cannot be."""
        before = getattr(self._settings, group)
        for name, value in values.items():
            try:
                changed(before, {name: value})
            except RequestError as error:
                self.refused.emit(group, name, error.message)
                return False
        after = changed(before, values)
        if after != before:
            self._settings = replace(self._settings, **{group: after})
            kept = self._unwritten.setdefault(group, {})
            kept.update({name: getattr(after, name) for name in values})
            self._timer.start()
            self.changed.emit(group, before, after)
            self.settings_changed.emit(self._settings)
        return True

    @Slot(str, object)
    def on_change(self, group: str, values: dict[str, object]) -> None:
        """The dialog's change."""
        self.change(group, **values)

    @Slot(object)
    def apply_engine(self, options: dict[str, object]) -> None:
        """Take what needs a reload of the model, and have it done once."""
        if self.change("engine", **{name: options[name] for name in ENGINE_OPTIONS if name in options}):
            self.engine_options_wanted.emit(self._settings.engine)

    @property
    def engine(self) -> EngineSettings:
        return self._settings.engine

    @Slot()
    def flush(self) -> None:
        """Hand over what has changed now."""
        self._timer.stop()
        if self.ready and self._unwritten:
            unwritten, self._unwritten = self._unwritten, {}
            self.change_wanted.emit(unwritten)

    # ---- what becomes of it ---------------------------------------------------------------

    @Slot()
    def on_written(self) -> None:
        self.notice_gone.emit("settings_unsaved")
        if self._adopting:
            self._adopting = False
            self.moved.emit()

    @Slot(object)
    def on_failed(self, error: UserError) -> None:
        self.notice.emit(Notice("settings_unsaved", str(error), "warning"))


def _values(group: Any) -> dict[str, object]:
    return {one.name: getattr(group, one.name) for one in fields(group)}
