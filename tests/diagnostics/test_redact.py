from __future__ import annotations

from pathlib import Path

import pytest

from app.diagnostics import redact
from app.diagnostics.redact import line


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    made = tmp_path / "jocasta"
    monkeypatch.setattr(Path, "home", lambda: made)
    redact._homes.cache_clear()
    yield made
    redact._homes.cache_clear()


def test_the_person_s_folder_is_a_tilde(home: Path) -> None:
    assert line(f"in {home}/.local/x and {home}.") == f"in ~/.local/x and {home}."
    assert line(f"{home}2/x") == f"{home}2/x"  # somebody else's
    assert line(str(home)) == "~"


def test_folders_of_people_are_known_by_where_they_are(home: Path) -> None:
    for folder in ("/home/", "/Users/", "C:\\Users\\", "d:/users/"):
        assert "jocasta" not in line(f"at {folder}jocasta/models")


@pytest.mark.parametrize(
    "secret",
    [
        "hf_abcdefghijk",
        "sk-abcdefghijk",
        "Bearer abc.def",
        "token=abc",
        "api_key: abc",
        "Password=abc",
        "https://name:abc@hub.example/x",
        "0123456789abcdef0123456789abcdef0123456789abcdef",
    ],
)
def test_keys_are_hidden(secret: str) -> None:
    shown = line(f"before {secret} behind")
    assert "(hidden)" in shown
    assert "abc" not in shown
    assert shown.startswith("before ")
    assert shown.endswith("behind")


def test_it_stays_one_line_of_bearable_length() -> None:
    assert line("a\nb\r\n\x1b[31mc\u2028d\u202ee") == "a b [31mc d e"
    assert len(line("x " * 100_000)) == 2000


def test_what_is_harmless_stays() -> None:
    said = (
        "loaded in 1.5 s: llama, Q4_K_M, 92.1 MiB, AVX2 = 1 | llama-cpp-python 0.3.36, app/store/rows.py:31"
    )
    assert line(said) == said
