"""One download in the queue: what it is doing, as its worker knows it and as others are told."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from app.errors import UserError, from_kind
from app.models.download_list import Download, Kept
from app.models.pacing import Speed
from app.models.stopping import StopSignal


class State(StrEnum):
    """What a download is doing."""

    QUEUED = "queued"
    VERIFYING = "verifying"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"


#: In these a worker has it, or will take it.
GOING = frozenset({State.QUEUED, State.VERIFYING, State.RUNNING, State.WAITING})


@dataclass(frozen=True)
class DownloadStatus:
    """How a download is at one moment.

    Attributes:
        done, size: bytes of all its files; while verifying, `done` counts what was read again.
        speed: bytes per second, None where it cannot be told.
        eta_s: seconds to the end at that speed.
        retry_in_s: seconds until it is tried again, where it waits.
        error: why it waits or has failed.
        path: the file to load, where it is done.
    """

    id: str
    name: str
    repo: str
    state: State
    done: int
    size: int
    speed: float | None = None
    eta_s: float | None = None
    retry_in_s: float | None = None
    error: UserError | None = None
    path: Path | None = None


@dataclass(frozen=True)
class DownloadRemoved:
    """A download is not in the list any more."""

    id: str


Event = DownloadStatus | DownloadRemoved


@dataclass
class Entry:
    """A download with all that changes about it. The queue's lock guards it."""

    download: Download
    state: State = State.QUEUED
    error: UserError | None = None
    stop: StopSignal = field(default_factory=StopSignal)
    speed: Speed = field(default_factory=Speed)
    #: Whether a worker is at it, also while it winds down after a command.
    active: bool = False
    discarded: bool = False
    finished: int = 0
    current: int = 0
    retry_at: float | None = None
    told_at: float = 0.0
    fetched: tuple[str, ...] = ()

    @classmethod
    def restored(cls, kept: Kept) -> Entry:
        """As it was kept; what ran goes on."""
        known = {State.PAUSED.value, State.FAILED.value, State.CANCELLED.value}
        state = State(kept.state) if kept.state in known else State.QUEUED
        error = from_kind(kept.kind, kept.message, kept.hint) if state is State.FAILED else None
        return cls(kept.download, state, error, fetched=kept.fetched)

    def kept(self) -> Kept:
        """What is kept of it over a restart."""
        state = State.QUEUED if self.state in GOING else self.state
        error = self.error if self.state is State.FAILED else None
        words = (error.kind, error.message, error.hint) if error is not None else ("", "", "")
        return Kept(self.download, str(state), *words, fetched=self.fetched)

    @property
    def done(self) -> int:
        """Bytes of all files that are there."""
        return self.finished + self.current

    def status(self, folder: Path) -> DownloadStatus:
        """What others are told."""
        now, running = time.monotonic(), self.state is State.RUNNING
        missing = self.download.size - self.done
        first = self.download.files[0]
        return DownloadStatus(
            id=self.download.id,
            name=self.download.name,
            repo=self.download.repo,
            state=self.state,
            done=self.done,
            size=self.download.size,
            speed=self.speed.rate(now) if running else None,
            eta_s=self.speed.eta_s(now, missing) if running else None,
            retry_in_s=max(0.0, self.retry_at - now) if self.retry_at is not None else None,
            error=self.error,
            path=self.download.target(folder, first) if self.state is State.DONE else None,
        )
