"""Faults of the program itself, gathered: what nobody caught, by kind and place."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final

from app.diagnostics.traces import Trace, trace_of

_LOG: Final = logging.getLogger("cascade.fault")
_MOST: Final = 20
#: So many times the same fault is written down; after that only at 10, 100, 1,000 …
_WRITTEN: Final = 3


@dataclass(frozen=True)
class Fault:
    """A fault: whose thread it was raised on, how, and how often."""

    thread: str
    trace: Trace
    count: int = 1

    def lines(self) -> list[str]:
        times = f", {self.count:,} times" if self.count > 1 else ""
        head, *rest = self.trace.lines()
        return [head, *rest, f"  (in {self.thread}{times})"]


class FaultBook:
    """Takes faults from any thread; a storm of them takes no more room than a few.

    Args:
        told: called after each fault, on the thread that it was raised on.
    """

    def __init__(self, told: Callable[[], None] | None = None) -> None:
        self.told = told
        self.missed = 0
        self._lock = threading.Lock()
        self._faults: dict[object, Fault] = {}

    @property
    def faults(self) -> tuple[Fault, ...]:
        with self._lock:
            return tuple(self._faults.values())

    def take(self, error: BaseException) -> None:
        """Write a fault down. Never raises."""
        with contextlib.suppress(Exception):
            # Names of threads are anybody's; the first place of the trace tells which one it was.
            main = threading.current_thread() is threading.main_thread()
            self._take(error, "window" if main else "another thread")
            if self.told is not None:
                self.told()

    def _take(self, error: BaseException, thread: str) -> None:
        trace = trace_of(error)
        with self._lock:
            known = self._faults.get(trace.key)
            if known is None and len(self._faults) >= _MOST:
                self.missed += 1
                return
            fault = replace(known, count=known.count + 1) if known else Fault(thread, trace)
            self._faults[trace.key] = fault
        if fault.count <= _WRITTEN or str(fault.count).strip("0") == "1":
            text = "\n".join(fault.lines())
            _LOG.error("not caught in %s, time %d", fault.thread, fault.count, exc_info=error)
            if sys.stderr is not None:  # a program of a window has none on Windows
                with contextlib.suppress(OSError, ValueError):
                    sys.stderr.write(f"cascade-desk: a fault was not caught\n{text}\n")


class Hooks:
    """Sends to a book what Python raises and nobody catches, between `install` and `remove`."""

    def __init__(self, book: FaultBook) -> None:
        self._book = book
        self._before: tuple[Any, Any, Any] | None = None

    def install(self) -> None:
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._raised
        threading.excepthook = self._thread_raised
        sys.unraisablehook = self._unraisable

    def remove(self) -> None:
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None

    def _raised(self, kind: type[BaseException], error: BaseException, stack: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            if self._before is not None:
                self._before[0](kind, error, stack)
            return
        self._book.take(error.with_traceback(stack or error.__traceback__))

    def _thread_raised(self, what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None and not isinstance(what.exc_value, SystemExit):
            self._book.take(what.exc_value)

    def _unraisable(self, what: sys.UnraisableHookArgs) -> None:
        if what.exc_value is not None:
            self._book.take(what.exc_value)
