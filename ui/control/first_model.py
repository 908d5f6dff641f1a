"""Which model is loaded when the app starts, and which one will be the next time. GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.engine.values import ModelInfo
from app.language import tr
from ui import words
from ui.control.settings import SettingsControl
from ui.notices import Notice


class FirstModel(QObject):
    """What was named on the command line, else the last one, else the starter.

    Signals:
        look_wanted: where the file of this path is; `on_looked` answers.
        decided: the path of the model to load, empty for none; once.
    """

    look_wanted = Signal(str)
    decided = Signal(str)
    notice = Signal(object)

    def __init__(self, settings: SettingsControl, starter: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("first_model")
        self._settings, self._starter = settings, starter
        self._asked = False
        self._done = False
        self._in_place_of_last = False
        settings.file_known.connect(self._on_known)

    @Slot(str)
    def start(self, named: str) -> None:
        """Decide: now for a model that was named, else when the settings are there."""
        if named:
            self._decide(named)
        else:
            self._asked = True
            if self._settings.knows_file:
                self._on_known()

    @Slot()
    def _on_known(self) -> None:
        if not self._asked or self._done:
            return
        engine = self._settings.engine
        if not engine.load_last:
            self._decide("")
        elif engine.last_model:
            self.look_wanted.emit(engine.last_model)
        else:
            self._decide(self._starter)

    @Slot(str, str)
    def on_looked(self, path: str, found: str) -> None:
        """The model was at `path`, and is at `found`, or nowhere."""
        if self._done or path != self._settings.engine.last_model:
            return
        if found:
            self._decide(found)
            return
        name = words.shown_title(Path(path).name)
        instead = tr("The starter model is loaded instead.") if self._starter else tr("No model is loaded.")
        text = tr(
            "{name} is not where it was. {instead} “Open a model” (Ctrl+O) finds it elsewhere.",
            name=name,
            instead=instead,
        )
        self.notice.emit(Notice("last_model", text, "warning"))
        self._in_place_of_last = True
        self._decide(self._starter)

    def _decide(self, path: str) -> None:
        self._done = True
        self.decided.emit(path)

    @Slot(object)
    def on_model(self, info: ModelInfo | None) -> None:
        """A model is loaded: it is the one for the next start.

        The starter that stands in for a file on a disk that is not there does not take its place.
        """
        if info is None:
            return
        starter = info.path == self._starter
        if starter and self._in_place_of_last:
            return
        self._in_place_of_last = False
        self._settings.change("engine", last_model="" if starter else str(Path(info.path).absolute()))
