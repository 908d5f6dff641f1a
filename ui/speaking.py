"""The language of the window: what the settings say, read before anything else is built."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.language import PSEUDO, SOURCE, VARIABLE, choose, language, languages

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

_LARGEST_BYTES: Final = 1024 * 1024


def speak(qt: QCoreApplication, settings: Path) -> None:
    """Speak the language that the settings file names, in Qt's own dialogs, too.

    CASCADE_LANGUAGE goes before the file; a file that says nothing of use leaves it to the system.
    """
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

    if not os.environ.get(VARIABLE):
        choose(saved_language(settings))
    code = language()
    if code == PSEUDO:
        return
    locale = QLocale(code)
    QLocale.setDefault(locale)  # numbers in fields are written as those in texts
    translator = QTranslator(qt)
    translator.setObjectName("qt_translation")
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(locale, "qtbase", "_", folder):
        qt.installTranslator(translator)


def saved_language(settings: Path) -> str:
    """The code in the settings file; "" where there is none. Never raises for what is in the file."""
    try:
        with settings.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
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
