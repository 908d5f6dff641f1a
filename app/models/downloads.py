"""The queue of downloads: several at a time, paused and cancelled apart, kept over a restart.

Its methods return at once and may be called from any thread; all work is done on threads of its own. The
listener is called on those or on the caller's, one call at a time, and must return soon.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import LicenceError, RequestError, UserError
from app.language import tr
from app.models.download_entry import GOING, DownloadRemoved, DownloadStatus, Entry, Event, State
from app.models.download_list import Download, load, save
from app.models.download_worker import Worker
from app.models.licence import AcceptedLicences
from app.models.listing import Choice, Listing
from app.models.pacing import Retry
from app.models.partial import discard, kept_bytes
from app.models.room import free_bytes
from app.models.stopping import StopSignal

if TYPE_CHECKING:
    from app.models.hub import Hub

__all__ = ["DownloadRemoved", "DownloadStatus", "Downloads", "Event", "State"]

#: Progress is told no more often.
_TELL_S = 0.1
#: While one runs and nothing comes, that is told so often: its speed falls.
_QUIET_S = 0.5


class Downloads:
    """All downloads. `start` it, `close` it.

    Args:
        folder: where models are put, each in owner/repository.
        list_path: where the list is kept.
        make_hub: the hub as the settings are now, called on a worker's thread.
        licences: nothing is fetched before its licence is accepted there.
        listener: gets each event.
        workers: how many run at once.
    """

    def __init__(
        self,
        folder: Path,
        list_path: Path,
        make_hub: Callable[[], Hub],
        licences: AcceptedLicences,
        listener: Callable[[Event], None],
        *,
        workers: int = 2,
        retry: Retry = Retry(),  # noqa: B008 - it is frozen
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._folder, self._list_path, self._licences, self._listener = folder, list_path, licences, listener
        self._entries: dict[str, Entry] = {}
        self._lock = threading.Condition()
        self._telling = threading.RLock()
        self._dirty, self._loaded = threading.Event(), threading.Event()
        self._closed = False
        self._worker = Worker(
            self, folder=folder, make_hub=make_hub, retry=retry, free=free, promised=self._promised
        )
        names = ["downloads-list", *(f"download-{number}" for number in range(workers))]
        work = [self._keep, *[self._work] * workers]
        # Daemons: what they leave behind is whole at any moment, so that nobody has to wait for a server.
        self._threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for name, target in zip(names, work, strict=True)
        ]

    def start(self) -> None:
        """Bring back what was not done, and go on with what was running."""
        for thread in self._threads:
            thread.start()

    def close(self, wait_s: float = 5.0) -> bool:
        """Stop all, keep the list, end the threads; whether they ended within the time."""
        with self._lock:
            self._closed = True
            for entry in self._entries.values():
                entry.stop.set()
            self._lock.notify_all()
        deadline = time.monotonic() + wait_s
        for thread in reversed(self._threads):
            self._dirty.set()
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    # ---- commands -------------------------------------------------------------------------

    def add(self, listing: Listing, choice: Choice) -> str:
        """Queue a choice of a listing; its id.

        Raises LicenceError before its licence is accepted, RequestError where one of its files is
        being fetched in another version. Adding what is in the list already lets that go on.
        """
        if not self._licences.is_accepted(listing.licence.key):
            name = listing.licence.name or tr("The repository's own licence")
            raise LicenceError(
                tr("{name} has not been accepted.", name=name),
                tr("Read it and accept it before the download."),
            )
        download = Download(uuid.uuid4().hex, choice.name, listing.repo, listing.revision, choice.files)
        targets = {download.target(self._folder, file) for file in download.files}
        with self._lock:
            for entry in self._entries.values():
                other = entry.download
                same = other.files == download.files and other.repo == download.repo
                if entry.state is State.DONE or entry.discarded:
                    continue
                if same:
                    download = other
                elif targets & {other.target(self._folder, file) for file in other.files}:
                    raise RequestError(
                        tr("Another version of {name} is being downloaded.", name=choice.name),
                        tr("Cancel that one first."),
                    )
            if download.id not in self._entries:
                self._entries[download.id] = Entry(download)
        self.resume(download.id)
        return download.id

    def pause(self, download_id: str) -> None:
        """Stop it and keep what has arrived, until it is resumed; not by itself after a restart."""
        self._command(download_id, State.PAUSED, GOING)

    def resume(self, download_id: str) -> None:
        """Go on with one that was paused, has failed, or was cancelled and not yet discarded."""
        self._command(download_id, State.QUEUED, frozenset(State) - {State.DONE})

    def cancel(self, download_id: str) -> None:
        """Stop it for good. What has arrived stays until `discard` or a restart: `resume` undoes it."""
        self._command(download_id, State.CANCELLED, frozenset(State) - {State.DONE})

    def discard(self, download_id: str) -> None:
        """Remove it from the list, and what has arrived of a cancelled one from the disk."""
        with self._lock:
            entry = self._entries.get(download_id)
            if entry is None or entry.state not in (State.CANCELLED, State.DONE):
                return
            entry.discarded = True
        self._dirty.set()

    def statuses(self) -> tuple[DownloadStatus, ...]:
        """All downloads, in the order in which they were added."""
        with self._lock:
            return tuple(entry.status(self._folder) for entry in self._shown())

    def _shown(self) -> Iterator[Entry]:
        return (entry for entry in self._entries.values() if not entry.discarded)

    def _command(self, download_id: str, state: State, allowed: frozenset[State]) -> None:
        with self._lock:
            entry = self._entries.get(download_id)
            if entry is None or entry.discarded or entry.state not in allowed:
                return
            if state is State.QUEUED and entry.state in GOING and not entry.stop.is_set():
                self._lock.notify_all()
            else:
                entry.state, entry.retry_at = state, None
                entry.error = None
                if state is not State.QUEUED:
                    entry.stop.set()
                self._lock.notify_all()
        self._dirty.set()
        self._tell(entry)

    # ---- what workers write down ----------------------------------------------------------

    def change(self, entry: Entry, **values: object) -> None:
        """See `Board`."""
        with self._lock:
            if entry.stop.is_set():
                values = {key: values[key] for key in values.keys() & {"finished", "current", "fetched"}}
            for key, value in values.items():
                setattr(entry, key, value)
            if "state" in values:
                entry.speed.clear()
        if "fetched" in values:
            self._dirty.set()
        self._tell(entry)

    def progress(self, entry: Entry, state: State, current: int) -> None:
        """See `Board`."""
        now = time.monotonic()
        with self._lock:
            if entry.stop.is_set():
                return
            going_on = entry.state is state
            if going_on and state is State.RUNNING:
                entry.speed.add(now, current - entry.current)
            elif not going_on:
                entry.speed.clear()
            entry.state, entry.current = state, current
            told = going_on and now - entry.told_at < _TELL_S
        if not told:
            self._tell(entry)

    def _promised(self, own: Entry) -> int:
        with self._lock:
            others = [entry for entry in self._entries.values() if entry is not own and entry.active]
        return sum(entry.download.size - max(entry.done, self._kept_bytes(entry)) for entry in others)

    def _tell(self, entry: Entry) -> None:
        """Tell the listener how it is now."""
        with self._telling:
            with self._lock:
                entry.told_at = time.monotonic()
                event = entry.status(self._folder)
                if entry.discarded:
                    return
            self._listener(event)

    # ---- threads --------------------------------------------------------------------------

    def _work(self) -> None:
        self._loaded.wait()
        while (entry := self._take()) is not None:
            error: UserError | None = None
            done = False
            try:
                done = self._worker.run(entry)
            except UserError as raised:
                error = raised
            except Exception:
                # A bug: the others go on, and it is reported as any other.
                error = UserError(tr("The download stopped because of a fault of this program."))
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
            self._release(entry, error, done=done)

    def _take(self) -> Entry | None:
        """The next one that is queued; waits for it. None at the end."""
        with self._lock:
            while not self._closed:
                for entry in self._entries.values():
                    if entry.state is State.QUEUED and not entry.active and not self._is_held_up(entry):
                        entry.active, entry.stop = True, StopSignal()
                        self._dirty.set()
                        return entry
                self._lock.wait()
        return None

    def _is_held_up(self, entry: Entry) -> bool:
        """Whether it is discarded, or files with its names are still to be removed."""
        paths = {file.path for file in entry.download.files}
        return any(
            other.discarded
            and other.download.repo == entry.download.repo
            and not paths.isdisjoint(file.path for file in other.download.files)
            for other in self._entries.values()
        )

    def _release(self, entry: Entry, error: UserError | None, *, done: bool) -> None:
        with self._lock:
            entry.active = False
            if done and entry.state is not State.CANCELLED:
                entry.state, entry.error = State.DONE, None
            elif error is not None and not entry.stop.is_set():
                entry.state, entry.error = State.FAILED, error
            entry.retry_at = None
            self._lock.notify_all()
        self._dirty.set()
        self._tell(entry)

    def _keep(self) -> None:
        """Keep the list as it changes, and remove what was discarded."""
        self._restore()
        while True:
            while not self._dirty.wait(self._tell_quiet()):
                pass
            self._dirty.clear()
            self._remove_discarded()
            with self._lock:
                ended = self._closed and not any(entry.active for entry in self._entries.values())
                kept = [entry.kept() for entry in self._shown() if entry.state is not State.DONE]
            # A full disk keeps it from being saved: then it is when something changes again.
            with contextlib.suppress(OSError):
                save(self._list_path, kept)
            if ended:
                return

    def _tell_quiet(self) -> float | None:
        """Tell of those of which nothing was told for long; after how many seconds to look again."""
        now = time.monotonic()
        with self._lock:
            active = [entry for entry in self._entries.values() if entry.active]
            quiet = [entry for entry in active if now - entry.told_at >= _QUIET_S]
        for entry in quiet:
            self._tell(entry)
        return _QUIET_S if active else None

    def _restore(self) -> None:
        restored = [Entry.restored(kept) for kept in load(self._list_path)]
        for entry in restored:
            entry.discarded = entry.state is State.CANCELLED
            entry.current = self._kept_bytes(entry)
        with self._lock:
            added = self._entries
            self._entries = {entry.download.id: entry for entry in restored} | added
            self._lock.notify_all()
        self._loaded.set()
        self._dirty.set()
        for entry in restored:
            self._tell(entry)

    def _kept_bytes(self, entry: Entry) -> int:
        total = 0
        for file in entry.download.files:
            target = entry.download.target(self._folder, file)
            total += file.size if target.exists() else min(file.size, kept_bytes(target))
        return total

    def _remove_discarded(self) -> None:
        with self._lock:
            gone = [entry for entry in self._entries.values() if entry.discarded and not entry.active]
        for entry in gone:
            if entry.state is State.CANCELLED:
                self._remove_files(entry)
            with self._lock:
                self._entries.pop(entry.download.id, None)
                self._lock.notify_all()
            with self._telling:
                self._listener(DownloadRemoved(entry.download.id))

    def _remove_files(self, entry: Entry) -> None:
        """All that it has brought; what cannot be removed stays."""
        for file in entry.download.files:
            target = entry.download.target(self._folder, file)
            with contextlib.suppress(OSError):
                discard(target)
                if file.path in entry.fetched:
                    target.unlink(missing_ok=True)
            for folder in target.parents:
                if folder == self._folder:
                    break
                with contextlib.suppress(OSError):
                    folder.rmdir()
