"""From where settings were before there was a file."""

from __future__ import annotations

from app.settings.migrations import MOVED, STEPS, VERSION, from_session, migrate
from app.settings.model import AppearanceSettings, ModeSettings, Settings, StorageSettings
from app.settings.store import read_settings


def test_all_that_the_session_kept_of_settings_is_taken() -> None:
    state = {
        "theme": "dark",
        "enter_sends": False,
        "mode": "thinking",
        "thinking_budget": 8192,
        "reading_ram_bytes": 4_000_000_001,
        "reading_disk_bytes": 20_000_000_000,
        "sidebar_width": 200,
    }
    assert set(MOVED) == set(state) - {"sidebar_width"}
    assert read_settings(from_session(state)) == (
        Settings(
            mode=ModeSettings("thinking", 8192),
            appearance=AppearanceSettings("dark", False),
            storage=StorageSettings("", 4_000_000_001, 20_000_000_000),
        ),
        [],
    )


def test_what_the_session_cannot_have_kept_is_left() -> None:
    settings, refused = read_settings(from_session({"theme": "pink", "thinking_budget": -1, "mode": ""}))
    assert settings == Settings()
    assert sorted(refused) == ["appearance.theme", "mode.thinking_budget"]


def test_steps_begin_at_the_version_of_the_file() -> None:
    steps = tuple(lambda raw, n=n: {**raw, "done": [*raw.get("done", []), n]} for n in range(1, 4))
    assert migrate({}, 1, steps) == {"done": [1, 2, 3]}
    assert migrate({}, 3, steps) == {"done": [3]}
    assert migrate({"a": 1}, 4, steps) == {"a": 1}
    assert len(STEPS) + 1 == VERSION
