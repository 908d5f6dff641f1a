"""What a model and a mode use where the person has not chosen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.chat.conversation import ChatSettings
from app.chat.turn import TurnSettings
from app.engine.values import Mode, ModelInfo, Sampling
from app.models.starter import STARTER_SYSTEM, starter_path
from app.settings.model import ModeSettings

#: The card of Nemotron-Cascade-2 recommends these for both modes.
CARD = Sampling(temperature=1.0, top_p=0.95)
#: 135 M parameters are right most often when greedy; the penalty keeps them from going in circles.
STARTER = Sampling(temperature=0.0, repeat_penalty=1.1)
OTHERS = {"thinking": Sampling(temperature=0.6, top_p=0.95), "instruct": Sampling(temperature=0.7, top_p=0.9)}

_SMALL_PARAMS = 500_000_000
_SAMPLING = ("temperature", "top_k", "top_p", "min_p", "repeat_penalty", "seed")
_QUANTIZATION = re.compile(r"[-._]((i?q\d\w*)|bf16|f16|f32|fp16|mxfp4\w*)(-\d+-of-\d+)?$", re.IGNORECASE)


def model_name(info: ModelInfo) -> str:
    """The file's name, which people know a model by, without the quantization."""
    return _QUANTIZATION.sub("", Path(info.path).stem) or info.name


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
    return STARTER_SYSTEM if is_starter(info) else ""


def is_starter(info: ModelInfo) -> bool:
    """Whether it is the small model that comes with the app."""
    return Path(info.path) == starter_path()


def mode_for(info: ModelInfo, chosen: str | None) -> Mode:
    """The mode that was chosen where the model has it, else its own."""
    return next((mode for mode in info.modes if mode == chosen), info.modes[0])


def preferred_for(info: ModelInfo, mode: Mode, preferred: ModeSettings) -> Sampling:
    """What the settings say for a mode, and what is recommended for the rest."""
    return replace(sampling_for(info, mode), **preferred.sampling(mode).given())


def settings_for(
    info: ModelInfo, chosen: ChatSettings, preferred: ModeSettings = ModeSettings()
) -> TurnSettings:
    """How the next answer is made: what the conversation says, then `preferred`, then the model's own."""
    mode = mode_for(info, chosen.mode)
    own: dict[str, Any] = {name: getattr(chosen, name) for name in _SAMPLING}
    given = {name: value for name, value in own.items() if value is not None}
    return TurnSettings(
        mode=mode,
        thinking_budget=chosen.thinking_budget if mode == "thinking" else None,
        sampling=replace(preferred_for(info, mode, preferred), **given),
        system=system_for(info) if chosen.system is None else chosen.system,
    )
