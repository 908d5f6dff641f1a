"""The process that draws formulas, one after the other.

A formula is a stranger's: reading it is bounded (math_tokens, math_text), memory is limited here, and time by
the process around it, app.render.math_client. It ends with the end of its input, also in the middle of one.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import traceback
from typing import BinaryIO

from app.render.math_layout import set_formula
from app.render.math_nodes import FormulaError
from app.render.math_source import read_formula
from app.render.math_values import (
    MESSAGES,
    MOST_SVG_CHARS,
    FormulaRefused,
    FormulaSet,
    MathDrawn,
    MathRefused,
    MathRequest,
    Ready,
    SetFormula,
)
from app.wire import WireError

MEMORY_BYTES = 512 * 2**20
_SIZES = (4.0, 400.0)


def main() -> int:
    """Serve on the standard streams. Whatever else is printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, replies)
    return 0


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer SetFormula requests until the end of `requests`."""
    _limit()
    arrived: queue.SimpleQueue[SetFormula] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(requests, arrived), daemon=True).start()
    try:
        replies.write(MESSAGES.encode(Ready()))
        replies.flush()
        while True:
            request = arrived.get()
            result = draw_formula(request.request)
            if isinstance(result, MathDrawn):
                replies.write(MESSAGES.encode(FormulaSet(request.request_id, result)))
            else:
                replies.write(MESSAGES.encode(FormulaRefused(request.request_id, result.reason)))
            replies.flush()
    except OSError:
        os._exit(0)  # nobody listens any more


def draw_formula(request: MathRequest) -> MathDrawn | MathRefused:
    """One formula. Never raises."""
    if not _SIZES[0] <= request.size <= _SIZES[1]:
        return MathRefused("Its size is out of bounds.")
    try:
        row = read_formula(request.source, request.display)
        drawn = MathDrawn(*set_formula(row, request.display, request.size))
    except FormulaError as error:
        return MathRefused(str(error))
    except MemoryError:
        return MathRefused("It needs too much memory.")
    except Exception:
        # What nobody thought of is shown as source; the trace is for whoever looks.
        traceback.print_exc()
        return MathRefused("It cannot be drawn.")
    if len(drawn.svg) > MOST_SVG_CHARS:
        return MathRefused("It is too large.")
    return drawn


def _read_requests(requests: BinaryIO, arrived: queue.SimpleQueue[SetFormula]) -> None:
    with contextlib.suppress(WireError, OSError):
        while isinstance(request := MESSAGES.read(requests), SetFormula):
            arrived.put(request)
    os._exit(0)


def _limit() -> None:
    if sys.platform == "win32":
        return  # the deadlines and the bounds on a formula hold there
    import resource

    for what, wanted in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (limit, hard))
