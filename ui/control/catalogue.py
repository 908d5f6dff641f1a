"""The models page: what is here, what can be had, and what the person does with it. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import UserError
from app.language import tr
from app.models.catalogue import KNOWN, RECOMMENDED
from app.models.starter import starter_path
from app.settings.model import Settings
from ui import words
from ui.control.afterwards import Afterwards
from ui.control.model_rows import LOCAL, Shelf, local_key
from ui.control.session import SessionControl
from ui.models.fit_column import FitTeller
from ui.notices import Notice
from ui.throttle import Throttle

if TYPE_CHECKING:
    from app.engine.values import ModelInfo
    from app.models.gguf import ModelHeader
    from app.models.listing import Listing
    from ui.workers.hub import LocalFound

_MOST_PLACES = 200
#: A row has to be chosen for so long before something is fetched for it.
_LINGER_MS = 300
_REDRAW_MS = 25


class CatalogueControl(QObject):
    """Knows the models. A QObject without widgets; nothing is asked of the network before `open`.

    Signals:
        groups_changed, card_changed, chosen: for the page.
        message_changed: the line below the field: text, tone, whether trying again may help.
        fits_shown: whether there is something to say in the columns of what fits.
        download_wanted: a choice of a listing.
    """

    # to the worker
    list_wanted = Signal(int, str)
    header_wanted = Signal(int, object, object)
    scan_wanted = Signal(int, object)
    remove_wanted = Signal(int, object)

    # to the others
    groups_changed = Signal(object)
    card_changed = Signal(object)
    chosen = Signal(str)
    message_changed = Signal(str, str, bool)
    fits_shown = Signal(bool)
    download_wanted = Signal(object, object)
    load_wanted = Signal(str)
    show_wanted = Signal(str)
    page_wanted = Signal(str)
    notice = Signal(object)

    def __init__(
        self,
        ids: Iterator[int],
        folder: Path,
        session: SessionControl,
        afterwards: Afterwards,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("catalogue_control")
        self._ids, self._session, self._afterwards = ids, session, afterwards
        self.shelf = Shelf(folder)
        self._key = ""
        self._requests: dict[int, tuple[str, str]] = {}
        self._finding = self._scanning = 0  # the requests that count
        self._sought = ""
        self._wants_download = ""
        self._opened = self._points_at_best = self._fits_known = False
        self._redraw = Throttle(_REDRAW_MS, self)
        self._redraw.due.connect(self._show)
        self._linger = QTimer(self)
        self._linger.setSingleShot(True)
        self._linger.setInterval(_LINGER_MS)
        self._linger.timeout.connect(self._on_linger)
        session.restored.connect(self._on_restored)

    @Slot(object)
    def on_settings(self, settings: Settings) -> None:
        """The folder of models, as it was chosen when the app started."""
        self.shelf.folder = settings.storage.models(self.shelf.folder)

    # ---- opening --------------------------------------------------------------------------

    @Slot()
    def open(self) -> None:
        """A model from the hub is wanted: list the known repositories where that is not done, and `look`."""
        for known in KNOWN:
            if known.repo not in self.shelf.listings:
                self._list(known.repo)
        self.look()

    @Slot()
    def look(self) -> None:
        """The page is seen: look at this machine alone, nothing goes over the network."""
        first, self._opened = not self._opened, True
        self._scan()
        self.fits_shown.emit(self._fits_known)
        (self._show if first else self._redraw.request)()
        if not self._key:
            self.recommend()

    @Slot()
    def recommend(self) -> None:
        """Choose the row that suits this machine best, the catalogue's first choice until that is known."""
        key = self._best_key()
        self._points_at_best = True
        if key:
            self.chosen.emit(key)

    def _best_key(self) -> str:
        best = self.shelf.recommendation()
        if best is not None:
            return best.key
        offers = self.shelf.offers(KNOWN[0].repo)
        return next((one.key for one in offers if one.quantization == RECOMMENDED), "")

    @Slot()
    def refresh(self) -> None:
        """Look at everything again."""
        self._scan()
        for known in KNOWN:
            self._list(known.repo)
        self.find(self._sought)

    def set_teller(self, teller: FitTeller) -> None:
        """From now on `teller` says what fits; call `refresh_fits` whenever its answers change."""
        self.shelf.fits.set_teller(teller)
        self._fits_known = True
        self.fits_shown.emit(True)
        self.refresh_fits()

    @Slot()
    def refresh_fits(self) -> None:
        """What fits this machine has changed."""
        self.shelf.fits.clear()
        self._redraw.request()
        if self._points_at_best:
            self.recommend()

    # ---- what the person does -------------------------------------------------------------

    @Slot(str)
    def find(self, text: str) -> None:
        """Show what a name, a link or a path means."""
        self._sought = text.strip()
        if not self._sought:
            self.message_changed.emit("", "", False)
            return
        self._finding = self._list(self._sought, "find")
        sought = words.shown_line(self._sought, 80)
        self.message_changed.emit(tr("Looking for {sought}…", sought=sought), "", False)

    @Slot(str)
    def choose(self, key: str) -> None:
        """A row was chosen."""
        self._points_at_best = key == self._best_key()
        if key != self._key:
            self._key = key
            self._linger.start()
        self.card_changed.emit(self.shelf.card(key))

    @Slot(str, str)
    def act(self, key: str, action: str) -> None:
        """Carry out a button of the card: its id, and the row it was shown for."""
        found, offer = self.shelf.found(key), self.shelf.offer(key)
        if offer is not None and found is None and action == "load":
            found = self.shelf.here(offer)
        if found is not None and action == "load":
            self.load_wanted.emit(str(found.model.files[0]))
        elif found is not None and action == "folder":
            self.show_wanted.emit(str(found.model.files[0].parent))
        elif found is not None and action == "remove":
            self._remove(found)
        elif found is not None and action == "forget":
            self._forget(found)
        elif offer is not None and action == "download":
            self._download(key, offer.repo)
        elif offer is not None and action == "page":
            self.page_wanted.emit(offer.repo)

    @Slot(str)
    def add_place(self, path: str) -> None:
        """A folder or a file of the person's is looked into from now on."""
        if path in self.shelf.places:
            self.shelf.places.remove(path)
        self.shelf.places.append(path)
        del self.shelf.places[:-_MOST_PLACES]
        self._session.keep("model_places", list(self.shelf.places))
        self._scan()

    def _download(self, key: str, repo: str) -> None:
        listing, offer = self.shelf.listings.get(repo), self.shelf.offer(key)
        if listing is not None and offer is not None and offer.choice is not None:
            self.download_wanted.emit(listing, offer.choice)
        else:
            self._wants_download = key
            self._list(repo)

    def _remove(self, found: LocalFound) -> None:
        """Delete a model of ours, once that cannot be taken back any more."""
        key, files = local_key(found), [str(file) for file in found.model.files]
        if not self.shelf.can_delete(found) or files[0] == self.shelf.loaded:
            return
        self.shelf.hidden.add(key)
        self._changed()
        name = words.shown_line(found.model.name, 120)
        text = tr("{name} was removed. Its file is deleted in a moment.", name=name)
        self._afterwards.offer(key, text, lambda: self._show_again(key), lambda: self._delete(key, files))

    def _show_again(self, key: str) -> None:
        self.shelf.hidden.discard(key)
        self._changed()
        self.chosen.emit(key)

    def _delete(self, key: str, files: list[str]) -> None:
        self.shelf.hidden.discard(key)
        if files[0] == self.shelf.loaded:
            return  # it was loaded from elsewhere meanwhile: then it is wanted
        self.shelf.local = tuple(one for one in self.shelf.local if local_key(one) != key)
        self.remove_wanted.emit(self._ask("remove", key), files)
        self._scan()

    def _forget(self, found: LocalFound) -> None:
        """Take a file off the list, or the folder it was found in."""
        path = found.model.files[0]
        self.shelf.places = [place for place in self.shelf.places if not path.is_relative_to(place)]
        self._session.keep("model_places", list(self.shelf.places))
        self._scan()

    # ---- what the worker says -------------------------------------------------------------

    @Slot(int, object)
    def on_listed(self, request_id: int, listing: Listing) -> None:
        kind, asked = self._requests.pop(request_id, ("", ""))
        if not kind:
            return
        repo = listing.repo if kind == "find" else asked
        if kind == "find":
            if request_id != self._finding:
                return  # something else is looked for by now
            self.message_changed.emit("", "", False)
            self.shelf.typed = listing.repo
        self.shelf.listings[repo] = listing
        self.shelf.troubles.pop(repo, None)
        self._changed()
        if self._key.startswith(f"hub:{repo}:"):
            self._linger.start()  # now there is something that can be read
        if kind == "find":
            self._choose_first(repo)
        elif self._points_at_best:
            self.recommend()
        if self._wants_download.startswith(f"hub:{repo}:"):
            self._begin_download()

    def _begin_download(self) -> None:
        """What was to be downloaded before its repository was listed."""
        key, self._wants_download = self._wants_download, ""
        if self.shelf.offer(key) is not None:
            self.act(key, "download")
        else:
            text = tr("The repository does not hold this file any more. Choose another one.")
            self.notice.emit(Notice("download", text, "warning"))

    def _choose_first(self, repo: str) -> None:
        offers = self.shelf.offers(repo)
        if offers:
            self._redraw.flush()
            self.chosen.emit(offers[0].key)

    @Slot(int, str)
    def on_file_named(self, request_id: int, path: str) -> None:
        """What was typed is a file on this machine: it comes on the list."""
        if self._requests.pop(request_id, None) is None or request_id != self._finding:
            return
        self.message_changed.emit("", "", False)
        self._key = f"file:{path}"
        self.add_place(path)

    @Slot(int, object)
    def on_header(self, request_id: int, header: ModelHeader) -> None:
        kind, key = self._requests.pop(request_id, ("", ""))
        if kind == "header":
            self.shelf.headers[key] = header
            self._changed()

    @Slot(int, object)
    def on_scanned(self, request_id: int, found: tuple[LocalFound, ...]) -> None:
        if self._requests.pop(request_id, None) is not None and request_id == self._scanning:
            self.shelf.local = found
            self._changed()
            if self._key.startswith("file:") and self.shelf.found(self._key) is not None:
                self._redraw.flush()
                self.chosen.emit(self._key)

    @Slot(int, object)
    def on_failed(self, request_id: int, error: UserError) -> None:
        kind, asked = self._requests.pop(request_id, ("", ""))
        if kind == "find" and request_id == self._finding:
            self.message_changed.emit(str(error), "warning", True)
        elif kind == "list":
            self.shelf.troubles[asked] = error
            if self._wants_download.startswith(f"hub:{asked}:"):
                self._wants_download = ""
                text = tr("The download could not begin. {error}", error=error)
                self.notice.emit(Notice("download", text, "error"))
            self._changed()
        elif kind == "header":
            text = tr("What the file says of itself could not be read. {reason}", reason=error.message)
            self.shelf.header_troubles[asked] = text
            self._changed()
        elif kind == "remove":
            self.notice.emit(Notice("remove", str(error), "error"))
            self._scan()

    # ---- what others say ------------------------------------------------------------------

    @Slot(object)
    def on_model(self, info: ModelInfo | None) -> None:
        """Another model is loaded, or none; one from elsewhere comes on the list."""
        self.shelf.loaded = info.path if info is not None else ""
        if info is not None and not self._is_ours(info.path) and info.path not in self.shelf.places:
            self.add_place(info.path)
        self._changed()

    @Slot(object)
    def on_fetching(self, fetching: frozenset[tuple[str, str]]) -> None:
        """Which models are being downloaded."""
        self.shelf.fetching = fetching
        self._changed()

    @Slot()
    def on_downloaded(self) -> None:
        """There is a new file."""
        self._scan()

    @Slot(object)
    def _on_restored(self, state: dict[str, object]) -> None:
        places = state.get("model_places")
        kept = [one for one in places if isinstance(one, str)] if isinstance(places, list) else []
        self.shelf.places = [*kept, *(one for one in self.shelf.places if one not in kept)][-_MOST_PLACES:]
        if self._opened:
            self._scan()

    # ---- the rest -------------------------------------------------------------------------

    def _is_ours(self, path: str) -> bool:
        starter = starter_path()
        return Path(path).is_relative_to(self.shelf.folder) or path == str(starter or "")

    def _ask(self, kind: str, about: str) -> int:
        request_id = next(self._ids)
        self._requests[request_id] = (kind, about)
        return request_id

    def _list(self, text: str, kind: str = "list") -> int:
        request_id = self._ask(kind, text)
        self.list_wanted.emit(request_id, text)
        self.message_changed.emit("", "", False)
        return request_id

    def _scan(self) -> None:
        if not self._opened:
            return
        starter = starter_path()
        places = [*self.shelf.places, *([str(starter)] if starter is not None else [])]
        self._scanning = self._ask("scan", LOCAL)
        self.scan_wanted.emit(self._scanning, places)

    def _changed(self) -> None:
        if self._opened:
            self._redraw.request()

    @Slot()
    def _show(self) -> None:
        self.groups_changed.emit(self.shelf.groups())
        self.card_changed.emit(self.shelf.card(self._key))

    @Slot()
    def _on_linger(self) -> None:
        """Read the header of what is looked at, so that its card can tell of it."""
        offer = self.shelf.offer(self._key)
        if offer is None or offer.choice is None or offer.key in self.shelf.headers:
            return
        if any(asked == ("header", offer.key) for asked in self._requests.values()):
            return
        self.shelf.header_troubles.pop(offer.key, None)
        self.header_wanted.emit(self._ask("header", offer.key), self.shelf.listings[offer.repo], offer.choice)
