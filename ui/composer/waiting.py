"""A place in the queue of questions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A request that is answered or waits for it."""

    request: int
    conversation_id: str
    title: str
    question: str
    running: bool
