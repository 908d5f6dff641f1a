"""Which language the window speaks, and what says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.language import PSEUDO, VARIABLE, language
from app.settings.model import AppearanceSettings
from app.settings.store import SettingsStore
from ui.speaking import names_of_languages, saved_language

ROOT = Path(__file__).resolve().parents[2]
#: Speaks, then says what: a process of its own, since it changes the application and the environment.
SPEAKS = """
import json, os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QLocale
from app.language import VARIABLE, language
from ui.speaking import choose_saved, speak
qt = QCoreApplication([])
choose_saved(Path(sys.argv[1]))
speak(qt)
said = QCoreApplication.translate("QPlatformTheme", "Cancel")
print(json.dumps([language(), os.environ.get(VARIABLE, ""), QLocale().toString(0.5), said]))
"""


def spoken(settings: Path, chosen: str = "", system: str = "C") -> list[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    environment |= {VARIABLE: chosen, "LANG": system}
    ran = subprocess.run(
        [sys.executable, "-c", SPEAKS, str(settings)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    found: list[str] = json.loads(ran.stdout)
    return found


def test_the_settings_name_the_language(tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    SettingsStore(settings).change({"appearance": {"language": "de"}})
    assert saved_language(settings) == "de"
    assert spoken(settings) == ["de", "de", "0,5", "Abbrechen"]


def test_the_environment_goes_before_the_settings(tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    SettingsStore(settings).change({"appearance": {"language": "de"}})
    assert spoken(settings, chosen="en") == ["en", "en", "0.5", "Cancel"]
    assert spoken(settings, chosen=PSEUDO)[0] == PSEUDO


def test_nothing_set_is_the_system_s(tmp_path: Path) -> None:
    assert spoken(tmp_path / "settings.json", system="de_AT.UTF-8") == ["de_AT", "", "0,5", "Abbrechen"]


@pytest.mark.parametrize("system", ["fr_FR.UTF-8", "ar_EG.UTF-8", "POSIX", "C"])
def test_without_a_catalogue_all_is_english(tmp_path: Path, system: str) -> None:
    assert spoken(tmp_path / "settings.json", system=system)[2:] == ["0.5", "Cancel"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"appearance": "de"}',
        b'{"appearance": {"language": 7}}',
        b'{"appearance": {"language": ["de"]}}',
        b"\xff\xfe",
        b'{"appearance": {"language": "de"}}' + b" " * 1024 * 1024,
    ],
)
def test_a_file_that_says_nothing_of_use(tmp_path: Path, content: bytes) -> None:
    settings = tmp_path / "settings.json"
    settings.write_bytes(content)
    assert saved_language(settings) == ""


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert saved_language(tmp_path) == ""


@pytest.mark.parametrize("code", ["../../etc", "de\0", "d" * 21, "de/AT", " de", 7, None])
def test_what_is_no_code_cannot_be_set(tmp_path: Path, code: object) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"version": 1, "appearance": {"language": code, "theme": "dark"}}))
    assert SettingsStore(settings).load().settings.appearance == AppearanceSettings(theme="dark")


def test_each_language_has_its_own_name() -> None:
    assert language() == "en"
    assert names_of_languages()[0] == ("en", "English")
