"""Counts the tokens of texts while the model works: piece by piece, to be cancelled, each text once.

Counted is what a prompt will have of a content: text that spells a special token counts as text.
The counter's thread; the model may be unloaded at any moment, so each call to it holds `in_use`.
"""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from app.engine.guard import ContentGuard, clean
from app.engine.protocol import CountTokens, Event, Failed, TokenCount
from app.engine.segments import BuildCancelled, SegmentTokenizer
from app.engine.vocab import Vocabulary
from app.errors import RequestError, UserError

if TYPE_CHECKING:
    from app.engine.host import Host

#: Ids of what was counted before are kept up to so many bytes.
_KEPT_BYTES = 32 * 1024 * 1024


class _Present:
    """The vocabulary of the model as long as that is loaded; RequestError from then on."""

    adds_bos = False

    def __init__(self, host: Host) -> None:
        self._host = host
        with host.in_use:
            if host.info is None:
                raise RequestError("No model is loaded.", "Open a model first.")
            self._theirs = host.vocab
            self.vocab = Vocabulary(host.vocab.handle)
            self.bos, self.bos_text, self.eos_text = host.vocab.bos, "", ""
            self.specials = dict(host.vocab.specials)

    @property
    def gone(self) -> bool:
        return self._host.info is None or self._host.vocab is not self._theirs

    def tokenize(self, text: str, *, add_special: bool = False, parse_special: bool = False) -> list[int]:
        with self._host.in_use:
            self._check()
            return self.vocab.tokenize(text, add_special=add_special, parse_special=parse_special)

    def piece(self, token: int) -> bytes:
        with self._host.in_use:
            self._check()
            return self.vocab.piece(token)

    def texts(self) -> list[str]:
        with self._host.in_use:
            self._check()
            return list(self.vocab.texts())

    def _check(self) -> None:
        if self.gone:
            raise RequestError("The model was unloaded.", "Count again with the next one.")


class TokenCounter:
    """Answers CountTokens on a thread of its own, one after the other."""

    def __init__(self, host: Host, emit: Callable[[Event], None]) -> None:
        self._host, self._emit = host, emit
        self._queries: queue.SimpleQueue[CountTokens | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._known: set[int] = set()
        self._cancelled: set[int] = set()
        self._present: _Present | None = None
        self._segments: SegmentTokenizer | None = None
        self._guard: ContentGuard | None = None

    def put(self, query: CountTokens) -> None:
        """Count it when those before it are counted. Any thread."""
        with self._lock:
            self._known.add(query.request_id)
        self._queries.put(query)

    def cancel(self, request_id: int) -> None:
        """It ends with Failed at the next piece; nothing happens where it is unknown. Any thread."""
        with self._lock:
            if request_id in self._known:
                self._cancelled.add(request_id)

    def stop(self) -> None:
        """`run` ends when all that was asked before is answered. Any thread."""
        self._queries.put(None)

    def run(self) -> None:
        """The thread's body."""
        while (query := self._queries.get()) is not None:
            self._emit(self._answer(query))
            with self._lock:
                self._known.discard(query.request_id)
                self._cancelled.discard(query.request_id)

    def _answer(self, query: CountTokens) -> Event:
        def cancelled() -> bool:
            return query.request_id in self._cancelled

        try:
            if cancelled():
                raise BuildCancelled
            return TokenCount(query.request_id, self.count(query.text, cancelled))
        except BuildCancelled:
            return Failed(query.request_id, "cancelled", "Counting was stopped.")
        except UserError as error:
            return Failed(query.request_id, error.kind, error.message, error.hint)
        except Exception as error:  # a bug: the thread goes on
            traceback.print_exc()
            return Failed(query.request_id, "bug", f"The engine has a fault: {type(error).__name__}: {error}")

    def count(self, text: str, cancelled: Callable[[], bool]) -> int:
        """Tokens of a content. Raises BuildCancelled, and RequestError where the model goes."""
        if self._present is None or self._present.gone:
            self._present = _Present(self._host)
            self._guard = ContentGuard(self._present.specials)
            self._segments = SegmentTokenizer(self._present, self._guard, _KEPT_BYTES)
        assert self._guard is not None
        assert self._segments is not None
        content = clean(text)
        cuts = self._guard.cuts(content, self._guard.cover([content]).text(content))
        edges = [0, *cuts, len(content)]
        pieces = [content[start:end] for start, end in pairwise(edges)]
        return len(self._segments.tokenize(pieces, cancelled).tokens)
