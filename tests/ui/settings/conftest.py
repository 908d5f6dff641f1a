"""The dialog as a person has it: with its colours, shown, and with what it says written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.paths import Paths
from app.settings.model import Settings, changed
from ui.frame_style import frame_stylesheet
from ui.settings.dialog import SettingsDialog
from ui.theme import ThemeManager


class Person:
    """Uses the dialog; the settings follow what it wants, as the control would have it."""

    def __init__(self, dialog: SettingsDialog, theme: ThemeManager, qtbot: QtBot) -> None:
        self.dialog, self.theme, self.qtbot = dialog, theme, qtbot
        self.settings = Settings()
        self.wanted: list[tuple[str, dict[str, Any]]] = []
        dialog.change_wanted.connect(self._on_wanted)
        dialog.set_settings(self.settings)

    def _on_wanted(self, group: str, values: dict[str, Any]) -> None:
        self.wanted.append((group, values))
        self.set(group, **values)

    def set(self, group: str, **values: Any) -> None:
        after = changed(getattr(self.settings, group), values)
        self.settings = replace(self.settings, **{group: after})
        self.dialog.set_settings(self.settings)

    def press(self, widget: QWidget, key: Qt.Key) -> None:
        self.qtbot.keyClick(widget, key)

    def write(self, widget: QWidget, text: str) -> None:
        """Type over what is there, and press Enter."""
        widget.setFocus()
        widget.selectAll()  # type: ignore[attr-defined]
        self.qtbot.keyClicks(widget, text)
        self.press(widget, Qt.Key.Key_Return)

    @property
    def pages(self) -> list[str]:
        """The pages that the list offers."""
        items = [self.dialog.list.item(row) for row in range(self.dialog.list.count())]
        return [item.text() for item in items if not item.isHidden()]

    @property
    def page(self) -> str:
        """The page that is shown."""
        shown = self.dialog.stack.currentWidget()
        return str(getattr(shown, "id", ""))


@pytest.fixture
def person(qapp: object, qtbot: QtBot) -> Iterator[Person]:
    theme = ThemeManager(mode="light")
    dialog = SettingsDialog(theme, Paths.default("/data"))
    dialog.setStyleSheet(frame_stylesheet(theme.tokens))
    qtbot.addWidget(dialog)
    made = Person(dialog, theme, qtbot)
    dialog.open_dialog()
    yield made
    dialog.hide()
