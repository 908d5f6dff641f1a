"""Counts tokens while the model works: of texts, and of the prompts that questions would make.

Piece by piece, to be cancelled, each text once. Text that spells a special token counts as text.
The ids of texts and of answers are shared with the decode thread, so that a count is exactly what
a prompt will have, and what was counted is not tokenized again when it is asked. The counter's
thread; the model may be unloaded at any moment, so each call to it holds `in_use`.
"""

from __future__ import annotations

import queue
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from app.engine.prompt import Prompt, PromptBuilder
from app.engine.protocol import CountPrompt, CountTokens, Event, Failed, Generate, PromptCount, TokenCount
from app.engine.requests import prompt_for
from app.engine.segments import BuildCancelled
from app.engine.threads import give_way
from app.engine.values import ChatMessage
from app.engine.vocab import Vocabulary
from app.errors import RequestError, UserError
from app.language import tr

if TYPE_CHECKING:
    from app.engine.host import Host

#: Requests are kept for further questions: so many, and of older ones so many characters.
_KEPT_REQUESTS, _KEPT_CHARS = 4, 32 * 1024 * 1024
Query = CountTokens | CountPrompt


class _Present:
    """The vocabulary of the model as long as that is loaded; RequestError from then on."""

    def __init__(self, host: Host) -> None:
        self._host = host
        with host.in_use:
            if host.info is None:
                raise RequestError(tr("No model is loaded."), tr("Open a model first."))
            self._theirs = theirs = host.vocab
            self.vocab = Vocabulary(theirs.handle)
            self.adds_bos, self.bos = theirs.adds_bos, theirs.bos
            self.bos_text, self.eos_text = theirs.bos_text, theirs.eos_text
            self.specials = dict(theirs.specials)

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
            raise RequestError(tr("The model was unloaded."), tr("Count again with the next one."))


class _Requests:
    """The requests sent last, by their keys."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Generate] = OrderedDict()

    def of(self, query: CountPrompt) -> Generate:
        """What `query` counts a question of; kept for the next ones. RequestError where it is not known."""
        request = query.request or self._kept.get(query.key)
        if request is None:
            raise RequestError(tr("This conversation is not known any more."), tr("Count it anew."))
        self._kept[query.key] = request
        self._kept.move_to_end(query.key)
        while len(self._kept) > 1 and (len(self._kept) > _KEPT_REQUESTS or self._size() > _KEPT_CHARS):
            self._kept.popitem(last=False)
        return request

    def _size(self) -> int:
        return sum(map(_length, self._kept.values()))


class TokenCounter:
    """Answers CountTokens and CountPrompt on a thread of its own, one after the other."""

    def __init__(self, host: Host, emit: Callable[[Event], None]) -> None:
        self._host, self._emit = host, emit
        self._queries: queue.SimpleQueue[Query | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._known: set[int] = set()
        self._cancelled: set[int] = set()
        self._present: _Present | None = None
        self._theirs: PromptBuilder | None = None
        self._beside: PromptBuilder | None = None
        self._requests = _Requests()

    def put(self, query: Query) -> None:
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
        give_way()
        while (query := self._queries.get()) is not None:
            self._emit(self._answer(query))
            with self._lock:
                self._known.discard(query.request_id)
                self._cancelled.discard(query.request_id)

    def _answer(self, query: Query) -> Event:
        def cancelled() -> bool:
            return query.request_id in self._cancelled

        try:
            return self._counted(query, cancelled)
        except BuildCancelled:
            return Failed(query.request_id, "cancelled", tr("Counting was stopped."))
        except UserError as error:
            return Failed(query.request_id, error.kind, error.message, error.hint)
        except Exception as error:  # a bug: the thread goes on
            traceback.print_exc()
            return Failed(
                query.request_id,
                "bug",
                tr("The engine has a fault: {kind}: {error}", kind=type(error).__name__, error=error),
            )

    def _counted(self, query: Query, cancelled: Callable[[], bool]) -> Event:
        if isinstance(query, CountTokens):
            if cancelled():
                raise BuildCancelled
            return TokenCount(query.request_id, self.count(query.text, cancelled))
        request = self._requests.of(query)  # also where it is cancelled: the next question needs it
        if cancelled():
            raise BuildCancelled
        asked = _asking(request, query.question)
        prompt = self._prompt(asked, cancelled)
        said = tuple(map(_said, asked.messages))
        # Where nothing stands behind a document its end is trimmed away, and can't be told.
        told = prompt if said == asked.messages else self._prompt(replace(asked, messages=said), cancelled)
        return PromptCount(query.request_id, len(prompt.tokens), told.documents)

    def count(self, text: str, cancelled: Callable[[], bool]) -> int:
        """Tokens of a content. Raises BuildCancelled, and RequestError where the model goes."""
        return self._builder().content_tokens(text, cancelled)

    def prompt(self, request: Generate, question: str, cancelled: Callable[[], bool]) -> Prompt:
        """The prompt of `request` with `question` behind its last message. Raises as `prompt_for`."""
        return self._prompt(_asking(request, question), cancelled)

    def _prompt(self, request: Generate, cancelled: Callable[[], bool]) -> Prompt:
        return prompt_for(self._host, request, cancelled, self._builder())

    def _builder(self) -> PromptBuilder:
        """This thread's own, for the model and the template that are there now."""
        if self._present is None or self._present.gone:
            self._present, self._beside = _Present(self._host), None
        prompts = self._host.prompts
        if self._beside is None or self._theirs is not prompts:
            self._theirs, self._beside = prompts, prompts.beside(self._present)
        return self._beside


def _asking(request: Generate, question: str) -> Generate:
    """`request` with `question` behind its last message. RequestError where that is no user's."""
    *before, last = request.messages or (None,)
    if last is None or last.role != "user":
        raise RequestError(tr("There is no question to count."))
    return replace(request, messages=(*before, replace(last, content=last.content + question)))


def _said(message: ChatMessage) -> ChatMessage:
    """A message whose documents have something behind them."""
    return replace(message, content="?") if message.documents and not message.content.strip() else message


def _length(request: Generate) -> int:
    """Characters of all messages."""
    return sum(
        len(message.content) + len(message.reasoning) + sum(map(len, chain(*message.documents)))
        for message in request.messages
    )
