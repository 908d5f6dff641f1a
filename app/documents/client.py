"""The window's side of the process that reads documents: asked with deadlines, killed when late."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from app import children
from app.documents.shelf import Shelf, digest_of
from app.documents.slices import decoded
from app.documents.values import MESSAGES, Extract, Extracted, Finished, Limits, Progress, Refused
from app.errors import FileReadError, ReadingStopped, from_kind
from app.language import tr
from app.paths import self_command
from app.wire import WireError

_POLL_S = 0.05
#: Starting Python on a busy machine isn't the document's fault.
_START_S = 30.0
#: Entries of a folder that may end the process before the folder is given up.
_MOST_SKIPPED = 8
#: A larger document leaves memory behind: the process ends with it.
_LARGE_BYTES = 16 * 2**20

_Reply = Progress | tuple[Finished, bytes] | Refused | None


def _never() -> bool:
    return False


def _silent(_progress: Progress) -> None:
    pass


class _EndedError(Exception):
    """The process ended, or was ended, without an answer. `entry` is the file it was at."""

    def __init__(self, message: str, hint: str, entry: str) -> None:
        super().__init__(message)
        self.message, self.hint, self.entry = message, hint, entry


class DocumentReader:
    """Reads documents in a child process, one at a time. Any thread but the GUI's: `extract` waits.

    The child is kept for the next document; `close` ends it, and another `extract` starts a new one.
    A context manager.
    """

    def __init__(
        self,
        shelf: Shelf | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        command: Sequence[str] | None = None,
    ) -> None:
        self._shelf, self._limits = shelf, limits
        self._command = list(command) if command is not None else self_command("document-process")
        self._lock = threading.Lock()
        self._closings = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._replies: queue.Queue[_Reply] = queue.Queue()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> DocumentReader:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def extract(
        self,
        path: Path,
        password: str = "",
        on_progress: Callable[[Progress], None] = _silent,
        cancelled: Callable[[], bool] = _never,
        *,
        keep: bool = True,
    ) -> Extracted:
        """What is in a file or a folder. `on_progress` is called in this thread, 20 times a second at most.

        Args:
            keep: on the shelf, so that it is read once; nothing is kept that took a password.

        Raises:
            PasswordNeeded: without the right `password`.
            ReadingStopped: within 0.1 s after `cancelled` says so.
            FileReadError: everything else that is wrong with it, in plain words.
        """
        closings = self._closings

        def stopped() -> bool:
            return cancelled() or self._closings != closings

        while not self._lock.acquire(timeout=_POLL_S):
            _check(stopped)
        try:
            return self._extract(path, password, on_progress, stopped, keep=keep and not password)
        finally:
            self._lock.release()

    def kept_bytes(self) -> int:
        """What the texts that were read take on the disk."""
        return self._shelf.total_bytes() if self._shelf is not None else 0

    def forget_kept(self) -> None:
        """Delete them: each document is read anew the next time."""
        if self._shelf is not None:
            self._shelf.clear()

    def close(self) -> None:
        """Stop what is read and what waits to be read, and end the process. From any thread."""
        self._closings += 1
        with self._lock:
            self._end()

    def _extract(
        self,
        path: Path,
        password: str,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
        *,
        keep: bool,
    ) -> Extracted:
        digest = digest_of(path, self._limits.file_bytes, cancelled) if self._shelf is not None else ""
        _check(cancelled)
        if self._shelf is not None and digest and (kept := self._shelf.get(path.name, digest)):
            return kept
        skip: tuple[str, ...] = ()
        while True:
            try:
                request = Extract(str(path.absolute()), self._limits, password, skip)
                finished, text = self._ask(request, on_progress, cancelled)
                break
            except _EndedError as ended:
                if not ended.entry or ended.entry in skip or len(skip) >= _MOST_SKIPPED:
                    raise FileReadError(f"{path.name}: {ended.message}", ended.hint) from None
                skip = (*skip, ended.entry)
        return self._finish(finished, text, keep=keep)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            children.end(child, self._thread)

    def _finish(self, finished: Finished, text: bytes, keep: bool) -> Extracted:
        result = Extracted(
            finished.name,
            finished.kind,
            decoded(text),
            finished.pages,
            finished.pages_without_text,
            finished.notes,
        )
        if self._shelf is not None and finished.digest and keep:
            self._shelf.put(result, finished.digest)
        return result

    def _start(self) -> None:
        if self._child is not None and self._child.poll() is None:
            return
        self._end()
        try:
            self._child = children.spawn(self._command)
        except OSError as error:
            raise FileReadError(
                tr("Documents cannot be read here: {reason}.", reason=error.strerror)
            ) from error
        assert self._child.stdout is not None
        self._replies = queue.Queue()
        self._thread = threading.Thread(
            target=_pump, args=(self._child.stdout, self._replies), name="document-replies", daemon=True
        )
        self._thread.start()

    def _ask(
        self, request: Extract, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> tuple[Finished, bytes]:
        self._start()
        assert self._child is not None
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):  # it died: the end of its replies tells
            self._child.stdin.write(MESSAGES.encode(request))
            self._child.stdin.flush()
        try:
            reply = self._wait(on_progress, cancelled)
        except BaseException:
            self._end()
            raise
        if isinstance(reply, Refused):
            name = Path(request.path).name
            raise from_kind(reply.kind, f"{name}: {reply.message}", reply.hint)
        if len(reply[1]) > _LARGE_BYTES or _size(request.path) > _LARGE_BYTES:
            self._end()
        return reply

    def _wait(
        self, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> tuple[Finished, bytes] | Refused:
        begun = moved = time.monotonic()
        patience, entry = self._limits.stall_s + _START_S, ""
        while True:
            _check(cancelled)
            now = time.monotonic()
            if now - moved > patience or now - begun > self._limits.total_s:
                # A folder that only grows is not the fault of the entry that it is at.
                entry = entry if now - moved > patience else ""
                raise _EndedError(
                    tr("It takes too long to read and was given up."), tr("Attach a part of it."), entry
                )
            try:
                reply = self._replies.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if reply is None:
                message = tr("It ended the process that reads documents: it is damaged or far too large.")
                raise _EndedError(message, tr("Save it anew, or attach a part of it."), entry)
            if not isinstance(reply, Progress):
                return reply
            moved, entry, patience = time.monotonic(), reply.name, self._limits.stall_s
            on_progress(reply)


def _check(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise ReadingStopped(tr("Reading was stopped."))


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _pump(stream: IO[bytes], replies: queue.Queue[_Reply]) -> None:
    try:
        while (reply := MESSAGES.read(stream)) is not None:
            if isinstance(reply, Finished):
                text = stream.read(reply.text_bytes)
                if len(text) < reply.text_bytes:
                    break
                replies.put((reply, text))
            elif isinstance(reply, Progress | Refused):
                replies.put(reply)
            else:
                break
    except (WireError, OSError, ValueError):
        pass
    replies.put(None)
