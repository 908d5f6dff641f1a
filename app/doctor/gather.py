"""Looks at several things at once, and waits for none of them longer than is bearable."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from app.diagnostics.traces import trace_of
from app.doctor.values import Part
from app.language import tr

DEADLINE_S: Final = 8.0
_POLL_S: Final = 0.1
#: Finds out one part.
Look = Callable[[], Part]


def gather(
    looks: Mapping[str, tuple[str, Look]],
    deadline_s: float = DEADLINE_S,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Part, ...]:
    """The parts in the order of `looks` (id → title and what finds it out).

    Each is looked at on a thread of its own; one that fails or isn't done in time says so. Never
    raises. A thread that a drive holds for ever ends with the process.
    """
    found: dict[str, Part] = {}

    def run(part_id: str, title: str, look: Look) -> None:
        try:
            found[part_id] = look()
        except Exception as error:
            found[part_id] = _failed(part_id, title, error)

    threads = []
    for part_id, (title, look) in looks.items():
        try:
            thread = threading.Thread(
                target=run, args=(part_id, title, look), name=f"doctor-{part_id}", daemon=True
            )
            thread.start()
            threads.append(thread)
        except RuntimeError as error:  # the system gives no more threads
            found[part_id] = _failed(part_id, title, error)
    end = time.monotonic() + deadline_s
    for thread in threads:
        while thread.is_alive() and not stopped() and (left := end - time.monotonic()) > 0:
            thread.join(min(_POLL_S, left))
    late = tr("No answer came within {seconds} seconds.", seconds=round(deadline_s))
    return tuple(
        found.get(part_id) or Part(part_id, title, problems=(late,)) for part_id, (title, _) in looks.items()
    )


def _failed(part_id: str, title: str, error: Exception) -> Part:
    trace = trace_of(error)
    head = f"{trace.kind}: {trace.detail}" if trace.detail else trace.kind
    return Part(part_id, title, problems=(tr("It could not be found out ({why}).", why=head),))
