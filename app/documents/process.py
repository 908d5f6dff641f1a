"""The process that reads documents: one request after the other, held in by limits.

It opens no connection, starts no program and writes no file: what a document asks for it cannot do.
It ends with the end of its input, also in the middle of a document.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
import traceback
from typing import Any, BinaryIO

from app.documents.memory import MemoryWatch
from app.documents.reading import read_path
from app.documents.values import MESSAGES, Extract, Finished, Progress, Refused
from app.errors import FileReadError, UserError
from app.language import tr
from app.wire import WireError

_PROGRESS_EVERY_S = 0.05
_CHUNK = 1 << 20
_FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.startfile", "urllib.Request",
)  # fmt: skip


def main() -> int:
    """Serve on the standard streams. Whatever else is printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, replies)
    return 0


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer Extract requests until the end of `requests`."""
    sys.addaudithook(forbid)
    arrived: queue.SimpleQueue[Extract] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(requests, arrived), daemon=True).start()
    watch: MemoryWatch | None = None
    while True:
        request = arrived.get()
        if sys.platform == "linux":
            limit_memory(request.limits.memory_bytes)
        elif watch is None:
            watch = MemoryWatch(request.limits.memory_bytes)
        else:
            watch.limit = request.limits.memory_bytes
        try:
            _answer(request, replies)
        except OSError:
            os._exit(0)  # nobody listens any more


def _read_requests(requests: BinaryIO, arrived: queue.SimpleQueue[Extract]) -> None:
    with contextlib.suppress(WireError, OSError):
        while isinstance(request := MESSAGES.read(requests), Extract):
            arrived.put(request)
    os._exit(0)


def forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook that lets a process open no connection, start no program and write no file."""
    if event in _FORBIDDEN or (event == "open" and _writes(arguments)):
        raise PermissionError(f"{event} is not allowed here")


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def limit_memory(memory_bytes: int) -> None:
    """Let this process have no more memory than so much; nothing where the system cannot."""
    if sys.platform != "linux":
        return
    import resource

    for what, wanted in ((resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (limit, hard))


def _answer(request: Extract, replies: BinaryIO) -> None:
    text = b""
    try:
        result = read_path(request, _Reporter(replies))
        text = result.text.encode("utf-8", "replace")
        finished = Finished(
            result.name, result.kind, result.pages, result.pages_without_text, result.notes,
            result.digest, len(text),
        )  # fmt: skip
        reply: Finished | Refused = finished
    except UserError as error:
        reply = Refused(error.kind, error.message, error.hint)
    except MemoryError:
        reply = Refused(
            FileReadError.kind, tr("It needs too much memory to be read."), tr("Split it into parts.")
        )
    except BrokenPipeError:
        raise
    except Exception:
        # Whatever a library trips over in a damaged file; the trace is for whoever looks.
        traceback.print_exc()
        reply = Refused(FileReadError.kind, tr("It is damaged, or is not what its name says."))
    replies.write(MESSAGES.encode(reply))
    if isinstance(reply, Finished):
        for start in range(0, len(text), _CHUNK):
            replies.write(text[start : start + _CHUNK])
    replies.flush()


class _Reporter:
    """Sends progress, not more often than an eye can follow; the name of a file always goes out."""

    def __init__(self, replies: BinaryIO) -> None:
        self._replies, self._sent, self._name = replies, 0.0, ""

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._sent < _PROGRESS_EVERY_S and progress.name == self._name:
            return
        self._sent, self._name = now, progress.name
        self._replies.write(MESSAGES.encode(progress))
        self._replies.flush()
