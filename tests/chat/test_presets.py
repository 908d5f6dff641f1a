"""Sampling and system prompt where the person has not chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.chat.presets import CARD, OTHERS, STARTER, sampling_for, system_for
from app.engine.values import Sampling
from app.models.starter import STARTER_SYSTEM
from tests.engine.scripted_engine import info

INFO = replace(info("/m.gguf"), n_params=8_000_000_000)


def test_the_file_decides_first() -> None:
    own = Sampling(temperature=0.3)
    assert sampling_for(replace(INFO, recommended=own, architecture="nemotron_h_moe"), "thinking") == own


def test_the_card_of_the_family() -> None:
    for mode in ("thinking", "instruct"):
        assert sampling_for(replace(INFO, architecture="nemotron_h_moe", n_params=1), mode) == CARD
    assert (CARD.temperature, CARD.top_p, CARD.top_k) == (1.0, 0.95, 0)


def test_small_models_and_others() -> None:
    assert sampling_for(replace(INFO, n_params=135_000_000), "instruct") == STARTER
    assert sampling_for(INFO, "thinking") == OTHERS["thinking"]
    assert sampling_for(INFO, "instruct") == OTHERS["instruct"]


def test_only_the_starter_needs_a_system_prompt(starter: Path) -> None:
    assert system_for(replace(INFO, path=str(starter))) == STARTER_SYSTEM
    assert system_for(INFO) == ""
