"""A vocabulary with a template, and what a prompt of both has to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.engine import template as rendering
from app.engine.prompt import Prompt, PromptBuilder
from app.engine.values import ChatMessage, Mode
from app.engine.vocab import Vocabulary
from app.errors import TemplateError
from tests.engine.plain_llama import PlainModel, render


class HereRenderer:
    """Renders in this process: the process around it has tests of its own."""

    def render(self, template: str, *variables: Mapping[str, Any]) -> tuple[str, ...]:
        try:
            return tuple(rendering.render(template, item) for item in variables)
        except rendering.TemplateRenderError as error:
            raise TemplateError(str(error)) from error


@dataclass
class Case:
    """One vocabulary with one template."""

    name: str
    model: PlainModel
    template: str

    def __post_init__(self) -> None:
        self.every_special = set(self.model.specials().values())
        self.vocab = Vocabulary(self.model.vocab)
        self.builder = PromptBuilder(self.vocab, HereRenderer(), self.template)
        self.builder.probe()
        self.specials = {
            text: token for text, token in self.model.specials().items() if len(text) > 1 and text.strip()
        }

    def build(
        self, *messages: ChatMessage, mode: Mode = "instruct", tools: tuple[dict[str, Any], ...] = ()
    ) -> Prompt:
        return self.builder.build(messages, mode, tools)

    def control(self, tokens: list[int]) -> Counter[int]:
        """How often each token that means something stands in `tokens`."""
        known = set(self.specials.values())
        return Counter(token for token in tokens if token in known)

    def plain_text(
        self, *messages: ChatMessage, mode: Mode = "instruct", tools: tuple[dict[str, Any], ...] = ()
    ) -> str:
        """The prompt by plain Jinja."""
        plain = [
            {
                "role": m.role,
                "content": "".join("".join(document) for document in m.documents) + m.content,
                **({"reasoning_content": m.reasoning} if m.reasoning else {}),
                **({"tool_calls": list(m.tool_calls)} if m.tool_calls else {}),
            }
            for m in messages
        ]
        return render(
            self.template,
            messages=plain,
            tools=list(tools) or None,
            add_generation_prompt=True,
            enable_thinking=mode == "thinking",
            bos_token=self.vocab.bos_text,
            eos_token=self.vocab.eos_text,
        )

    def spelled(self, tokens: list[int]) -> str:
        """The text of `tokens`, less the space that SPM puts before every text."""
        parts: list[bytes] = []
        fresh = self.name == "sliding"
        # Line breaks are tokens of their own in this vocabulary, and count for that space, too.
        known = self.every_special
        for token in tokens:
            piece = self.model.piece(token)
            parts.append(piece[1:] if fresh and piece.startswith(b" ") else piece)
            fresh = self.name == "sliding" and token in known
        return b"".join(parts).decode()
