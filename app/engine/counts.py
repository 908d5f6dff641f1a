"""Counts of tokens that are asked of a session: each is answered, whatever becomes of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.engine.protocol import (
    Cancel,
    Command,
    CountPrompt,
    CountTokens,
    Event,
    Failed,
    PromptCount,
    TokenCount,
)
from app.language import tr

#: A count with which the engine has died so often is not asked again.
_MOST_DEATHS = 2


@dataclass
class _Asked:
    """A count that is not answered; `sent`: to the engine that is there now."""

    query: CountTokens | CountPrompt
    sent: bool = False
    deaths: int = 0


class Counts:
    """Those of one session. On the session's thread.

    Args:
        settle: called when one is asked; the session calls `send`, wakes the model, or calls `drop`.
    """

    def __init__(
        self,
        send: Callable[[Command], None],
        report: Callable[[Event], None],
        ids: Iterator[int],
        settle: Callable[[], None],
    ) -> None:
        self._send, self._report, self._ids, self._settle = send, report, ids, settle
        self._asked: dict[int, _Asked] = {}

    @property
    def pending(self) -> bool:
        """Whether one is under way, or waits for a model."""
        return bool(self._asked)

    @property
    def waiting(self) -> bool:
        """Whether one waits for a model."""
        return any(not asked.sent for asked in self._asked.values())

    def ask(self, query: CountTokens | CountPrompt) -> None:
        """TokenCount or PromptCount follows, or Failed.

        It is answered while the model reads and answers. It waits for a model that is being loaded or an
        engine that starts again, and wakes one that rests; without a model it fails at once ("request").
        """
        self._asked[query.request_id] = _Asked(query)
        self._settle()

    def cancel(self, request_id: int) -> None:
        """Its Failed ("cancelled") follows, or its answer where that is on its way; else nothing happens."""
        asked = self._asked.get(request_id)
        if asked is not None and asked.sent:
            self._send(Cancel(next(self._ids), request_id))
        elif asked is not None:
            self._fail(request_id, "cancelled", tr("Counting was stopped."))

    def send(self) -> None:
        """There is a model: ask what waited for it."""
        for asked in self._asked.values():
            if not asked.sent:
                asked.sent = True
                self._send(asked.query)

    def answered(self, event: object) -> None:
        """Take an event; others than the engine's answers change nothing."""
        if isinstance(event, TokenCount | PromptCount | Failed):
            self._asked.pop(event.request_id, None)

    def lost(self) -> None:
        """The engine that was asked is gone: the next one is asked."""
        for request_id, asked in list(self._asked.items()):
            asked.deaths, asked.sent = asked.deaths + asked.sent, False
            if asked.deaths >= _MOST_DEATHS:
                self._fail(request_id, "engine_stopped", tr("The engine stopped while it counted."))

    def drop(self, kind: str, message: str, hint: str) -> None:
        """There is no model for what waits."""
        for request_id, asked in list(self._asked.items()):
            if not asked.sent:
                self._fail(request_id, kind, message, hint)

    def _fail(self, request_id: int, kind: str, message: str, hint: str = "") -> None:
        del self._asked[request_id]
        self._report(Failed(request_id, kind, message, hint))
