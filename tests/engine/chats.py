"""Conversations in token ids: what of them is read again is the cache's doing alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from app.engine.generate import generate
from app.engine.prompt import Prompt
from app.engine.protocol import (
    Event,
    Finished,
    Generate,
    ReadProgress,
)
from app.engine.values import ChatMessage, Usage
from tests.engine.support import GREEDY
from tests.engine.walks import CountingAbort, Traced

#: Token ids that every miniature has and that mean nothing to it.
WORDS, ASSISTANT, NO_THOUGHT = (270, 390), (400, 401), (404,)


@dataclass
class Chat:
    """A conversation in token ids. In thinking mode half of each answer is a thought, dropped later."""

    engine: Traced
    mode: str = "instruct"
    seed: int = 1
    system: int = 30
    turns: list[tuple[list[int], list[int]]] = field(default_factory=list)
    #: Where boundaries stand inside of messages: after documents.
    documents: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.ender = min(self.engine.host.turn_enders)
        self.head = [*self.words(self.system), self.ender]

    def words(self, count: int) -> list[int]:
        return [self.random.randrange(*WORDS) for _ in range(count)]

    def generation(self) -> list[int]:
        return [*ASSISTANT, 402, 403] if self.mode == "thinking" else [*ASSISTANT, *NO_THOUGHT]

    def history(self) -> list[int]:
        tokens = list(self.head)
        for user, answer in self.turns:
            tokens += [*user, self.ender, *ASSISTANT, *NO_THOUGHT, *answer, self.ender]
        return tokens

    def ask(self, user: list[int], count: int = 12, stop_at: int = 0, nodes: int = 0) -> Usage:
        """Ask `user` behind the history; the turn is added. What was read is printed."""
        question = [*self.history(), *user, self.ender]
        usage, events = self.send([*question, *self.generation()], count, stop_at, nodes)
        prompt = len(question) + len(self.generation())
        answer = self.engine.host.cache.tokens[prompt:]
        self.turns.append((user, answer[len(answer) // 2 :] if self.mode == "thinking" else answer))
        assert isinstance(events[-1], Finished)
        return usage

    def send(
        self, tokens: list[int], count: int = 12, stop_at: int = 0, nodes: int = 0
    ) -> tuple[Usage, list[Event]]:
        """Read `tokens` and answer; a reading is stopped behind `stop_at`, after `nodes` of a graph."""
        host = self.engine.host
        prompt = Prompt(tokens, "none", tuple(at for at in self.documents if at < len(tokens)))
        original, callback = host.prompts.build, host.cancel.callback
        host.prompts.build = lambda *_args: prompt  # type: ignore[method-assign]
        abort = CountingAbort(nodes)
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            if stop_at and isinstance(event, ReadProgress) and event.read >= stop_at:
                if nodes:
                    host.cancel.callback = abort.callback
                    host.let_abort(True)
                else:
                    host.cancel.set()

        try:
            messages = (ChatMessage("user", "as given"),)
            generate(host, Generate(1, messages, sampling=GREEDY, max_tokens=count), emit)
        finally:
            host.prompts.build, host.cancel.callback = original, callback  # type: ignore[method-assign]
            host.cancel.clear()
        assert isinstance(events[-1], Finished)
        return events[-1].usage, events
