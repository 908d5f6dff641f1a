"""Where the system's dialogs begin. A double click leaves a program in a folder that is nobody's choice."""

from __future__ import annotations

from PySide6.QtCore import QDir, QStandardPaths

DOCUMENTS = QStandardPaths.StandardLocation.DocumentsLocation
DOWNLOADS = QStandardPaths.StandardLocation.DownloadLocation


def begin_in(last: str, place: QStandardPaths.StandardLocation) -> str:
    """The folder of the last time, else the person's folder for that, else the person's own."""
    found = last or QStandardPaths.writableLocation(place)
    return found if found and QDir(found).exists() else QDir.homePath()
