"""The groups of settings, read and changed."""

from __future__ import annotations

import random
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from app.errors import RequestError
from app.settings.checks import Group, check_of
from app.settings.model import (
    ENGINE_OPTIONS,
    GROUPS,
    EngineSettings,
    ModeSettings,
    NetworkSettings,
    SamplingSettings,
    Settings,
    StorageSettings,
    changed,
    read_group,
)
from tests.settings import hostile


def test_by_default_all_is_left_to_the_app() -> None:
    engine = EngineSettings()
    assert all(not getattr(engine, name) for name in ENGINE_OPTIONS)
    assert engine.load_last
    assert Settings().mode.sampling("thinking").given() == {}


def test_a_group_is_changed_by_name() -> None:
    made = changed(EngineSettings(), {"n_gpu_layers": 0, "cache_type": "q8_0", "flash_attention": False})
    assert (made.n_gpu_layers, made.cache_type, made.flash_attention) == (0, "q8_0", False)


@pytest.mark.parametrize(
    "values", [{"n_threads": -1}, {"n_threads": 513}, {"cache_type": "q9"}, {"n_threads": True}]
)
def test_a_value_that_cannot_be_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(RequestError):
        changed(EngineSettings(), values)


def test_a_typed_address_is_tidied() -> None:
    made = changed(NetworkSettings(), {"endpoint": "  https://mirror.example/hub/ "})
    assert made.endpoint == "https://mirror.example/hub"
    with pytest.raises(RequestError, match=r"https://hub\.example"):
        changed(made, {"endpoint": "mirror"})


def test_sampling_by_mode() -> None:
    modes = ModeSettings(thinking=SamplingSettings(temperature=0.0), instruct=SamplingSettings(top_k=7))
    assert modes.sampling("thinking").given() == {"temperature": 0.0}
    assert modes.sampling("instruct").given() == {"top_k": 7}


def test_what_was_written_is_read() -> None:
    modes = ModeSettings("thinking", 2048, SamplingSettings(0.3, min_p=0.1))
    assert read_group(ModeSettings, asdict(modes), "mode") == (modes, [])


def test_values_that_cannot_be_are_named_and_the_others_taken() -> None:
    raw = {"mode": "loud", "thinking_budget": 512, "thinking": {"top_k": "many", "min_p": 0.2}, "new": 1}
    made, refused = read_group(ModeSettings, raw, "mode")
    assert made == ModeSettings(thinking_budget=512, thinking=SamplingSettings(min_p=0.2))
    assert refused == ["mode.mode", "mode.thinking.top_k"]
    assert read_group(ModeSettings, [], "mode") == (ModeSettings(), ["mode"])


def sound(group: object) -> bool:
    """Whether each value of a group passes its check."""
    for one in fields(group):  # type: ignore[arg-type]
        found, check = getattr(group, one.name), check_of(one.metadata)
        if not check.passes(found) or (isinstance(check, Group) and not sound(found)):
            return False
    return True


def test_whatever_is_read_passes_the_checks() -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(3000):
        kind = chance.choice(list(GROUPS.values()))
        raw = {hostile.name(chance): hostile.value(chance) for _ in range(8)}
        made, refused = read_group(kind, raw, "g")
        assert sound(made)
        names = {one.name for one in fields(kind)} & set(raw)
        assert {name.split(".")[1] for name in refused} <= names


def test_where_models_go() -> None:
    own = Path("/data/models")
    assert StorageSettings().models(own) == own
    assert StorageSettings("/mnt/models").models(own) == Path("/mnt/models")
