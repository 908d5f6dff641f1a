"""Which token ids the engine decoded, and where a prompt first differs from them.

Computed beside the engine from what was asked and said, with a vocabulary of its own; what the
engine reports to have reused is not looked at.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.engine.checkpoints import common_prefix
from app.engine.prompt import Prompt, PromptBuilder
from app.engine.template_client import TemplateRenderer
from app.engine.values import ChatMessage, Mode
from app.engine.vocab import Vocabulary
from tests.engine.plain_llama import plain_model

WORDS = ("river", "stone", "window", "green", "winter", "paper", "music", "walks", "the", "of", "and", "to")
#: In place of a token whose id is not known, because it is never part of a later prompt.
UNKNOWN = -1


class Decoded:
    """The token ids that were decoded, by conversation: one sequence for each request."""

    def __init__(self) -> None:
        self._sequences: dict[str, list[list[int]]] = {}

    def add(self, conversation: str, tokens: Sequence[int]) -> None:
        """Of one request: its prompt and what of its answer was decoded."""
        self._sequences.setdefault(conversation, []).append(list(tokens))

    def replace(self, conversation: str, sequences: Iterable[Sequence[int]]) -> None:
        """Only these are left of a conversation."""
        self._sequences[conversation] = [list(tokens) for tokens in sequences]

    def behind(self, conversation: str, prompt: Sequence[int]) -> int:
        """Tokens of `prompt` behind its first difference from whatever of the conversation shares most."""
        prompt = list(prompt)
        known = self._sequences.get(conversation, [])
        return len(prompt) - max((common_prefix(tokens, prompt) for tokens in known), default=0)


class Ids:
    """Prompts of one model by the ids that its answers were generated with."""

    def __init__(self, vocab: Vocabulary, builder: PromptBuilder, template: str) -> None:
        self._vocab, self._builder, self.template = vocab, builder, template
        self.modes = builder.probe().modes
        specials = set(vocab.specials.values())
        plain = [token for token in range(vocab.size) if token not in specials]
        self._by_piece = {vocab.piece(token): token for token in plain}
        self._alike = {token: self._by_piece[vocab.piece(token)] for token in plain}

    def prompt(self, messages: Sequence[ChatMessage], mode: Mode) -> Prompt:
        """What the engine makes of the messages."""
        return self._builder.build(messages, mode)

    def answer(self, pieces: Sequence[str]) -> list[int]:
        """The ids of an answer that came token by token."""
        return [self._by_piece[piece.encode()] for piece in pieces]

    def alike(self, tokens: Sequence[int]) -> list[int]:
        """The same with one id for each text, as `answer` has it: a letter may be a byte's token, too."""
        return [self._alike.get(token, token) for token in tokens]

    def remember(self, prompt: Sequence[int], answer: Sequence[int], *, thought: bool) -> None:
        """Use these ids where the answer is met again; `thought`: it stands behind one."""
        if thought:
            closer = self._vocab.specials[self._builder.traits.tags[1]]
            self._builder.remember([closer, *answer])
        else:
            self._builder.remember([*prompt, *answer], since=len(prompt))

    def document(self, seed: int, tokens: int) -> str:
        """Random words of at least so many tokens."""
        draw, words = random.Random(seed), [f"Document {seed}:"]
        while len(self._vocab.tokenize(" ".join(words))) < tokens:
            words += draw.choices(WORDS, k=100)
        return " ".join(words) + "\n\n"


@contextmanager
def ids_of(path: Path) -> Iterator[Ids]:
    """The ids of one model; only its vocabulary is loaded."""
    renderer = TemplateRenderer()
    renderer.start()
    try:
        with plain_model(path, vocab_only=True) as plain:
            vocab = Vocabulary(plain.vocab)
            template = (llama.llama_model_chat_template(plain.model, None) or b"").decode()
            yield Ids(vocab, PromptBuilder(vocab, renderer, template), template)
    finally:
        renderer.close()


def question(seed: int, words: int = 6) -> str:
    """A few random words that no other seed begins with."""
    return f"{seed}. " + " ".join(random.Random(seed).choices(WORDS, k=words)) + "?"
