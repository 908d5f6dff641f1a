"""A queue of downloads as the app has it, and a way to wait for what it tells."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.models.catalogue import HubReference
from app.models.downloads import DownloadRemoved, Downloads, DownloadStatus, Event, State
from app.models.hub import Hub
from app.models.licence import AcceptedLicences
from app.models.pacing import Retry
from app.models.session import HubSettings
from app.paths import Paths

_LONGEST_S = 20.0
#: Soon enough for a test, and often enough for a walk through many faults.
QUICK = Retry(attempts=5, first_s=0.01, longest_s=0.05)


class Desk:
    """Downloads below a folder, and all that they told. Close it."""

    def __init__(self, root: Path, settings: HubSettings, **options: Any) -> None:
        self.paths = Paths.default(root)
        self.hub = Hub(settings)
        self.licences = AcceptedLicences(self.paths.licences)
        self.events: list[Event] = []
        self._told, self._tick = threading.Condition(), threading.Event()
        self.downloads = Downloads(
            self.paths.models,
            self.paths.downloads,
            lambda: self.hub,
            self.licences,
            self._on_event,
            **{"retry": QUICK, **options},
        )

    def __enter__(self) -> Desk:
        self.downloads.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self.downloads.close()

    def _on_event(self, event: Event) -> None:
        with self._told:
            self.events.append(event)
            self._told.notify_all()

    def add(self, repo: str, quantization: str = "", revision: str | None = None) -> str:
        """List a repository, accept its licence, queue its first choice."""
        listing = self.hub.list(HubReference(repo, revision, quantization=quantization))
        self.licences.accept(listing.licence.key, repo)
        return self.downloads.add(listing, listing.choices[0])

    def wait(self, fits: Callable[[Event], bool], since: int = 0) -> Event:
        """The first event from the `since`th on that fits."""
        deadline = time.monotonic() + _LONGEST_S
        with self._told:
            while True:
                for event in self.events[since:]:
                    if fits(event):
                        return event
                left = deadline - time.monotonic()
                assert left > 0, self.events[since:][-3:]
                self._told.wait(left)

    def until(self, download_id: str, *states: State, since: int = 0) -> DownloadStatus:
        """The first status of a download, from the `since`th event on, in one of the states."""
        event = self.wait(
            lambda event: (
                isinstance(event, DownloadStatus) and event.id == download_id and event.state in states
            ),
            since,
        )
        assert isinstance(event, DownloadStatus)
        return event

    def until_done(self, download_id: str, count: int) -> None:
        """Wait until so many bytes are there; not each of them is told."""
        deadline = time.monotonic() + _LONGEST_S
        while self.status(download_id).done < count:
            assert time.monotonic() < deadline, self.status(download_id)
            self._tick.wait(0.005)

    def until_removed(self, download_id: str) -> None:
        self.wait(lambda event: event == DownloadRemoved(download_id))

    def status(self, download_id: str) -> DownloadStatus:
        """How a download is now."""
        return next(status for status in self.downloads.statuses() if status.id == download_id)
