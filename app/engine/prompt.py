"""From messages to token ids: the model's own template, and content that stays content.

Runs in the engine's child process; a builder belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, Protocol

from app.engine.guard import ContentGuard, Cover, clean, strings_in
from app.engine.segments import IdMemo, SegmentTokenizer, Tokenized, Tokenizer
from app.engine.template_client import HINT
from app.engine.values import ChatMessage, Mode
from app.errors import TemplateError
from app.language import tr

ThoughtState = Literal["open", "closed", "none"]

#: Openers and closers of thoughts that templates of GGUF chat models use.
THINK_TAGS = (
    ("<think>", "</think>"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
)

#: A word that no template says by itself.
_PROBE: list[dict[str, Any]] = [{"role": "user", "content": "Zq7 probe"}]


class Renderer(Protocol):
    """Renders a template for sets of variables (app.engine.template_client has the real one)."""

    def render(self, template: str, *variables: Mapping[str, Any]) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Prompt:
    """Token ids, and whether the prompt left a thought open for the reply to continue.

    Attributes:
        boundaries: positions in `tokens`, rising, where later prompts are likely to part from this
            one: the beginning of each message, the generation prompt's, too, and the end of each
            document. What stands before one keeps its ids whatever follows.
        documents: tokens that are documents', with the opening of the message they stand in.
    """

    tokens: list[int]
    thought: ThoughtState
    boundaries: tuple[int, ...] = ()
    documents: int = 0


@dataclass(frozen=True)
class Begun:
    """An answer that was stopped: all tokens, the prompt's, too, and what was shown of it."""

    tokens: list[int]
    reasoning: str
    answer: str

    def says(self, message: ChatMessage) -> bool:
        return (self.reasoning, self.answer) == (message.reasoning, message.content)


@dataclass(frozen=True)
class TemplateTraits:
    """What a template can do, seen by rendering it.

    Attributes:
        modes: the modes it knows, the default first.
        reason: why there is only one, in words; empty where there are two.
        tags: opener and closer of a thought.
    """

    modes: tuple[Mode, ...]
    reason: str
    tags: tuple[str, str]


class _Turns:
    """By which special tokens a template begins and ends its messages, learned from short ones."""

    def __init__(self) -> None:
        self._openers: set[str] = set()
        self._closers: set[str] = set()

    def learn_question(self, bare: list[str], asked: list[str]) -> None:
        """Special tokens behind a question without and with a generation prompt."""
        if bare != asked and asked[: len(bare)] == bare:
            self._openers.add(asked[len(bare)])
            self._closers.update(bare)
        elif asked:
            # No generation prompt (Mistral's [/INST] ends the question): the next best place.
            self._openers.add(asked[-1])

    def learn_answer(self, bare: list[str]) -> None:
        """Special tokens behind an answer without a generation prompt."""
        self._closers.update(word for word in bare if word not in self._openers)

    def places(self, specials: Sequence[tuple[int, str]]) -> list[int]:
        """Positions where messages begin, of (position, text) of a prompt's special tokens."""
        before = ["", *(word for _, word in specials)]
        return [
            position
            for (position, word), previous in zip(specials, before, strict=False)
            if word in self._openers or (previous in self._closers and word not in self._closers)
        ]


class PromptBuilder:
    """Builds prompts for one model and one template.

    Attributes:
        memo: ids by text; those of answers as they were generated.
    """

    def __init__(self, vocab: Tokenizer, renderer: Renderer, template: str) -> None:
        self._vocab, self._renderer, self._template = vocab, renderer, template
        self._guard = ContentGuard(vocab.specials)
        # Templates are written for transformers, which always passes these two.
        self._absent: dict[str, Any] = {"tools": None, "documents": None}
        self._segments = SegmentTokenizer(vocab, self._guard)
        self._turns = _Turns()
        #: The answer that was stopped last, if any; known to all builders beside this one.
        self._begun: list[Begun] = []
        self.traits = TemplateTraits(("instruct",), "", THINK_TAGS[0])

    def beside(self, vocab: Tokenizer) -> PromptBuilder:
        """One for another thread, behind `probe`: it builds the same prompts, by the same remembered ids."""
        other = copy(self)
        other._vocab = vocab
        other._segments = SegmentTokenizer(vocab, self._guard, self.memo)
        return other

    @property
    def memo(self) -> IdMemo:
        return self._segments.memo

    @property
    def vocab(self) -> Tokenizer:
        return self._vocab

    def probe(self) -> TemplateTraits:
        """Learn what the template can do. Raises TemplateError where it cannot be rendered."""
        known = self._vocab.specials.keys()
        tags = next(
            (pair for pair in THINK_TAGS if pair[0] in known or pair[0] in self._template), THINK_TAGS[0]
        )
        thinking, instruct = self._render_probe()
        if _PROBE[0]["content"] not in thinking:
            raise TemplateError(tr("The model's chat template leaves out what the user says."), tr(HINT))
        traits = TemplateTraits(("thinking", "instruct"), "", tags)
        if thinking == instruct and thinking.rstrip().endswith(tags[0]):
            traits = TemplateTraits(("thinking",), tr("This model always thinks before it answers."), tags)
        elif thinking == instruct:
            decides = tags[0] in self._template or tags[0] in known
            reason = (
                tr("This model decides by itself whether to think.")
                if decides
                else tr("This model's chat template has no thinking mode.")
            )
            traits = TemplateTraits(("instruct",), reason, tags)
        self.traits = traits
        self._learn_turns()
        return traits

    def _learn_turns(self) -> None:
        """By which special tokens messages begin and end."""
        question = self._variables(_PROBE, "instruct", ())
        with suppress(TemplateError):
            bare, asked = self._rendered(dict(question, add_generation_prompt=False), question)
            self._turns.learn_question(self._specials_of(_tail(bare)), self._specials_of(_tail(asked)))
            answered = dict(question, messages=[*_PROBE, {**_PROBE[0], "role": "assistant"}])
            (bare,) = self._rendered(dict(answered, add_generation_prompt=False))
            self._turns.learn_answer(self._specials_of(_tail(bare)))

    def _rendered(self, *variables: Mapping[str, Any]) -> tuple[str, ...]:
        return self._renderer.render(self._template, *variables)

    def _specials_of(self, text: str) -> list[str]:
        return [piece for piece, special in self._segments.split(text) if special]

    def _render_probe(self) -> tuple[str, ...]:
        """The probe in both modes; learns what the template takes for "no tools"."""
        try:
            return self._renderer.render(self._template, *self._probes())
        except TemplateError as error:
            if "'NoneType'" not in error.message:
                raise
            # It goes through the tools unasked: then they are better undefined than None.
            self._absent = {}
            return self._renderer.render(self._template, *self._probes())

    def _probes(self) -> tuple[dict[str, Any], ...]:
        return self._variables(_PROBE, "thinking", ()), self._variables(_PROBE, "instruct", ())

    def build(
        self,
        messages: Sequence[ChatMessage],
        mode: Mode,
        tools: Sequence[Mapping[str, Any]] = (),
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Prompt:
        """The prompt for the next answer to `messages`.

        Content (of messages and tools) that spells a special token becomes plain text; without
        such text, and but for a cut behind each document, the tokens are those of the whole
        rendered prompt, or for an answer those it was generated with (see `remember`).

        Args:
            cancelled: asked now and then whether to leave off.

        Raises:
            TemplateError: the template refuses the conversation or is broken.
            BuildCancelled: `cancelled` said so.
        """
        plain = self._variables([_as_dict(message) for message in messages], mode, tools)
        contents = list(strings_in([_contents_of(plain["messages"]), clean(tools)]))
        cover = self._guard.cover([*contents, self._template])
        pairs = zip(plain["messages"], messages, strict=True)
        covered = dict(plain, messages=[_cover_message(item, message, cover) for item, message in pairs])
        if tools:
            covered["tools"] = cover.structured(plain["tools"])
        text, marked = self._renderer.render(self._template, plain, covered)
        bare = cover.lift(marked)
        ends = cover.ends(bare, marked)
        cuts = self._guard.cuts(bare, marked, ends)
        thought = self._thought(marked)
        if not cuts and (text == bare or not self._guard.spells_special(contents)):
            # Nothing forged: the text is that of the template on the content as it is.
            ends = [end for end in ends if text.startswith(bare[:end])]
            bare, thought = text, self._thought(text)
        edges = sorted({0, *cuts, *ends, len(bare)})
        found = self._segments.tokenize([bare[start:end] for start, end in pairwise(edges)], cancelled)
        behind = [found.ends[edges.index(end) - 1] for end in ends if end > 0]
        return self._prompt(bare, found, thought, behind)

    def content_tokens(self, text: str, cancelled: Callable[[], bool]) -> int:
        """How many tokens a content has by itself. Raises BuildCancelled."""
        content = clean(text)
        cuts = self._guard.cuts(content, self._guard.cover([content]).text(content))
        edges = [0, *cuts, len(content)]
        pieces = [content[start:end] for start, end in pairwise(edges)]
        return self._segments.count(pieces, cancelled)

    def _prompt(self, text: str, found: Tokenized, thought: ThoughtState, behind: Sequence[int]) -> Prompt:
        """The whole of a prompt whose documents end at the positions `behind`."""
        bos = self._vocab.bos_text
        lead = [self._vocab.bos] if self._vocab.adds_bos and bos and not text.startswith(bos) else []
        places = {place + len(lead) for place in (*behind, *self._turns.places(found.specials))}
        # One token, the BOS, is nothing to come back to.
        boundaries = tuple(place for place in sorted(places) if place > 1)
        ends = {place + len(lead) for place in behind}
        documents = sum(end - start for start, end in pairwise((0, *boundaries)) if end in ends)
        return Prompt(lead + found.tokens if lead else found.tokens, thought, boundaries, documents)

    def remember(self, tokens: Sequence[int], since: int = 0) -> None:
        """Keep the ids by which answers were generated, for prompts in which the same text stands again.

        What is between two special tokens counts as one text; it is used where a prompt has the
        very same bytes between two of them. The beginning of an answer ("assistant" and a line
        break) may belong to it, so `tokens` are all of the conversation's.

        Args:
            tokens: prompt and answer, as they were decoded; or those of a restored state.
            since: length of the prompt; what is in front of it is not looked at again.
        """
        self._segments.remember(tokens, since)

    def remember_begun(self, begun: Begun) -> None:
        """Keep the last answer that was stopped, for `continued`: its text alone does not tell its ids."""
        self._begun[:] = [begun]

    def continued(self, prompt: Prompt, begun: ChatMessage) -> Prompt:
        """`prompt` with the beginning of its answer behind it, for the model to go on from there.

        What was written comes from a model or a person, so it is content: it spells no tag. Its
        ids are those that were generated, where they are remembered: all of the answer stopped last,
        with the white space around its thought that is not shown; of another one the texts.
        """
        opener, closer = self.traits.tags
        reasoning, answer = clean(begun.reasoning), clean(begun.content)
        cover = self._guard.cover([reasoning, answer, opener, closer])
        thought, written = prompt.thought, ""
        if reasoning:
            written = ("" if thought == "open" else f"{opener}\n") + cover.text(reasoning)
            thought = "open"
        if answer:
            written += f"\n{closer}\n\n" if thought == "open" else ""
            written += cover.text(answer)
            thought = "closed" if thought == "open" else thought
        if not written:
            return prompt
        for last in self._begun:
            if last.says(begun) and last.tokens[: len(prompt.tokens)] == prompt.tokens:
                return replace(prompt, tokens=list(last.tokens), thought=thought)
        bare = cover.lift(written)
        edges = [0, *self._guard.cuts(bare, written), len(bare)]
        pieces = [bare[start:end] for start, end in pairwise(edges)]
        return replace(prompt, tokens=self._segments.appended(prompt.tokens, pieces), thought=thought)

    def _thought(self, text: str) -> ThoughtState:
        opener, closer = self.traits.tags
        ending = text.rstrip()
        if ending.endswith(opener):
            return "open"
        return "closed" if ending.endswith(closer) else "none"

    def _variables(
        self, messages: Sequence[dict[str, Any]], mode: Mode, tools: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        return {
            "messages": list(messages),
            "add_generation_prompt": True,
            "enable_thinking": mode == "thinking",
            "bos_token": self._vocab.bos_text,
            "eos_token": self._vocab.eos_text,
            **self._absent,
            **({"tools": clean(tools)} if tools else {}),
        }


def _tail(rendered: str) -> str:
    """What the template writes behind the last message of a probe."""
    return rendered.rpartition(_PROBE[0]["content"])[2]


def _as_dict(message: ChatMessage) -> dict[str, Any]:
    content = clean("".join((*map("".join, message.documents), message.content)))
    plain: dict[str, Any] = {"role": message.role, "content": content}
    if message.reasoning:
        plain["reasoning_content"] = clean(message.reasoning)
    if message.tool_calls:
        plain["tool_calls"] = clean(message.tool_calls)
    return plain


def _contents_of(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: item for key, item in message.items() if key != "role"} for message in messages]


def _cover_message(plain: dict[str, Any], message: ChatMessage, cover: Cover) -> dict[str, Any]:
    """All of a message but its role and the names of its own fields."""
    covered = {key: item if key == "role" else cover.structured(item) for key, item in plain.items()}
    if message.documents:
        documents = "".join(cover.document(clean("".join(document))) for document in message.documents)
        covered["content"] = documents + cover.text(clean(message.content))
    return covered
