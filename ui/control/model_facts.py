"""What a header says of a model, in lines for a person. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import ntr, tr
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
        Fact(tr("Architecture"), words.shown_line(header.architecture, _NAME)),
        Fact(tr("Parameters"), _parameters(header.n_params)),
        Fact(tr("Quantization"), words.shown_line(header.quantization, _NAME)),
        Fact(tr("Blocks"), _blocks(layout)),
        Fact(
            tr("Context it was made for"),
            ntr("{count} token", "{count} tokens", layout.context_length),
        ),
        Fact(tr("Weights"), f"{words.size(sum(one.n_bytes for one in header.tensors))}, {_mostly(header)}"),
    ]
    if layout.experts.count:
        facts.insert(
            4,
            Fact(
                tr("Experts"),
                tr("{number}, {used} for each token", number=layout.experts.count, used=layout.experts.used),
            ),
        )
    if header.n_parts > 1:
        facts.append(Fact(tr("Files"), ntr("{count} part", "{count} parts", header.n_parts)))
    template = tr("its own") if header.chat_template else tr("none; ChatML is used")
    return (*facts, Fact(tr("Chat template"), template))


def _parameters(count: int) -> str:
    if count >= _BILLION:
        return tr("{number:.1f} billion", number=count / _BILLION)
    return tr("{number:.0f} million", number=count / _MILLION) if count >= _MILLION else words.count(count)


def _mostly(header: ModelHeader) -> str:
    return tr("mostly {type}", type=words.shown_line(header.dominating_type, _NAME))


def _blocks(layout: Layout) -> str:
    blocks = layout.blocks
    recurrent = sum(block.recurrent for block in blocks)
    attention = sum(block.attention for block in blocks)
    experts = sum(block.moe for block in blocks)
    parts = (
        tr("{number} recurrent", number=recurrent) if recurrent else "",
        tr("{number} attention", number=attention) if attention else "",
        tr("{number} experts", number=experts) if experts else "",
    )
    told = ", ".join(part for part in parts if part)
    return f"{len(blocks)}: {told}" if told else str(len(blocks))
