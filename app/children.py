"""Processes that this program starts of itself: with pipes, without a console, ended with all they held."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Mapping, Sequence


def spawn(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    stderr: int | None = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a process that is talked to through its input and output.

    Args:
        environment: all of its variables; None for this process's.
        stderr: as subprocess takes it; None for this process's own.

    Raises:
        OSError: it cannot be started: the program was moved away, or too many files are open.
    """
    return subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment,
        # No console window flashes up beside a windowed program.
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def end(process: subprocess.Popen[bytes], *threads: threading.Thread | None) -> None:
    """Kill a process that still runs, wait for it and for the threads that read it, close its pipes."""
    process.kill()
    process.wait()
    for thread in threads:
        if thread is not None:
            thread.join()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
