"""The composition root: builds every object and hands it what it needs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QDeadlineTimer, QEvent, QEventLoop, QObject, Qt, QThread, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QDialog

from app.chat.presets import is_starter
from app.documents.client import DocumentReader
from app.documents.shelf import Shelf
from app.engine.values import ModelInfo
from app.language import mark, tr
from app.models.starter import starter_path
from app.paths import Paths
from ui.commands import Commands
from ui.control.afterwards import Afterwards
from ui.control.attachments import AttachmentControl
from ui.control.catalogue import CatalogueControl
from ui.control.chat import ChatControl
from ui.control.cost import ReadingCost
from ui.control.downloads import DownloadControl
from ui.control.first_model import FirstModel
from ui.control.fit_teller import FitTeller
from ui.control.fitting import FitControl
from ui.control.gauge import GaugeControl
from ui.control.library import LibraryControl
from ui.control.measuring import MeasureControl
from ui.control.memory import ReadingMemory
from ui.control.messages import MessageActions
from ui.control.metering import MeterControl
from ui.control.models import ModelControl
from ui.control.network import NetworkControl
from ui.control.presenter import AnswerPresenter
from ui.control.room import RoomControl
from ui.control.session import SessionControl
from ui.control.settings import SettingsControl
from ui.control.store import StoreClient, StoreJournal
from ui.control.turns import TurnControl
from ui.control.undo import Undo
from ui.ending import SAVE_MS, Ending
from ui.files import Files
from ui.first_frame_keeper import FirstFrameKeeper
from ui.garbage import GuiGarbage
from ui.main_window import MainWindow
from ui.models.context_panel import ContextPanel
from ui.models.dialog import ModelsDialog
from ui.models.overview import QuantizationOverview
from ui.notices import Notice
from ui.restoring import Restoring
from ui.theme import ThemeManager
from ui.wiring import wire
from ui.wiring_fit import wire_fit_pages
from ui.wiring_settings import wire_settings_dialog
from ui.workers.colours import ColourWorker
from ui.workers.documents import DocumentWorker
from ui.workers.engine import EngineWorker
from ui.workers.files import FileWorker
from ui.workers.fit import FitWorker
from ui.workers.hub import HubWorker
from ui.workers.math import MathWorker
from ui.workers.measure import MeasureWorker
from ui.workers.settings import SettingsWorker
from ui.workers.store import StoreWorker
from ui.workers.tokens import TokenWorker
from ui.workers.warm import LexerWarmer

if TYPE_CHECKING:
    from app.models.session import HubSettings
    from ui.early import Early
    from ui.settings.dialog import SettingsDialog
    from ui.wiring_help import Help
    from ui.wiring_palette import Palette

_CLOSE_MS = 5000
_LOGOUT_MS = 2000
_KEYRING_MS = 500
_READING_MS = 1000
#: The window waits so long for its place on the screen; then it opens where it likes.
_SHOW_MS = 300
_UNSAVED = mark(
    "What you wrote last is not saved, since it cannot be written. Make some room and wait a moment, "
    "or close the window again and lose it."
)


class Application(QObject):
    """Everything that lives as long as the window. GUI thread.

    Args:
        hub_settings: how the hub is reached now; called on threads of its own.
        early: a window that is on the screen already, to be filled.
    """

    start_wanted = Signal()
    close_wanted = Signal()
    idle_wanted = Signal(int)
    palette: Palette
    help: Help

    def __init__(
        self,
        app: QApplication,
        paths: Paths,
        engine_command: Sequence[str] | None = None,
        hub_settings: Callable[[], HubSettings] | None = None,
        early: Early | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("application")
        self._garbage = GuiGarbage(self)
        ids = itertools.count(1)
        self._make_window(app, early)
        self.worker = EngineWorker(paths.ladder, paths.states, ids, engine_command, llama=paths.llama)
        self.store_worker = StoreWorker(paths.store)
        self.undo = Undo(self)
        self.store = StoreClient(self.store_worker.interrupt, self)
        self.models = ModelControl(ids, self, state_folder=str(paths.states))
        self.turns = TurnControl(ids, self.models, self)
        journal = StoreJournal(self.store, self._on_library_changed)
        self.chat = ChatControl(self.store, journal, self.turns, self.undo, self)
        self.cost = ReadingCost(ids, self.chat, self.models, self)
        self._build_documents(paths, ids)
        self.library = LibraryControl(self.store, self.chat, self.undo, self)
        self.presenter = AnswerPresenter(self.chat.is_visible, self.models.is_ready, self)
        self.session = SessionControl(self.store, self)
        self._build_settings(paths)
        self.hub_worker = HubWorker(paths, hub_settings or self.network.hub_settings)
        self._make_models(paths, ids)
        self._make_fit(ids)
        self._threads = self._make_threads()
        self._breathe()
        self.commands: Commands
        self.restoring: Restoring
        self._model, self._shown, self._closed, self._warned = "", False, False, False
        self.stuck = False  # whether a thread could not be ended
        wire(self)
        self.first_frame = FirstFrameKeeper(self, paths.first_frame)
        self.window.installEventFilter(self)
        self.window.notices.acted.connect(self._on_acted)

    def _make_window(self, app: QApplication, early: Early | None) -> None:
        self.theme = early.theme if early is not None else ThemeManager(parent=self)
        self.theme.apply(app)
        self.window = early.build() if early is not None else MainWindow(self.theme)
        self._breathe = early.breathe if early is not None else lambda: None

    def _build_documents(self, paths: Paths, ids: Iterator[int]) -> None:
        """Documents, and the questions that they go with."""
        self.document_worker = DocumentWorker(DocumentReader(Shelf(paths.documents)))
        self._document_thread = self._thread("document_thread", self.document_worker)
        worker = self.document_worker
        self.attachments = AttachmentControl(
            ids, self.chat, self.models, self,
            store=self.store, undo=self.undo, cancel=worker.cancel, choose=worker.choose,
        )  # fmt: skip
        self.messages = MessageActions(self.chat, self.undo, self.cost, self.attachments, self)

    def _make_models(self, paths: Paths, ids: Iterator[int]) -> None:
        """What models are got with."""
        self._breathe()
        self.afterwards = Afterwards(self)
        self.catalogue = CatalogueControl(ids, paths.models, self.session, self.afterwards, self)
        self.downloads = DownloadControl(ids, self._may_take_over, self.afterwards, self)
        self.models_dialog = ModelsDialog(self.theme, self.window)

    def _make_fit(self, ids: Iterator[int]) -> None:
        """What makes a model fit the machine, and a question the context."""
        self.gauge = GaugeControl(ids, self.chat, self.models, self)
        self.fit_worker, self.fit = FitWorker(), FitControl(ids, self)
        self.room = RoomControl(ids, self.chat, self.fit, self.attachments, self)
        self.teller = FitTeller(ids, self)
        self.measure_worker = MeasureWorker()
        self.measure = MeasureControl(ids, self.measure_worker.supersede, self)
        self.meter = MeterControl(self.window, self)
        self.context_panel = ContextPanel(self.theme)
        self.overview = QuantizationOverview(self.theme)

    def _make_threads(self) -> list[QThread]:
        self._warmer, self._warmed = LexerWarmer(), False
        self.math_worker, self.colour_worker = MathWorker(), ColourWorker()
        self.file_worker, self.files = FileWorker(), Files(self)
        self._resting = [
            self._thread("fit_thread", self.fit_worker),
            self._thread("measure_thread", self.measure_worker),
            self._thread("math_thread", self.math_worker),
            self._thread("colour_thread", self.colour_worker),
            self._thread("file_thread", self.file_worker),
            *self.files.threads(),
        ]
        return [
            self._saving_thread("engine_thread", self.worker),
            self._saving_thread("store_thread", self.store_worker),
            self._saving_thread("hub_thread", self.hub_worker),
            self._saving_thread("settings_thread", self.settings_worker),
            *self._resting,
        ]

    def _build_settings(self, paths: Paths) -> None:
        self.settings_worker = SettingsWorker(paths.settings)
        self.token_worker = TokenWorker()
        self._token_thread = self._thread("token_thread", self.token_worker)
        self.settings = SettingsControl(self)
        self.network = NetworkControl(self.settings, self)
        starter = starter_path()
        self.first_model = FirstModel(self.settings, str(starter) if starter is not None else "", self)
        self.memory = ReadingMemory(self.settings, self.models, self)
        self.paths = paths
        self._settings_dialog: SettingsDialog | None = None
        self.first_model.decided.connect(self._on_model_decided)
        self.settings.file_known.connect(self._load_when_shown)

    @property
    def settings_dialog(self) -> SettingsDialog:
        """Built when it is asked for: it would take a tenth of a second of each start."""
        if self._settings_dialog is None:
            from ui.settings.dialog import SettingsDialog

            self._settings_dialog = SettingsDialog(self.theme, self.paths, self.window)
            wire_settings_dialog(self)
            wire_fit_pages(self)
        return self._settings_dialog

    @property
    def has_settings_dialog(self) -> bool:
        """Whether the settings were opened, so that they have to be kept up to date."""
        return self._settings_dialog is not None

    def _thread(self, name: str, worker: QObject) -> QThread:
        thread = QThread(self)
        thread.setObjectName(name)
        worker.moveToThread(thread)
        return thread

    def _saving_thread(
        self, name: str, worker: EngineWorker | StoreWorker | HubWorker | SettingsWorker
    ) -> QThread:
        """A thread that ends by itself, once its worker has closed: told to quit from here, it would drop
        what stands in its line, and with it what was written last."""
        thread = self._thread(name, worker)
        worker.closed.connect(thread.quit, Qt.ConnectionType.DirectConnection)
        return thread

    def _on_library_changed(self) -> None:
        self.library.changed()

    def _may_take_over(self) -> bool:
        """Whether a model that arrives takes nobody's place: none is there but the starter, and it rests."""
        info = self.models.info
        if self._closed or info is None:
            return not self._closed and not self.models.loading
        return is_starter(info) and self.turns.idle

    # ---- opening --------------------------------------------------------------------------

    def start(self, model: str | None = None) -> None:
        """Open the store, show the window, then load `model`, the last one or the starter behind it."""
        for thread in (*self._threads, self._document_thread, self._token_thread):
            thread.start()
        self.start_wanted.emit()
        self.first_model.start(model or "")
        QTimer.singleShot(_SHOW_MS, self, self.show_window)

    @Slot()
    def show_window(self) -> None:
        """Show the window once; the model follows after its first frame."""
        if self._shown or self._closed:
            return
        self._shown = True
        if self.window.picture is None:
            self.window.show()
        # A turn later: what is shown now brings its draft with it, and typed words go behind that.
        QTimer.singleShot(0, self.window, self.window.reveal)
        self._load_when_shown()

    @Slot(str)
    def _on_model_decided(self, path: str) -> None:
        self._model = path
        self._load_when_shown()

    @Slot()
    def _load_when_shown(self) -> None:
        if self._model and self._shown and self.settings.knows_file:
            # After the first frame: nothing stands between the click and the window.
            QTimer.singleShot(0, self, self._load_first)

    @Slot()
    def _load_first(self) -> None:
        if self._closed or self.models.usable:
            return  # the person was quicker
        self.models.open_model(self._model)

    @Slot(object)
    def on_model(self, info: ModelInfo | None) -> None:
        """Once a model answers for itself, there is time for what comes in useful later."""
        if info is not None and not self._warmed and not self._closed:
            self._warmed = True
            self._warmer.start(QThread.Priority.LowestPriority)

    # ---- closing --------------------------------------------------------------------------

    @Slot()
    def close(self) -> None:
        """Save what is open, end the engine and the threads; returns when all are gone.

        The window is hidden meanwhile: the engine may take seconds to save what it has read.
        """
        if self._closed:
            return
        self._closed = True
        for dialog in self.window.findChildren(QDialog):
            dialog.hide()
        self._save_all()
        self.window.hide()
        self._end_workers()
        self._garbage.stop()

    def _end_workers(self) -> None:
        # What the engine still says has nowhere to go any more.
        self.worker.event.disconnect(self.models.on_event)
        self.worker.event.disconnect(self.turns.on_event)
        self.worker.event.disconnect(self.cost.on_event)
        self.worker.event.disconnect(self.fit.on_event)
        self.document_worker.stop()
        self.math_worker.stop()
        self.colour_worker.stop()
        self.files.stop()
        self.meter.stop()
        self.measure.stop()
        self.store_worker.hurry()
        self._warmer.requestInterruption()
        self._warmer.wait(_CLOSE_MS)
        if any(thread.isRunning() for thread in self._threads):
            patience = QDeadlineTimer(SAVE_MS)
            self.ending = Ending(self)
            self.ending.wait()
            for thread in self._resting:
                thread.quit()
            # A second wish to quit ends the waiting above, and must not leave an engine that still saves.
            self.stuck = not all(
                thread.wait(max(_CLOSE_MS, patience.remainingTime())) for thread in self._threads
            )
        self.math_worker.close()
        self.colour_worker.close()
        self.files.close()
        self._end_documents()
        self.stuck = not self.help.close() or self.stuck
        self._token_thread.quit()
        # A keyring that asks for its password may never answer.
        self.stuck = not self._token_thread.wait(_KEYRING_MS) or self.stuck

    def _end_documents(self) -> None:
        self._document_thread.quit()
        # A drive that does not answer may hold it for ever.
        if self._document_thread.wait(_READING_MS):
            self.document_worker.close()
        else:
            self.stuck = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold the window back once where closing it would lose words."""
        closing = watched is self.window and event.type() == QEvent.Type.Close
        if closing and self.store.in_trouble and not self._warned:
            self._warned = True
            self.window.notices.show_notice(
                Notice("closing", tr(_UNSAVED), "error", "close_anyway", tr("Close anyway"))
            )
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    @Slot(str)
    def _on_acted(self, action: str) -> None:
        if action == "close_anyway":
            self.window.close()

    def save_now(self) -> None:
        """Save what is open, and go on; returns when it is written, or after two seconds."""
        loop = QEventLoop()
        self._save_all()
        self.store.write(lambda _store: None, lambda _none: loop.quit())
        QTimer.singleShot(_LOGOUT_MS, loop.quit)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def _save_all(self) -> None:
        self.afterwards.settle_all()
        self.chat.leaving.emit()
        self.turns.save_now()
        self.session.flush()
        self.first_frame.flush()
        self.settings.flush()
