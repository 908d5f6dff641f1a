"""The engine loop: read the prompt in steps, then decode token by token.

Runs on the decode thread of the engine's child process.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from app.engine.checkpoints import next_edge, turn_ends
from app.engine.host import Host
from app.engine.pace import ReadingPace
from app.engine.prompt import Begun, Prompt
from app.engine.protocol import (
    Delta,
    Event,
    Finished,
    Generate,
    ReadProgress,
    Reclassified,
)
from app.engine.requests import prompt_for
from app.engine.sampling import SamplerChain
from app.engine.segments import BuildCancelled
from app.engine.split import CALL_TAGS, Piece, Reclassify, StreamSplitter, TagName, Tags
from app.engine.stops import StopStrings
from app.engine.values import Channel, ChatMessage, FinishReason, Timings, Usage
from app.errors import EngineStoppedError, PromptTooLongError, RequestError
from app.language import tr

#: llama_decode's result when the abort callback said so.
_ABORTED = 2
#: Seconds of reading that a crash may always cost.
_SAVED_S = 15.0
Emit = Callable[[Event], None]


class _Cancelled(Exception):  # noqa: N818 - not an error, an outcome
    """The request was cancelled between two steps or inside one."""


@dataclass
class _Progress:
    """Counters of one request."""

    prompt_tokens: int = 0
    read: int = 0
    reused: int = 0
    generated: int = 0
    by_channel: dict[Channel, int] = field(default_factory=dict)
    started: float = field(default_factory=perf_counter)
    read_s: float = 0.0
    saved_s: float = _SAVED_S
    first_token_s: float = 0.0
    decode_s: float = 0.0

    def usage(self) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens,
            read_tokens=self.read,
            reused_tokens=self.reused,
            generated_tokens=self.generated,
            reasoning_tokens=self.by_channel.get("reasoning", 0),
        )

    def timings(self, pace: ReadingPace) -> Timings:
        steps = self.generated - 1
        return Timings(
            first_token_s=self.first_token_s,
            prefill_tps=self.read / self.read_s if self.read_s > 0 else 0.0,
            decode_tps=steps / self.decode_s if steps > 0 and self.decode_s > 0 else 0.0,
            pace=pace.coefficients,
        )


def generate(host: Host, request: Generate, emit: Emit) -> None:
    """Answer `request`; ends with Finished, also when it is cancelled.

    Raises:
        UserError: no model, a prompt that does not fit, a broken template or grammar.
    """
    _Generation(host, request, emit).run()


class _Generation:
    def __init__(self, host: Host, request: Generate, emit: Emit) -> None:
        if host.info is None:
            raise RequestError(tr("No model is loaded."), tr("Open a model first."))
        self._host, self._request, self._emit = host, request, emit
        self._progress = _Progress()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stops = StopStrings(request.stop)
        self._splitter: StreamSplitter | None = None
        self._forced: list[int] = []
        self._stopped = self._saved = False
        #: The last token of a stopped answer: part of its text, and not decoded.
        self._shown: list[int] = []
        begun = request.begun or ChatMessage("assistant", "")
        self._said: dict[Channel, list[str]] = {"reasoning": [begun.reasoning], "answer": [begun.content]}

    def run(self) -> None:
        try:
            prompt = prompt_for(self._host, self._request, self._host.cancel.is_set)
        except BuildCancelled:
            self._finish("cancelled")
            return
        self._check_length(len(prompt.tokens))
        if self._request.prompt is None:
            self._splitter = self._new_splitter(prompt)
        with SamplerChain(self._request.sampling, self._host.vocab.handle, self._request.grammar) as sampler:
            try:
                self._read(prompt)
                reason = self._answer(sampler)
            except _Cancelled:
                reason = "cancelled"
            self._flush()
        # Before its end is told: what is asked then is counted with the ids of this answer.
        self._remember(prompt)
        self._finish(reason)
        self._save_reading()
        # Nobody waits for this there.
        self._host.cache.mark("answer")

    def _remember(self, prompt: Prompt) -> None:
        tokens = [*self._host.cache.tokens, *self._shown]
        if self._request.prompt is None and len(tokens) > len(prompt.tokens):
            self._host.prompts.remember(tokens, since=len(prompt.tokens))
            self._remember_begun(tokens)

    def _finish(self, reason: FinishReason) -> None:
        usage, timings = self._progress.usage(), self._progress.timings(self._host.pace)
        self._emit(Finished(self._request.request_id, reason, usage, timings))

    def _remember_begun(self, tokens: list[int]) -> None:
        """Keep a stopped answer whose texts tell where it stands: in its thought, or behind it."""
        reasoning, answer = "".join(self._said["reasoning"]), "".join(self._said["answer"])
        if self._shown and "tool_call" not in self._said and self._is_thinking() is not bool(answer):
            self._host.prompts.remember_begun(Begun(tokens, reasoning, answer))

    # ---- prompt ---------------------------------------------------------------------------

    def _new_splitter(self, prompt: Prompt) -> StreamSplitter:
        splitter = StreamSplitter(self._tags(), prompt.thought)
        begun = self._request.begun
        if begun is not None and (begun.content or begun.reasoning):
            splitter.resume(begun.content)
            # What was thought before counts against the budget.
            self._progress.by_channel["reasoning"] = len(self._host.vocab.tokenize(begun.reasoning))
        return splitter

    def _check_length(self, count: int) -> None:
        room = self._host.n_ctx - 1  # one position is for the first token of the answer
        if count > room:
            raise PromptTooLongError(
                tr(
                    "The prompt has {count} tokens, {excess} more than the context of {context} holds.",
                    count=count,
                    excess=count - room,
                    context=self._host.n_ctx,
                ),
                tr("Make the context larger, or send less."),
            )

    def _tags(self) -> Tags:
        opener, closer = self._host.prompts.traits.tags
        names: tuple[tuple[str, TagName], ...] = (
            (opener, "open"),
            (closer, "close"),
            (CALL_TAGS[0], "call_open"),
            (CALL_TAGS[1], "call_close"),
        )
        specials = self._host.vocab.specials
        ids = tuple((specials[text], name) for text, name in names if text in specials)
        return Tags(opener, closer, ids, tools=bool(self._request.tools))

    # ---- prefill --------------------------------------------------------------------------

    def _read(self, prompt: Prompt) -> None:
        """Decode what of the prompt is not in the cache, in steps that can be stopped between.

        Each step begins at a checkpoint, so that one that is stopped loses only itself.
        """
        progress, host, tokens = self._progress, self._host, prompt.tokens
        boundaries = self._boundaries(prompt)
        progress.prompt_tokens = len(tokens)
        progress.reused = at = host.prepare(tokens, self._request.conversation)
        started = perf_counter()
        host.let_abort(True)
        self._tell_read(at)
        while at < len(tokens):
            host.cache.mark("boundary" if at in boundaries else "step")
            end = next_edge(at, len(tokens), boundaries, host.n_batch)
            begun = perf_counter()
            self._decode(tokens[at:end], logits=end == len(tokens))
            host.pace.add(at, end, perf_counter() - begun)
            progress.read += end - at
            at = end
            progress.read_s = perf_counter() - started
            self._tell_read(at)
            self._save_meanwhile()

    def _save_meanwhile(self) -> None:
        """A very long reading is saved each time it has taken twice as long, so that a crash costs half."""
        progress, keeper = self._progress, self._host.keeper
        if keeper is not None and progress.read_s > 2 * progress.saved_s:
            progress.saved_s = progress.read_s
            keeper.save()

    def _save_reading(self) -> None:
        """Save a long reading, once: behind its first token, or at its end where none was shown."""
        if self._host.keeper is not None and not self._saved:
            self._saved = True
            self._host.keeper.save_after(self._progress.read_s)

    def _boundaries(self, prompt: Prompt) -> tuple[int, ...]:
        if not self._host.cache.memory.needs_checkpoints:
            return ()  # its cells can be cut anywhere
        return prompt.boundaries or turn_ends(prompt.tokens, self._host.turn_enders)

    def _tell_read(self, read: int) -> None:
        total, reused = self._progress.prompt_tokens, self._progress.reused
        left_s = self._host.pace.seconds(read, total)
        self._emit(ReadProgress(self._request.request_id, read, total, reused, left_s))

    def _decode(self, tokens: Sequence[int], *, logits: bool = True) -> None:
        host = self._host
        if host.cancel.is_set():
            raise _Cancelled
        result = host.decode(tokens, logits=logits)
        if result == 0:
            host.cache.extend(tokens)
            return
        host.cache.abort()
        if result == _ABORTED or host.cancel.is_set():
            raise _Cancelled
        raise EngineStoppedError(
            tr("llama.cpp could not decode (code {result}).", result=str(result)),
            tr("Ask again; if it stays, load the model again."),
        )

    # ---- decode ---------------------------------------------------------------------------

    def _answer(self, sampler: SamplerChain) -> FinishReason:
        progress, host, request = self._progress, self._host, self._request
        limit = request.max_tokens or host.n_ctx + 1  # never reached: the context is full before
        first = 0.0
        # A stop must not cost the answer its state; a single token takes no longer than a stop may.
        host.let_abort(not host.cache.memory.is_recurrent)
        while True:
            token, forced = self._next(sampler)
            now = perf_counter()
            if not first:
                first = now
                progress.first_token_s = now - progress.started
            progress.decode_s = now - first
            progress.generated += 1
            if not forced and host.vocab.is_end(token):
                return "stop"
            if self._show(token):
                return "stop"
            self._shown = [token]
            if progress.generated == 1:
                self._save_reading()
            if progress.generated >= limit:
                return "length"
            if len(host.cache.tokens) >= host.n_ctx:
                return "context_full"
            self._decode((token,))
            self._shown = []

    def _next(self, sampler: SamplerChain) -> tuple[int, bool]:
        """The next token: sampled, or forced to close a thought that has used up its budget."""
        if not self._forced and self._budget_is_used():
            self._forced = self._closing_tokens()
        if self._forced:
            token = self._forced.pop(0)
            sampler.accept_thought(token)
            return token, True
        return sampler.sample(self._host.context, thinking=self._is_thinking()), False

    def _is_thinking(self) -> bool:
        return self._splitter is not None and self._splitter.channel == "reasoning"

    def _budget_is_used(self) -> bool:
        budget = self._request.thinking_budget
        if budget is None or not self._is_thinking():
            return False
        return self._progress.by_channel.get("reasoning", 0) >= budget

    def _closing_tokens(self) -> list[int]:
        closer = self._host.prompts.traits.tags[1]
        return self._host.vocab.tokenize(closer, parse_special=True)

    # ---- output ---------------------------------------------------------------------------

    def _show(self, token: int) -> bool:
        """Pass on the text of `token`; True when it completed a stop string."""
        text = self._decoder.decode(self._host.vocab.piece(token))
        if self._splitter is None:
            self._count("answer")
            return self._pass_answer(text)
        if not self._splitter.is_tag(token):
            self._count(self._splitter.channel)
        return self._pass_on(self._splitter.feed(text, token))

    def _count(self, channel: Channel) -> None:
        counts = self._progress.by_channel
        counts[channel] = counts.get(channel, 0) + 1

    def _pass_on(self, pieces: Iterable[Piece]) -> bool:
        for piece in pieces:
            if isinstance(piece, Reclassify):
                # What a stop string held back belongs to the thought, too.
                self._delta("answer", self._stops.finish())
                counts = self._progress.by_channel
                counts["reasoning"] = counts.get("reasoning", 0) + counts.pop("answer", 0)
                self._said = {"reasoning": self._said["reasoning"] + self._said["answer"], "answer": []}
                self._emit(Reclassified(self._request.request_id))
            elif piece.channel == "answer":
                if self._pass_answer(piece.text):
                    return True
            else:
                self._delta(piece.channel, piece.text)
        return False

    def _pass_answer(self, text: str) -> bool:
        shown, self._stopped = self._stops.feed(text)
        self._delta("answer", shown)
        return self._stopped

    def _delta(self, channel: Channel, text: str) -> None:
        if text:
            self._said.setdefault(channel, []).append(text)
            tokens = self._progress.by_channel.get(channel, 0)
            self._emit(Delta(self._request.request_id, channel, text, tokens))

    def _flush(self) -> None:
        """What decoder, splitter and stop strings still hold back; nothing behind a stop string."""
        if self._stopped:
            return
        rest = self._decoder.decode(b"", final=True)
        if self._splitter is None:
            self._pass_answer(rest)
        else:
            # A stop string can end here, too: then what follows is not passed on.
            _ = self._pass_on(self._splitter.feed(rest)) or self._pass_on(self._splitter.finish())
        self._delta("answer", self._stops.finish())
