"""The window's side of the process that draws formulas: started with the first one, killed when one takes too
long, and started again for the next."""

from __future__ import annotations

import contextlib
import itertools
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO, Final

from app.paths import self_command
from app.render.math_values import (
    MESSAGES,
    FormulaRefused,
    FormulaSet,
    MathDrawn,
    MathRefused,
    MathRequest,
    Ready,
    SetFormula,
    is_sound,
)
from app.wire import WireError

#: A formula takes some milliseconds.
DEADLINE_S: Final = 2.0
#: Starting Python and reading the font on a busy machine isn't the formula's fault.
START_S: Final = 30.0
_POLL_S: Final = 0.05
_MOST_CHARS: Final = 20_000
#: Starts that fail in a row before no more is tried for this object's life.
_MOST_FAILED: Final = 3

_Reply = Ready | FormulaSet | FormulaRefused | None
_GONE: Final = "Formulas cannot be drawn: the process for them does not start."
_LATE: Final = "It takes too long to draw."


def _never() -> bool:
    return False


class MathRenderer:
    """Draws formulas in a child process. From one worker's thread at a time, never the GUI's: `render` waits.

    The child is kept for the next formulas; `close` ends it, from any thread while nothing is drawn.
    """

    def __init__(self, command: Sequence[str] | None = None, deadline_s: float = DEADLINE_S) -> None:
        self._command = list(command) if command is not None else self_command("math-process")
        self._deadline_s = deadline_s
        self._child: subprocess.Popen[bytes] | None = None
        self._replies: queue.Queue[_Reply] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._ids = itertools.count(1)
        self._ready = False
        self._failed = 0

    def __enter__(self) -> MathRenderer:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def render(
        self,
        requests: Sequence[MathRequest],
        on_result: Callable[[int, MathDrawn | MathRefused], None],
        cancelled: Callable[[], bool] = _never,
    ) -> None:
        """Draw formulas in their order; `on_result(index, result)` is called in this thread as each is done.

        Returns within 0.1 s after `cancelled` says so: the rest have no result then. No formula raises.
        """
        for index, request in enumerate(requests):
            if cancelled():
                return
            result = self._one(request, cancelled)
            if result is None:
                return
            on_result(index, result)

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        if self._thread is not None:
            self._thread.join()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _one(self, request: MathRequest, cancelled: Callable[[], bool]) -> MathDrawn | MathRefused | None:
        """The result, or None where it was cancelled."""
        if len(request.source) > _MOST_CHARS:
            return MathRefused("It is too long.")
        if self._failed >= _MOST_FAILED or not self._start():
            return MathRefused(_GONE)
        if not self._ready:
            reply = self._wait(START_S, 0, cancelled)
            if not isinstance(reply, Ready):
                self.close()
                self._failed += reply != ""
                return None if reply == "" else MathRefused(_GONE)
            self._ready, self._failed = True, 0
        number = next(self._ids)
        self._send(SetFormula(number, request))
        reply = self._wait(self._deadline_s, number, cancelled)
        if isinstance(reply, FormulaSet):
            if is_sound(reply.drawn):
                return reply.drawn
            reply = None
        if isinstance(reply, FormulaRefused):
            return MathRefused(reply.reason[:200])
        self.close()
        if reply == "":
            return None
        return MathRefused(_LATE if reply == _LATE else "It ended the process that draws formulas.")

    def _start(self) -> bool:
        if self._child is not None and self._child.poll() is None:
            return True
        self.close()
        try:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            self._failed += 1
            return False
        assert self._child.stdout is not None
        self._replies, self._ready = queue.Queue(), False
        self._thread = threading.Thread(
            target=_pump, args=(self._child.stdout, self._replies), name="math-replies", daemon=True
        )
        self._thread.start()
        return True

    def _send(self, message: SetFormula) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):  # it died: the end of its replies tells
            self._child.stdin.write(MESSAGES.encode(message))
            self._child.stdin.flush()

    def _wait(self, patience: float, number: int, cancelled: Callable[[], bool]) -> _Reply | str:
        """The reply to a request, None at the process's end, _LATE, or "" when cancelled."""
        until = time.monotonic() + patience
        while True:
            if cancelled():
                return ""
            left = until - time.monotonic()
            if left <= 0:
                return _LATE
            try:
                reply = self._replies.get(timeout=min(_POLL_S, left))
            except queue.Empty:
                continue
            if reply is None or (isinstance(reply, Ready) and not number):
                return reply
            if isinstance(reply, FormulaSet | FormulaRefused) and reply.request_id == number:
                return reply


def _pump(stream: IO[bytes], replies: queue.Queue[_Reply]) -> None:
    try:
        while isinstance(reply := MESSAGES.read(stream), Ready | FormulaSet | FormulaRefused):
            replies.put(reply)
    except (WireError, OSError, ValueError):
        pass
    replies.put(None)
