"""What a header says of a model, in lines for a person. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui import words
from ui.models.values import Fact

if TYPE_CHECKING:
    from app.models.gguf import ModelHeader
    from app.models.layout import Layout

_NAME = 120  # characters
_BILLION, _MILLION = 10**9, 10**6


def facts_of(header: ModelHeader) -> tuple[Fact, ...]:
    """The lines, each of which the file itself says."""
    layout = header.layout
    facts = [
        Fact("Architecture", words.shown_line(header.architecture, _NAME)),
        Fact("Parameters", _parameters(header.n_params)),
        Fact("Quantization", words.shown_line(header.quantization, _NAME)),
        Fact("Blocks", _blocks(layout)),
        Fact("Context it was made for", f"{words.count(layout.context_length)} tokens"),
        Fact("Weights", f"{words.size(sum(one.n_bytes for one in header.tensors))}, {_mostly(header)}"),
    ]
    if layout.experts.count:
        facts.insert(4, Fact("Experts", f"{layout.experts.count}, {layout.experts.used} for each token"))
    if header.n_parts > 1:
        facts.append(Fact("Files", f"{header.n_parts} parts"))
    template = "its own" if header.chat_template else "none; ChatML is used"
    return (*facts, Fact("Chat template", template))


def _parameters(count: int) -> str:
    if count >= _BILLION:
        return f"{count / _BILLION:.1f} billion"
    return f"{count / _MILLION:.0f} million" if count >= _MILLION else words.count(count)


def _mostly(header: ModelHeader) -> str:
    return f"mostly {words.shown_line(header.dominating_type, _NAME)}"


def _blocks(layout: Layout) -> str:
    blocks = layout.blocks
    kinds = (
        ("recurrent", sum(block.recurrent for block in blocks)),
        ("attention", sum(block.attention for block in blocks)),
        ("experts", sum(block.moe for block in blocks)),
    )
    told = ", ".join(f"{count} {name}" for name, count in kinds if count)
    return f"{len(blocks)}: {told}" if told else str(len(blocks))
