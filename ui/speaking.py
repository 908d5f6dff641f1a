"""The language of the window: what the settings say, read before anything else is built."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.files import read_small
from app.language import PSEUDO, SOURCE, VARIABLE, choose, language, languages, load, spoken

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

_LARGEST_BYTES: Final = 1024 * 1024


def choose_saved(settings: Path) -> None:
    """Speak the language that the settings file names. Reads files: not for the GUI thread.

    CASCADE_LANGUAGE goes before the file; a file that says nothing of use leaves it to the system.
    """
    if not os.environ.get(VARIABLE):
        choose(saved_language(settings))
    load()


def speak(qt: QCoreApplication) -> None:
    """Let Qt speak the language that was chosen: its own dialogs, and numbers in fields. GUI thread."""
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

    code = language()
    if code == PSEUDO:
        return
    # The country goes with the language; without a catalogue all is English, Qt's words, too.
    same = code.partition("_")[0] == spoken().partition("_")[0]
    locale = QLocale(code if same else SOURCE)
    QLocale.setDefault(locale)  # numbers in fields are written as those in texts
    translator = QTranslator(qt)
    translator.setObjectName("qt_translation")
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(locale, "qtbase", "_", folder):
        qt.installTranslator(translator)


def saved_language(settings: Path) -> str:
    """The code in the settings file; "" where there is none. Never raises for what is in the file."""
    try:
        data = read_small(settings, _LARGEST_BYTES)
        found = json.loads(data) if len(data) <= _LARGEST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return ""
    group = found.get("appearance") if isinstance(found, dict) else None
    code = group.get("language") if isinstance(group, dict) else None
    return code if isinstance(code, str) else ""


@cache
def names_of_languages() -> list[tuple[str, str]]:
    """Code and name of each language that there is, each called as its own speakers call it."""
    from PySide6.QtCore import QLocale

    found = []
    for code in languages():
        name = "English" if code == SOURCE else QLocale(code).nativeLanguageName() or code
        found.append((code, name[:1].upper() + name[1:]))
    return found
