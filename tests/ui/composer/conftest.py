"""The composer with a model that thinks."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.models import THINKER
from ui.composer.composer import Composer
from ui.theme import ThemeManager


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    made = Composer(ThemeManager())
    qtbot.addWidget(made)
    made.resize(700, 120)
    made.show()
    made.set_model(THINKER)
    made.set_usable(True)
    made.edit.setFocus()
    return made
