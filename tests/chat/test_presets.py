"""Sampling and system prompt where the person has not chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.chat.conversation import ChatSettings
from app.chat.presets import (
    CARD,
    OTHERS,
    STARTER,
    preferred_for,
    sampling_for,
    settings_for,
    system_for,
)
from app.engine.values import Sampling
from app.models.starter import STARTER_SYSTEM
from app.settings.model import ModeSettings, SamplingSettings
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


def test_the_conversation_comes_before_the_settings_and_these_before_the_model() -> None:
    thinker = replace(INFO, modes=("thinking", "instruct"))
    preferred = ModeSettings(
        thinking=SamplingSettings(temperature=0.25, top_k=7), instruct=SamplingSettings(min_p=0.2)
    )
    assert preferred_for(thinker, "thinking", preferred) == replace(
        OTHERS["thinking"], temperature=0.25, top_k=7
    )
    made = settings_for(thinker, ChatSettings(mode="thinking", temperature=0.9), preferred)
    assert made.sampling == replace(OTHERS["thinking"], temperature=0.9, top_k=7)
    other = settings_for(thinker, ChatSettings(mode="instruct"), preferred)
    assert other.sampling == replace(OTHERS["instruct"], min_p=0.2)
    assert settings_for(thinker, ChatSettings(mode="instruct")).sampling == OTHERS["instruct"]
