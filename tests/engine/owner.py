"""Owns an engine session in tests, as the window does: one thread, one event after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.engine.client import EngineClient
from app.engine.ladder import LadderMemory
from app.engine.libraries import Libraries
from app.engine.protocol import (
    Delta,
    Failed,
    Finished,
    Generate,
    Loaded,
)
from app.engine.session import EngineSession
from app.engine.session_events import EngineStopped, SessionEvent
from app.engine.values import ChatMessage, LoadOptions
from tests.engine.support import GREEDY

DEADLINE_S = 60.0


class Owner:
    """Owns a session as the window does: one thread, one event after the other."""

    def __init__(
        self, memory: Path, command: list[str] | None = None, libraries: Libraries | None = None
    ) -> None:
        self.client = EngineClient(command=command, libraries=libraries)
        self.events: list[SessionEvent] = []
        self.memory = LadderMemory(memory)
        self.now = 0.0
        self.session = EngineSession(self.client, self.memory, self.events.append, clock=lambda: self.now)
        self.session.start()

    def until(self, wanted: Callable[[SessionEvent], bool], since: int = 0) -> SessionEvent:
        """The first event from `since` on that is wanted."""
        deadline = time.monotonic() + DEADLINE_S
        seen = since
        while True:
            for event in self.events[seen:]:
                seen += 1
                if wanted(event):
                    return event
            left = deadline - time.monotonic()
            event = self.client.next_event(max(left, 0.0)) if left > 0 else None
            assert event is not None, f"nothing came; reported: {self.events[-8:]}"
            self.session.handle(event)

    def load(self, path: Path | str, options: LoadOptions | None = None) -> int:
        return self.session.load(str(path), options or LoadOptions(n_ctx=4096, n_threads=1))

    def loaded(self, request_id: int, since: int = 0) -> SessionEvent:
        return self.until(lambda e: isinstance(e, Loaded | Failed) and e.request_id == request_id, since)

    def ask(self, text: str = "Hello", **more: Any) -> int:
        request = Generate(0, messages=(ChatMessage("user", text),), sampling=GREEDY, **more)
        return self.session.generate(request)

    def ended(self, request_id: int) -> SessionEvent:
        return self.until(
            lambda e: isinstance(e, Finished | Failed | EngineStopped) and e.request_id == request_id
        )

    def text(self, request_id: int) -> str:
        return "".join(e.text for e in self.events if isinstance(e, Delta) and e.request_id == request_id)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]
