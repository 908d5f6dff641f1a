"""The worker behind the models page: repositories, files on this machine, licences and downloads."""

from __future__ import annotations

import contextlib
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import ModelFileError, UserError
from app.language import mark, tr
from app.paths import Paths
from app.settings.model import Settings

if TYPE_CHECKING:
    from app.models.downloads import Downloads, Event
    from app.models.gguf import ModelHeader
    from app.models.hub import Hub
    from app.models.licence import AcceptedLicences, Licence
    from app.models.listing import Choice, Listing
    from app.models.local import LocalModel
    from app.models.session import HubSettings
    from app.settings.model import Settings

_CLOSE_S = 3.0
_FAULT = mark("This could not be done: the app has a fault ({name}).")


@dataclass(frozen=True)
class LocalFound:
    """A model on this machine, and what its header says; `problem` says why it cannot be read."""

    model: LocalModel
    header: ModelHeader | None = None
    problem: str = ""


class HubSource:
    """Makes the one Hub of the process, and another when settings have changed. Worker threads only."""

    def __init__(self, settings: Callable[[], HubSettings] | None = None) -> None:
        self._settings = settings
        self._hub: Hub | None = None
        self._lock = threading.Lock()

    def hub(self) -> Hub:
        """The hub as the settings are now; raises HubError."""
        from app.models.hub import Hub
        from app.models.session import HubSettings

        wanted = self._settings() if self._settings is not None else HubSettings()
        with self._lock:
            # A new one cuts all transfers: only where something has changed.
            if self._hub is None or self._hub.settings != wanted:
                self._hub = Hub(wanted)
            return self._hub


class HubWorker(QObject):
    """Lives in its thread, where it does what is soon done.

    What may wait for a server or read many files runs on threads of its own, which nobody waits for
    when the app closes. Answers carry the id of the request; `failed` has a UserError.
    """

    listed = Signal(int, object)  # Listing
    file_named = Signal(int, str)  # the reference was a file on this machine
    header_read = Signal(int, object)  # ModelHeader
    licence_read = Signal(int, str)
    scanned = Signal(int, object)  # tuple[LocalFound, ...]
    queued = Signal(int, str)  # the id of a download
    accepted = Signal(int)
    failed = Signal(int, object)
    tested = Signal(bool, str)  # whether the hub answers, and what to say of it
    told = Signal(object)  # DownloadStatus or DownloadRemoved
    closed = Signal()

    def __init__(self, paths: Paths, settings: Callable[[], HubSettings] | None = None) -> None:
        super().__init__()
        self.setObjectName("hub_worker")
        self._paths, self._source = paths, HubSource(settings)
        self._folder = paths.models
        #: More arguments of Downloads, to be set before `start`.
        self.download_options: dict[str, Any] = {}
        self._downloads: Downloads | None = None
        self._licences: AcceptedLicences | None = None
        self._headers: dict[tuple[str, int, int], LocalFound] = {}
        self._closed = False
        self._telling = threading.RLock()

    @Slot()
    @Slot(object)
    def start(self, settings: Settings | None = None) -> None:
        """Bring the downloads back, and go on with those that ran.

        Not before the settings are known: the network may have to be left alone.
        """
        if settings is not None:
            self._folder = settings.storage.models(self._paths.models)
        from app.models.downloads import Downloads
        from app.models.licence import AcceptedLicences

        self._licences = AcceptedLicences(self._paths.licences)
        self._downloads = Downloads(
            self._folder,
            self._paths.downloads,
            self._source.hub,
            self._licences,
            self._tell,
            **self.download_options,
        )
        self._downloads.start()

    @Slot()
    def close(self) -> None:
        """Stop the downloads and keep them, then say `closed`; answers that are still out are dropped."""
        with self._telling:
            self._closed = True
        try:
            if self._downloads is not None:
                self._downloads.close(_CLOSE_S)
        finally:  # the thread ends, and nobody waits for it in vain
            self.closed.emit()

    # ---- what is asked of the hub ---------------------------------------------------------

    @Slot(int, str)
    def list_repository(self, request_id: int, text: str) -> None:
        """List what a name or a link means: `listed`, or `file_named` for a file on this machine."""

        def job() -> None:
            from app.models.catalogue import HubReference, parse_reference

            hub = self._source.hub()
            reference = parse_reference(text, hub.settings.endpoint)
            if isinstance(reference, HubReference):
                self._say(self.listed, request_id, hub.list(reference))
            else:
                self._say(self.file_named, request_id, str(reference.path))

        self._run(request_id, job)

    @Slot()
    def test(self) -> None:
        """Ask the hub for a repository that is known to be there: `tested`."""

        def job() -> None:
            from app.models.catalogue import KNOWN, parse_reference

            try:
                hub = self._source.hub()
                hub.list(parse_reference(KNOWN[0].repo, hub.settings.endpoint))
            except UserError as error:
                self._say(self.tested, False, str(error))
            else:
                self._say(self.tested, True, tr("The hub answers."))

        self._run(0, job)

    @Slot(int, object, object)
    def read_header(self, request_id: int, listing: Listing, choice: Choice) -> None:
        """Read what a model on the hub says about itself: `header_read`."""

        def job() -> None:
            from app.models.remote import read_remote

            self._say(self.header_read, request_id, read_remote(self._source.hub(), listing, choice))

        self._run(request_id, job)

    @Slot(int, object)
    def read_licence(self, request_id: int, listing: Listing) -> None:
        """Read the licence's text: `licence_read`, empty where the repository has none."""
        self._run(
            request_id,
            lambda: self._say(self.licence_read, request_id, self._source.hub().licence_text(listing)),
        )

    # ---- this machine ---------------------------------------------------------------------

    @Slot(int, object)
    def scan(self, request_id: int, places: Sequence[str]) -> None:
        """Look for models in the app's own folder and in other folders and files: `scanned`."""
        self._run(request_id, lambda: self._say(self.scanned, request_id, self._scan(places)))

    def _scan(self, places: Sequence[str]) -> tuple[LocalFound, ...]:
        from app.models.local import local_model, local_models

        found: dict[Path, LocalModel] = {}
        for place in (self._folder, self._paths.models, *map(Path, places)):
            with contextlib.suppress(OSError, ValueError):
                if place.is_dir():
                    models: tuple[LocalModel, ...] = local_models(place)
                else:
                    try:
                        models = (local_model(place),)
                    except ModelFileError:
                        models = ()  # it is not there any more
                for model in models:
                    found.setdefault(model.files[0], model)
        return tuple(self._with_header(model) for model in found.values())

    def _with_header(self, model: LocalModel) -> LocalFound:
        from app.models.gguf import read_model

        try:
            key = (str(model.files[0]), model.size, model.files[0].stat().st_mtime_ns)
        except OSError:
            key = (str(model.files[0]), model.size, 0)
        known = self._headers.get(key)
        if known is None:
            try:
                known = LocalFound(model, read_model(model.files[0]))
            except UserError as error:
                known = LocalFound(model, problem=str(error))
            self._headers[key] = known
        return known

    @Slot(int, object)
    def remove_files(self, request_id: int, files: Sequence[str]) -> None:
        """Delete a model of the app's own folder, and folders that become empty."""
        root = self._folder
        try:
            for file in map(Path, files):
                if not file.is_relative_to(root):
                    continue
                file.unlink(missing_ok=True)
                for folder in file.parents:
                    if folder == root:
                        break
                    with contextlib.suppress(OSError):
                        folder.rmdir()
        except OSError as error:
            message = tr("The model could not be deleted: {strerror}.", strerror=error.strerror)
            self._say(
                self.failed, request_id, UserError(message, tr("Close what uses it, then remove it again."))
            )

    # ---- downloads ------------------------------------------------------------------------

    @Slot(int, object, object)
    def add(self, request_id: int, listing: Listing, choice: Choice) -> None:
        """Queue a download: `queued`, or `failed` with a LicenceError before its licence is accepted."""
        assert self._downloads is not None
        try:
            download_id = self._downloads.add(listing, choice)
        except UserError as error:
            self.failed.emit(request_id, error)
        else:
            self.queued.emit(request_id, download_id)

    @Slot(int, object, str)
    def accept(self, request_id: int, licence: Licence, repo: str) -> None:
        """Remember that a licence was accepted: `accepted`."""
        assert self._licences is not None
        try:
            self._licences.accept(licence.key, repo)
        except UserError as error:
            self.failed.emit(request_id, error)
        else:
            self.accepted.emit(request_id)

    @Slot(str, str)
    def command(self, download_id: str, command: str) -> None:
        """Do "pause", "resume", "cancel" or "discard"."""
        assert self._downloads is not None
        commands = {
            "pause": self._downloads.pause,
            "resume": self._downloads.resume,
            "cancel": self._downloads.cancel,
            "discard": self._downloads.discard,
        }
        commands[command](download_id)

    # ---- threads --------------------------------------------------------------------------

    def _run(self, request_id: int, job: Callable[[], None]) -> None:
        def work() -> None:
            try:
                job()
            except UserError as error:
                self._say(self.failed, request_id, error)
            except Exception as error:  # a bug: whoever waits is told
                if sys.stderr is not None:
                    traceback.print_exc()
                self._say(self.failed, request_id, UserError(tr(_FAULT, name=type(error).__name__)))

        threading.Thread(target=work, name=f"hub-{request_id}", daemon=True).start()

    def _say(self, signal: Any, *values: object) -> None:
        """Emit a signal of this object, from any thread, unless it has closed."""
        with self._telling:
            if not self._closed:
                signal.emit(*values)

    def _tell(self, event: Event) -> None:
        # On a thread of the queue: the signal carries it over.
        self._say(self.told, event)
