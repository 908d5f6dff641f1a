"""Downloads as a person sees them, and the licence before the first one. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import LicenceError, NetworkError, UserError
from app.language import mark, ntr, tr
from app.models.catalogue import DEFAULT_ENDPOINT
from ui import words
from ui.control.afterwards import Afterwards
from ui.models.values import DownloadRow, LicenceAsk
from ui.notices import Notice

if TYPE_CHECKING:
    from app.models.downloads import DownloadStatus, Event
    from app.models.licence import Licence
    from app.models.listing import Choice, Listing

_NAME = 120  # characters
_LOAD = "load:"
_GOING = ("queued", "verifying", "running", "waiting")
_BUTTONS = {
    **dict.fromkeys(_GOING, ("pause", "cancel")),
    "paused": ("resume", "cancel"),
    "failed": ("retry", "cancel"),
}

_KEPT = mark("What has arrived is kept.")


class DownloadControl(QObject):
    """Owns what is known of the downloads. A QObject without widgets.

    Args:
        takes_over: whether a model that has arrived is loaded without being asked for: nothing else
            is there that it would take the place of.

    Signals:
        rows_changed: tuple[DownloadRow, ...].
        summary_changed: one line for the window's edge, empty without a download.
        licence_shown: a LicenceAsk, None when it is answered.
        fetching_changed: frozenset of (repository, name).
    """

    # to the worker
    add_wanted = Signal(int, object, object)
    licence_wanted = Signal(int, object)
    accept_wanted = Signal(int, object, str)
    command_wanted = Signal(str, str)

    # to the others
    rows_changed = Signal(object)
    summary_changed = Signal(str)
    licence_shown = Signal(object)
    fetching_changed = Signal(object)
    downloaded = Signal()
    load_wanted = Signal(str)
    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(
        self,
        ids: Iterator[int],
        takes_over: Callable[[], bool],
        afterwards: Afterwards,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("download_control")
        self._ids, self._takes_over, self._afterwards = ids, takes_over, afterwards
        self._statuses: dict[str, DownloadStatus] = {}
        self._requests: dict[int, tuple[str, Listing, Choice]] = {}
        self._asked: tuple[Listing, Choice] | None = None
        self._ask: LicenceAsk | None = None
        self._own: set[tuple[str, str]] = set()  # repository and name of what was asked for now
        self._fetching: frozenset[tuple[str, str]] = frozenset()

    # ---- what the person does -------------------------------------------------------------

    @Slot(object, object)
    def download(self, listing: Listing, choice: Choice) -> None:
        """Fetch a model; its licence is asked for first where it was not accepted yet."""
        self.notice_gone.emit("download")
        self._own.add((listing.repo, choice.name))
        self.add_wanted.emit(self._request("add", listing, choice), listing, choice)

    @Slot()
    def accept(self) -> None:
        """The licence that is shown is accepted."""
        if self._asked is not None:
            listing, choice = self._asked
            licence: Licence = listing.licence
            self.accept_wanted.emit(self._request("accept", listing, choice), licence, listing.repo)

    @Slot()
    def decline(self) -> None:
        """The licence that is shown is not accepted: nothing is downloaded."""
        self._asked = None
        self._show_licence(None)

    @Slot()
    def read_again(self) -> None:
        """Try again to read the text of the licence."""
        if self._asked is not None:
            self._read_licence(*self._asked)

    @Slot(str, str)
    def act(self, download_id: str, action: str) -> None:
        """A button of a download: "pause", "resume", "retry" or "cancel"."""
        if action != "cancel":
            self.command_wanted.emit(download_id, "resume" if action == "retry" else action)
            return
        status = self._statuses.get(download_id)
        self.command_wanted.emit(download_id, "cancel")
        name = words.shown_line(status.name, _NAME) if status is not None else tr("The download")
        self._afterwards.offer(
            download_id,
            tr("{name} was cancelled. What has arrived of it is deleted in a moment.", name=name),
            lambda: self.command_wanted.emit(download_id, "resume"),
            lambda: self.command_wanted.emit(download_id, "discard"),
        )

    @Slot()
    def tell_again(self) -> None:
        """A page that may not know of it yet is seen."""
        self._show()

    @Slot(str)
    def on_acted(self, action: str) -> None:
        """The button of a notice was used; actions of others are left to them."""
        if action.startswith(_LOAD):
            self.load_wanted.emit(action.removeprefix(_LOAD))

    # ---- what the worker says -------------------------------------------------------------

    @Slot(object)
    def on_told(self, event: Event) -> None:
        """A download is in another state, or further on, or gone from the list."""
        if not hasattr(event, "state"):
            self._statuses.pop(event.id, None)
        elif event.state == "done":
            self._statuses.pop(event.id, None)
            self._done(event)
        else:
            self._statuses[event.id] = event
        self._show()

    @Slot(int, str)
    def on_queued(self, request_id: int, _download_id: str) -> None:
        self._requests.pop(request_id, None)

    @Slot(int)
    def on_accepted(self, request_id: int) -> None:
        kind, listing, choice = self._requests.pop(request_id, ("", None, None))
        if kind == "accept":
            self.decline()
            self.download(listing, choice)  # type: ignore[arg-type]

    @Slot(int, str)
    def on_licence(self, request_id: int, text: str) -> None:
        if self._requests.pop(request_id, ("",))[0] == "licence" and self._ask is not None:
            self._show_licence(replace(self._ask, text=text, state="there"))

    @Slot(int, object)
    def on_failed(self, request_id: int, error: UserError) -> None:
        kind, listing, choice = self._requests.pop(request_id, ("", None, None))
        if kind == "add" and isinstance(error, LicenceError):
            self._ask_for_licence(listing, choice)
        elif kind in ("add", "accept"):
            self.notice.emit(Notice("download", str(error), "error"))
        elif kind == "licence" and self._ask is not None:
            problem = tr("The text of the licence could not be read. {error}", error=error)
            self._show_licence(replace(self._ask, state=problem, problem="text"))

    # ---- licence --------------------------------------------------------------------------

    def _ask_for_licence(self, listing: Any, choice: Any) -> None:
        licence: Licence = listing.licence
        self._asked = (listing, choice)
        self._ask = LicenceAsk(
            words.shown_line(licence.name, _NAME),
            words.shown_line(choice.name, _NAME),
            listing.repo,
            link=words.shown_line(licence.link or f"{DEFAULT_ENDPOINT}/{listing.repo}", 500),
        )
        self._read_licence(listing, choice)

    def _read_licence(self, listing: Listing, choice: Choice) -> None:
        assert self._ask is not None
        if listing.licence.path:
            self._show_licence(replace(self._ask, state="reading", problem=""))
            self.licence_wanted.emit(self._request("licence", listing, choice), listing)
        else:
            self._show_licence(replace(self._ask, state="there", problem=""))

    def _show_licence(self, ask: LicenceAsk | None) -> None:
        self._ask = ask
        self.licence_shown.emit(ask)

    # ---- what is shown --------------------------------------------------------------------

    def _done(self, status: DownloadStatus) -> None:
        """It is there: out of the list, and loaded where there is nothing else."""
        self.command_wanted.emit(status.id, "discard")
        self.downloaded.emit()
        path, name = str(status.path), words.shown_line(status.name, _NAME)
        if (status.repo, status.name) in self._own and self._takes_over():
            self.load_wanted.emit(path)
        else:
            text = tr("{name} has arrived, and is what was published.", name=name)
            self.notice.emit(Notice("downloaded", text, "info", f"{_LOAD}{path}", tr("Load it")))

    def _show(self) -> None:
        shown = [one for one in self._statuses.values() if one.state != "cancelled"]
        self.rows_changed.emit(tuple(row(one) for one in shown))
        self.summary_changed.emit(summary(shown))
        fetching = frozenset((one.repo, one.name) for one in shown if one.state in _GOING)
        if fetching != self._fetching:
            self._fetching = fetching
            self.fetching_changed.emit(fetching)

    def _request(self, kind: str, listing: Listing, choice: Choice) -> int:
        request_id = next(self._ids)
        self._requests[request_id] = (kind, listing, choice)
        return request_id


def row(status: DownloadStatus) -> DownloadRow:
    """A download in words."""
    percent = _percent(status.done, status.size)
    buttons = _BUTTONS.get(str(status.state), ())
    tone = {"failed": "danger", "waiting": "warning"}.get(str(status.state), "")
    name = words.shown_line(status.name, _NAME)
    return DownloadRow(status.id, name, percent, _state(status), tone, buttons)  # type: ignore[arg-type]


def _state(status: DownloadStatus) -> str:
    so_far = tr("{done} of {size}", done=words.size(status.done), size=words.size(status.size))
    error = status.error
    if status.state == "running":
        parts = [so_far]
        if status.speed is not None:
            parts.append(words.speed(status.speed))
        if status.eta_s is not None:
            parts.append(words.time_left(status.eta_s))
        return " · ".join(parts)
    if status.state == "waiting":
        why = error.message if error else tr("It waits.")
        if (status.retry_in_s or 0) < 1:
            return tr("{why} Trying again now · {so_far}", why=why, so_far=so_far)
        wait = words.duration(status.retry_in_s or 0)
        return tr("{why} Trying again in {duration} · {so_far}", why=why, duration=wait, so_far=so_far)
    if status.state == "failed":
        text = str(error) if error is not None else tr("It has stopped.")
        # The network's errors are told of listings, too, of which nothing arrives.
        return f"{text} {tr(_KEPT)}" if isinstance(error, NetworkError) else text
    return {
        "queued": tr("Waits for its turn"),
        "verifying": tr("Checking what is here: {so_far}", so_far=so_far),
        "paused": tr("Paused at {so_far}", so_far=so_far),
    }.get(str(status.state), so_far)


def summary(statuses: list[DownloadStatus]) -> str:
    """All downloads in one short line."""
    going = [one for one in statuses if one.state in _GOING]
    if not going:
        failed = [one for one in statuses if one.state == "failed"]
        paused = ntr("{count} download paused", "{count} downloads paused", len(statuses))
        paused = tr("Download paused") if len(statuses) == 1 else paused
        return tr("A download has stopped") if failed else paused if statuses else ""
    percent = _percent(sum(one.done for one in going), sum(one.size for one in going))
    many = ntr("{count} model", "{count} models", len(going))
    what = words.shown_line(going[0].name, 40) if len(going) == 1 else many
    return tr("Downloading {what} {percent} %", what=what, percent=percent)


def _percent(done: int, size: int) -> int:
    """Rounded down: 100 only where all is there."""
    return min(100, 100 * done // size) if size > 0 else 0
