"""The page with something in it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.models.cards import CASCADE
from ui.models.dialog import ModelsDialog
from ui.models.page import ModelsPage
from ui.models.values import Action, Card, Fact, Group, Row
from ui.theme import ThemeManager

GROUPS = (
    Group("local", "On this machine", (Row("file:a", "Alpha-Q4_0", mark="Loaded", size="1.0 GB"),)),
    Group(
        "repo:r",
        "Real",
        (
            Row("note:r", "There is no connection. " * 12, note=True, tone="warning"),
            Row(
                "hub:r:b", "Beta-Q4_0", "The smallest file.", "Recommended", "Q4_0", "18.2 GB", "Fits", "128K"
            ),
            Row("hub:r:c", "Gamma-Q8_0", quantization="Q8_0", size="33.6 GB"),
        ),
        "someone/Real-GGUF",
    ),
    Group("repo:s", "Folded", (Row("hub:s:d", "Delta"),), open=False),
)
CARD = Card(
    "hub:r:b",
    "Beta-Q4_0",
    "Q4_0 · 18.2 GB",
    why="The smallest file.",
    fit="Fits the GPU",
    tone="good",
    about=CASCADE,
    facts=(Fact("Architecture", "nemotron_h_moe"),),
    primary=Action("download", "Download 18.2 GB"),
    others=(Action("page", "Open its page"),),
)


@pytest.fixture
def theme(qapp: object) -> ThemeManager:
    return ThemeManager(mode="light")


@pytest.fixture
def dialog(qtbot: QtBot, theme: ThemeManager) -> ModelsDialog:
    made = ModelsDialog(theme)
    qtbot.addWidget(made)
    made.open_dialog()
    made.page.tree.set_groups(GROUPS)
    return made


@pytest.fixture
def page(dialog: ModelsDialog) -> ModelsPage:
    return dialog.page
