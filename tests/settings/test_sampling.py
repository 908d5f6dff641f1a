from __future__ import annotations

from dataclasses import replace

from app.settings.model import SamplingSettings, changed
from app.settings.sampling import PRESETS, preset_of


def test_each_preset_is_found_by_its_values_and_passes_the_checks() -> None:
    assert len({preset.id for preset in PRESETS}) == len(PRESETS)
    for preset in PRESETS:
        assert preset_of(preset.values) == preset.id
        assert changed(SamplingSettings(), preset.values.given()) == preset.values
    assert preset_of(replace(PRESETS[1].values, top_k=3)) == ""


def test_the_first_leaves_all_to_the_model() -> None:
    assert PRESETS[0].values.given() == {}
