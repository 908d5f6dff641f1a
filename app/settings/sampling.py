"""Samplings under a name, to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.language import mark
from app.settings.model import SamplingSettings


@dataclass(frozen=True)
class SamplingPreset:
    """A name, marked for translation, for some values; None among them stays as the model recommends."""

    id: str
    name: str
    values: SamplingSettings


PRESETS: Final = (
    SamplingPreset("recommended", mark("Recommended"), SamplingSettings()),
    SamplingPreset("exact", mark("Exact: the likeliest"), SamplingSettings(0.0, 1.0, 0, 0.0, 1.0)),
    SamplingPreset("focused", mark("Focused: facts, code"), SamplingSettings(0.3, 0.9, 40, 0.05, 1.0)),
    SamplingPreset("balanced", mark("Balanced"), SamplingSettings(0.7, 0.9, 40, 0.05, 1.0)),
    SamplingPreset("free", mark("Free: stories, ideas"), SamplingSettings(1.1, 0.98, 0, 0.05, 1.0)),
)


def preset_of(values: SamplingSettings) -> str:
    """The id of the preset with these values; empty where there is none."""
    return next((preset.id for preset in PRESETS if preset.values == values), "")
