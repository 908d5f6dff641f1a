"""What is known of models beside their files: what they are good and weak at, and published scores."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.language import mark

_NOT_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Score:
    """One published result; `with_tools` where the model could use tools for it."""

    name: str
    value: str
    with_tools: str = ""


@dataclass(frozen=True)
class ModelCard:
    """What a person wants to know of a model before fetching it.

    Attributes:
        summary, good, weak, source: marked for translation.
        source: who published the scores, and for what.
        page: of the original model, an address.
    """

    title: str
    summary: str
    good: tuple[str, ...]
    weak: tuple[str, ...]
    scores: tuple[Score, ...]
    source: str
    licence: str
    page: str


CASCADE = ModelCard(
    title="Nemotron-Cascade-2-30B-A3B",
    summary=mark(
        "An open model by NVIDIA with 30 billion parameters, of which about 3 billion work on each token: "
        "it is as quick as a small one. It can think before it answers, or answer directly."
    ),
    good=(
        mark("Mathematics and programming: gold-medal level at IMO 2025 and IOI 2025"),
        mark("Long documents: made for up to a million tokens"),
        mark("Speed, also where a part of it has to stay in RAM"),
    ),
    weak=(mark("General writing"), mark("Languages other than English")),
    scores=(
        Score("AIME 2025", "92.4", "98.6"),
        Score("HMMT Feb 2025", "94.6"),
        Score("LiveCodeBench v6", "87.2", "88.4"),
        Score("IOI 2025", "439.3"),
        Score("GPQA-Diamond", "76.1"),
        Score("MMLU-Pro", "79.8"),
        Score("ArenaHard v2", "83.5"),
        Score("IFBench", "82.9"),
        Score("SWE-bench Verified", "50.2"),
    ),
    source=mark(
        "Published by NVIDIA for the original model in thinking mode; a quantized file is a little below."
    ),
    licence="NVIDIA Open Model License",
    page="https://huggingface.co/nvidia/Nemotron-Cascade-2-30B-A3B",
)

_CARDS = {"nemotron cascade 2": CASCADE}


def card_for(name: str) -> ModelCard | None:
    """The card of the model that a file or repository is named after; None for any other."""
    words = f" {_NOT_WORD.sub(' ', name.lower())} "
    return next((card for key, card in _CARDS.items() if f" {key} " in words), None)
