"""The inner side of a process of this app that answers one request after the other on its standard streams.

It ends with the end of its input, also in the middle of a request. Time is bounded by the process around it,
app.render.child; memory is limited here.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from app.wire import Registry, WireError

MEMORY_BYTES: Final = 512 * 2**20


@dataclass(frozen=True)
class Ready:
    """The process has started; from now on its deadlines count."""


def serve_standard(messages: Registry, kind: type[Any], answer: Callable[[Any], Any]) -> int:
    """Serve on the standard streams. Whatever else is printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, replies, messages, kind, answer)
    return 0


def serve(
    requests: BinaryIO,
    replies: BinaryIO,
    messages: Registry,
    kind: type[Any],
    answer: Callable[[Any], Any],
) -> None:
    """Reply with `answer(request)`, which must not raise, to each request until the end of `requests`."""
    _limit()
    arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
    reading = (requests, arrived, messages, kind)
    threading.Thread(target=_read_requests, args=reading, daemon=True).start()
    try:
        messages.write(replies, Ready())
        while True:
            messages.write(replies, answer(arrived.get()))
    except OSError:
        os._exit(0)  # nobody listens any more


def _read_requests(
    requests: BinaryIO, arrived: queue.SimpleQueue[Any], messages: Registry, kind: type[Any]
) -> None:
    with contextlib.suppress(WireError, OSError):
        while isinstance(request := messages.read(requests), kind):
            arrived.put(request)
    os._exit(0)


def _limit() -> None:
    if sys.platform == "win32":
        return  # the deadlines and the bounds on a request hold there
    import resource

    for what, wanted in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (limit, hard))
