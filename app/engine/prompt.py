"""From messages to token ids: the model's own template, and content that stays content.

Runs on the decode thread of the engine's child process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, Protocol

from app.engine.guard import ContentGuard, Cover, clean, strings_in
from app.engine.protocol import ChatMessage, Mode
from app.engine.template_client import HINT
from app.errors import TemplateError

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


class Tokenizer(Protocol):
    """What a prompt needs of a vocabulary (app.engine.vocab.Vocabulary has it)."""

    adds_bos: bool
    bos: int

    @property
    def bos_text(self) -> str: ...
    @property
    def eos_text(self) -> str: ...
    @property
    def specials(self) -> dict[str, int]: ...
    def tokenize(self, text: str, *, add_special: bool = ..., parse_special: bool = ...) -> list[int]: ...
    def piece(self, token: int) -> bytes: ...


class Renderer(Protocol):
    """Renders a template for sets of variables (app.engine.template_client has the real one)."""

    def render(self, template: str, *variables: Mapping[str, Any]) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Prompt:
    """Token ids, and whether the prompt left a thought open for the reply to continue.

    Attributes:
        boundaries: positions in `tokens`, rising, where later prompts are likely to part from this
            one: what stands before holds whatever follows.
    """

    tokens: list[int]
    thought: ThoughtState
    boundaries: tuple[int, ...] = ()


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


class PromptBuilder:
    """Builds prompts for one model and one template."""

    def __init__(self, vocab: Tokenizer, renderer: Renderer, template: str) -> None:
        self._vocab, self._renderer, self._template = vocab, renderer, template
        self._guard = ContentGuard(vocab.specials)
        # Templates are written for transformers, which always passes these two.
        self._absent: dict[str, Any] = {"tools": None, "documents": None}
        self._prefixes_space = _prefixes_space(vocab)
        self.traits = TemplateTraits(("instruct",), "", THINK_TAGS[0])

    def probe(self) -> TemplateTraits:
        """Learn what the template can do. Raises TemplateError where it cannot be rendered."""
        known = self._vocab.specials.keys()
        tags = next(
            (pair for pair in THINK_TAGS if pair[0] in known or pair[0] in self._template), THINK_TAGS[0]
        )
        thinking, instruct = self._render_probe()
        if _PROBE[0]["content"] not in thinking:
            raise TemplateError("The model's chat template leaves out what the user says.", HINT)
        traits = TemplateTraits(("thinking", "instruct"), "", tags)
        if thinking == instruct and thinking.rstrip().endswith(tags[0]):
            traits = TemplateTraits(("thinking",), "This model always thinks before it answers.", tags)
        elif thinking == instruct:
            decides = tags[0] in self._template or tags[0] in known
            reason = (
                "This model decides by itself whether to think."
                if decides
                else "This model's chat template has no thinking mode."
            )
            traits = TemplateTraits(("instruct",), reason, tags)
        self.traits = traits
        return traits

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
        self, messages: Sequence[ChatMessage], mode: Mode, tools: Sequence[Mapping[str, Any]] = ()
    ) -> Prompt:
        """The prompt for the next answer to `messages`.

        Content (of messages and tools) that spells a special token becomes plain text; without
        such text the tokens are those of the whole rendered prompt.

        Raises:
            TemplateError: the template refuses the conversation or is broken.
        """
        plain = self._variables([_as_dict(message) for message in messages], mode, tools)
        contents = list(strings_in([_contents_of(plain["messages"]), clean(tools)]))
        cover = self._guard.cover([*contents, self._template])
        messages_covered = [_cover_message(item, cover) for item in plain["messages"]]
        covered = dict(plain, messages=messages_covered)
        if tools:
            covered["tools"] = cover.structured(plain["tools"])
        text, marked = self._renderer.render(self._template, plain, covered)
        bare = cover.lift(marked)
        cuts = self._guard.cuts(bare, marked)
        if not cuts and not self._guard.spells_special(contents):
            # Nothing forged: the text is that of the template on the content as it is.
            return Prompt(self._tokens([text]), self._thought(text))
        edges = [0, *cuts, len(bare)]
        pieces = [bare[start:end] for start, end in pairwise(edges)]
        return Prompt(self._tokens(pieces), self._thought(marked))

    def continued(self, prompt: Prompt, begun: ChatMessage) -> Prompt:
        """`prompt` with the beginning of its answer behind it, for the model to go on from there.

        What was written comes from a model or a person, so it is content: it spells no tag.
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
        bare = cover.lift(written)
        edges = [0, *self._guard.cuts(bare, written), len(bare)]
        take = self._continued if self._prefixes_space else self._whole
        tail = [token for start, end in pairwise(edges) for token in take(bare[start:end])]
        return Prompt(prompt.tokens + tail, thought, prompt.boundaries)

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

    def _tokens(self, pieces: Sequence[str]) -> list[int]:
        tokens: list[int] = []
        bos = self._vocab.bos_text
        if self._vocab.adds_bos and bos and not pieces[0].startswith(bos):
            tokens.append(self._vocab.bos)
        for index, piece in enumerate(pieces):
            tokens += self._continued(piece) if index and self._prefixes_space else self._whole(piece)
        return tokens

    def _whole(self, piece: str) -> list[int]:
        return self._vocab.tokenize(piece, parse_special=True)

    def _continued(self, piece: str) -> list[int]:
        """Tokens of a piece in mid-text for a vocabulary that puts a space before every text.

        The piece is tokenized behind an anchor whose own tokens are taken off again; an anchor
        that grows together with the piece is not usable, so several are tried.
        """
        for anchor in ("\n", "|", "0", "\u2060"):
            head = self._whole(anchor)
            tokens = self._whole(anchor + piece)
            if tokens[: len(head)] == head:
                return tokens[len(head) :]
        return self._whole(piece)


def _prefixes_space(vocab: Tokenizer) -> bool:
    tokens = vocab.tokenize("x")
    return bool(tokens) and vocab.piece(tokens[0]).startswith(b" ")


def _as_dict(message: ChatMessage) -> dict[str, Any]:
    plain: dict[str, Any] = {"role": message.role, "content": clean(message.content)}
    if message.reasoning:
        plain["reasoning_content"] = clean(message.reasoning)
    if message.tool_calls:
        plain["tool_calls"] = clean(message.tool_calls)
    return plain


def _contents_of(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: item for key, item in message.items() if key != "role"} for message in messages]


def _cover_message(message: dict[str, Any], cover: Cover) -> dict[str, Any]:
    """All of a message but its role and the names of its own fields."""
    return {key: item if key == "role" else cover.structured(item) for key, item in message.items()}
