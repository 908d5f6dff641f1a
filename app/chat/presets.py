"""Sampling for a model and a mode, where the person has not chosen."""

from __future__ import annotations

from pathlib import Path

from app.engine.protocol import Mode, ModelInfo, Sampling
from app.models.starter import STARTER_SYSTEM, starter_path

#: The card of Nemotron-Cascade-2 recommends these for both modes.
CARD = Sampling(temperature=1.0, top_p=0.95)
#: 135 M parameters are right most often when greedy; the penalty keeps them from going in circles.
STARTER = Sampling(temperature=0.0, repeat_penalty=1.1)
OTHERS = {"thinking": Sampling(temperature=0.6, top_p=0.95), "instruct": Sampling(temperature=0.7, top_p=0.9)}

_SMALL_PARAMS = 500_000_000


def sampling_for(info: ModelInfo, mode: Mode) -> Sampling:
    """What the file recommends, else what the model's card does, else a common choice."""
    if info.recommended is not None:
        return info.recommended
    if info.architecture.startswith("nemotron_h"):
        return CARD
    if info.n_params < _SMALL_PARAMS:
        return STARTER
    return OTHERS[mode]


def system_for(info: ModelInfo) -> str:
    """The system prompt where the person gives none: only the starter model needs one."""
    return STARTER_SYSTEM if Path(info.path) == starter_path() else ""
