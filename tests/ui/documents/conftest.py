"""A viewer in a window of a fixed size."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.documents.viewer import DocumentViewer
from ui.theme import ThemeManager


@pytest.fixture
def viewer(qtbot: QtBot) -> DocumentViewer:
    made = DocumentViewer(ThemeManager("light"))
    qtbot.addWidget(made)
    made.resize(700, 500)
    return made
