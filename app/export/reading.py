"""The window's side of the process that reads conversations from a file."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from app.chat.conversation import Conversation
from app.errors import FileReadError, ReadingStopped, from_kind
from app.export.child import Child
from app.export.values import IMPORT, End, Head, Node, Progress, ReadAll, ReadFile, Refused, Skipped, Taken
from app.language import mark, tr
from app.paths import self_command

_POLL_S: Final = 0.05
#: Nothing is heard for so long while a message of hundreds of megabytes is read.
_STALL_S: Final = 180.0
_MOST_WAITING: Final = 200
_ENDED: Final = mark("It ended the process that reads it: it is damaged or far too large.")


class Importer:
    """Reads one file after the other, each in a process of its own. One worker's thread; `cancel` from
    any."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = command if command is not None else self_command("import-process")
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._cancelled = False

    def conversations(self, path: Path, on_progress: Callable[[Progress], None]) -> Iterator[Taken | Skipped]:
        """The conversations of a file in their order; no more is read ahead than is asked for, or little.

        Raises:
            ReadingStopped: somebody cancelled.
            FileReadError: the file is no export, damaged or hostile. What came before is sound.
        """
        child = Child(self._command, IMPORT, _MOST_WAITING)
        with self._lock:
            self._child = child
        try:
            with contextlib.suppress(OSError):  # the end of its replies tells
                child.send(ReadFile(str(path.absolute())))
            yield from self._replies(child, on_progress)
        finally:
            with self._lock:
                self._child = None
            child.end()

    def cancel(self) -> None:
        """Stop what is read, and read nothing more until `resume`. From any thread."""
        with self._lock:
            self._cancelled = True
            if self._child is not None:
                self._child.kill()

    def resume(self) -> None:
        with self._lock:
            self._cancelled = False

    def _replies(self, child: Child, on_progress: Callable[[Progress], None]) -> Iterator[Taken | Skipped]:
        head: Head | None = None
        nodes: list[Node] = []
        while not isinstance(reply := self._next(child), ReadAll):
            if isinstance(reply, Progress):
                on_progress(reply)
            elif isinstance(reply, Head):
                head, nodes = reply, []
            elif isinstance(reply, Node):
                nodes.append(reply)
            elif isinstance(reply, End) and head is not None:
                yield _taken(head, nodes)
            elif isinstance(reply, Skipped):
                yield reply
            elif isinstance(reply, Refused):
                raise from_kind(reply.kind, reply.message, reply.hint)
            else:
                raise FileReadError(tr(_ENDED))

    def _next(self, child: Child) -> object:
        until = time.monotonic() + _STALL_S
        while True:
            if self._cancelled:
                raise ReadingStopped(tr("The import was cancelled."))
            try:
                return child.replies.get(timeout=_POLL_S)
            except queue.Empty:
                if time.monotonic() > until:
                    raise FileReadError(tr("It takes too long to read and was given up.")) from None


def _taken(head: Head, nodes: list[Node]) -> Taken:
    conversation = Conversation(
        messages={node.message.id: node.message for node in nodes},
        parents={node.message.id: node.parent for node in nodes},
        leaf=head.leaf,
        id=head.id,
        title=head.title,
        titled=head.titled,
        settings=head.settings,
        persona=head.persona,
    )
    return Taken(conversation, head.created, head.updated, head.archived)
