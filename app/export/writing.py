"""The window's side of the process that writes conversations to files."""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from app.errors import DiskFullError, ReadingStopped, UserError, from_kind
from app.export.child import Child
from app.export.values import EXPORT, Begin, End, Head, Node, Options, Progress, Refused, Written
from app.language import mark, tr
from app.paths import self_command

_POLL_S: Final = 0.05
_MOST_WAITING: Final = 1000
_FULL: Final = (errno.ENOSPC, getattr(errno, "EDQUOT", -1), errno.EFBIG)
_GONE: Final = mark("The file could not be made: the process that writes it ended.")
_HINT: Final = mark("Nothing was written. Try another format.")
_NOTHING: Final = object()


class Exporter:
    """Writes conversations in a child process, which is kept for the next one until `close`.

    One worker's thread; `cancel` from any thread.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = command if command is not None else self_command("export-process", module="ui")
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._cancelled = False

    def write(
        self,
        target: Path,
        head: Head,
        nodes: Iterable[Node],
        options: Options,
        on_progress: Callable[[int], None],
    ) -> Written:
        """Write one conversation; the file is there whole or not at all.

        `on_progress` is told, in this thread, how many characters are done.

        Raises:
            ReadingStopped: somebody cancelled.
            DiskFullError, UserError: the file cannot be written.
        """
        self._check()
        new = _name_beside(target)
        try:
            os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            written = self._ask(Begin(str(new), options, head), nodes, on_progress)
            new.replace(target)
        except OSError as error:
            raise unwritable(error) from error
        except BaseException:
            self.close()
            raise
        finally:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
        return written

    def cancel(self) -> None:
        """Stop what is written now, and take nothing more until `resume`. From any thread."""
        with self._lock:
            self._cancelled = True
            if self._child is not None:
                self._child.kill()

    def resume(self) -> None:
        """Work again after `cancel`."""
        with self._lock:
            self._cancelled = False

    def close(self) -> None:
        """End the process. On the worker's thread, or once it has ended."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.end()

    def _ask(self, begin: Begin, nodes: Iterable[Node], on_progress: Callable[[int], None]) -> Written:
        child = self._started()
        answer: object = _NOTHING
        with contextlib.suppress(OSError):  # it refused, or ended: what it said tells
            child.send(begin)
            for node in nodes:
                child.send(node)
                answer = _heard(child, on_progress)
                if answer is not _NOTHING:
                    break
            else:
                child.send(End())
        while answer is _NOTHING:
            self._check()
            answer = _heard(child, on_progress, _POLL_S)
        self._check()
        if isinstance(answer, Written):
            return answer
        if isinstance(answer, Refused):
            raise from_kind(answer.kind, answer.message, answer.hint)
        raise UserError(tr(_GONE), tr(_HINT))

    def _started(self) -> Child:
        with self._lock:
            if self._child is None:
                self._child = Child(self._command, EXPORT, _MOST_WAITING)
            return self._child

    def _check(self) -> None:
        if self._cancelled:
            raise ReadingStopped(tr("The export was cancelled."))


def _heard(child: Child, on_progress: Callable[[int], None], wait: float = 0.0) -> object:
    """What the process has said last, None at its end, _NOTHING while it works; progress is passed on."""
    told = -1
    heard: object = _NOTHING
    with contextlib.suppress(queue.Empty):
        while heard is _NOTHING:
            reply = child.replies.get(timeout=wait) if wait and told < 0 else child.replies.get_nowait()
            if isinstance(reply, Progress):
                told = reply.done
            else:
                heard = reply
    if told >= 0:
        on_progress(told)
    return heard


def unwritable(error: OSError) -> UserError:
    """What a person can do about a file that cannot be written."""
    if error.errno in _FULL:
        return DiskFullError(
            tr("There is no room for the file."), tr("Make some room, or save it elsewhere.")
        )
    if error.errno == errno.ENAMETOOLONG:
        return UserError(
            tr("The file cannot be written: its name is too long."), tr("Give it a shorter name.")
        )
    return UserError(
        tr("The file cannot be written: {reason}.", reason=error.strerror or error),
        tr("Save it in another folder."),
    )


def _name_beside(target: Path) -> Path:
    """The name of a file until it is whole."""
    return target.with_name(f".saving-{secrets.token_hex(8)}")
