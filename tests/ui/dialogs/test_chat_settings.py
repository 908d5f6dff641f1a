from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.chat.conversation import ChatSettings, Persona
from app.engine.values import Sampling
from ui.dialogs.chat_settings import NUMBERS, ChatSettingsPanel
from ui.dialogs.own_spin import OwnSpin
from ui.theme import ThemeManager
from ui.window_sizes import PANEL_WIDTH

SETTINGS = ChatSettings("Be brief.", "thinking", 2048, 0.6, 20, 0.9, 0.05, 1.1, 42)
PERSONAS = [Persona("p1", "Teacher", ChatSettings(system="Teach.")), Persona("p2", "Editor", SETTINGS)]


@pytest.fixture
def panel(qtbot: QtBot) -> ChatSettingsPanel:
    made = ChatSettingsPanel(ThemeManager())
    qtbot.addWidget(made)
    made.resize(PANEL_WIDTH, 640)
    made.set_personas(PERSONAS)
    made.show()
    return made


def test_what_is_set_is_what_it_says(panel: ChatSettingsPanel) -> None:
    panel.set_settings(SETTINGS, "")
    assert panel.settings() == SETTINGS
    panel.set_settings(ChatSettings(), "")
    assert panel.settings() == ChatSettings()
    panel.set_settings(ChatSettings(temperature=0.0, top_k=0, seed=0), "")
    assert panel.settings() == ChatSettings(temperature=0.0, top_k=0, seed=0)


def test_no_setter_emits(panel: ChatSettingsPanel) -> None:
    told: list[object] = []
    for signal in (panel.settings_changed, panel.persona_chosen, panel.persona_updated, panel.closed):
        signal.connect(lambda *args: told.append(args))
    panel.set_settings(replace(SETTINGS, temperature=0.123), "p2")  # finer than the field shows
    panel.flush()
    panel.set_personas(PERSONAS[:1])
    panel.set_defaults(Sampling(), "system")
    panel.set_settings(ChatSettings(), "p1")
    panel.flush()
    assert told == []


def test_changes_are_gathered(panel: ChatSettingsPanel, qtbot: QtBot) -> None:
    panel.set_settings(ChatSettings(mode="thinking"), "")
    told: list[ChatSettings] = []
    panel.settings_changed.connect(told.append)
    with qtbot.waitSignal(panel.settings_changed, timeout=2000):
        panel.system.setPlainText("Be kind.")
        panel.rows["temperature"].spin.setValue(0.3)
        panel.rows["top_k"].spin.setValue(5)
    assert told == [ChatSettings(system="Be kind.", mode="thinking", temperature=0.3, top_k=5)]


def test_a_pending_change_is_not_told_of_another_conversation(panel: ChatSettingsPanel) -> None:
    told: list[ChatSettings] = []
    panel.settings_changed.connect(told.append)
    panel.rows["seed"].spin.setValue(7)
    panel.set_settings(ChatSettings(temperature=0.123), "")
    panel.flush()
    assert told == []


def test_the_model_s_own_is_named_and_steps_begin_there(panel: ChatSettingsPanel, qtbot: QtBot) -> None:
    spin = panel.rows["top_p"].spin
    assert spin.text() == "Model's own"
    panel.set_defaults(Sampling(top_p=0.8), "Be helpful.")
    assert spin.text() == "Model's: 0.80"
    assert panel.system.placeholderText() == "Be helpful."
    assert panel.rows["seed"].spin.text() == "New each time"
    qtbot.keyClick(spin, Qt.Key.Key_Up)
    assert spin.number() == pytest.approx(0.85)
    panel.set_defaults(None, "")
    assert panel.settings().top_p == pytest.approx(0.85)


def test_a_typed_number_counts_and_an_empty_field_is_the_model_s_own(
    panel: ChatSettingsPanel, qtbot: QtBot
) -> None:
    spin = panel.rows["temperature"].spin
    spin.setFocus()
    qtbot.keyClicks(spin, "0.45")
    assert panel.settings().temperature == pytest.approx(0.45)
    spin.selectAll()
    qtbot.keyClick(spin, Qt.Key.Key_Backspace)
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert panel.settings().temperature is None


@pytest.mark.parametrize("number", NUMBERS, ids=lambda one: one.field)
def test_every_number_goes_back_to_the_model_s_own(panel: ChatSettingsPanel, qtbot: QtBot, number) -> None:
    panel.set_settings(SETTINGS, "")
    reset = panel.findChild(QToolButton, f"reset_{number.field}")
    assert reset.isVisible()
    with qtbot.waitSignal(panel.settings_changed, timeout=2000) as told:
        qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert told.args == [replace(SETTINGS, **{number.field: None})]
    assert not reset.isVisible()
    assert panel.rows[number.field].spin.hasFocus()


def test_the_wheel_turns_no_number_without_the_focus(panel: ChatSettingsPanel) -> None:
    panel.set_settings(SETTINGS, "")
    panel.system.setFocus()
    spin, none = panel.rows["temperature"].spin, Qt.MouseButton.NoButton
    at, held = QPointF(5, 5), Qt.KeyboardModifier.NoModifier
    wheel = QWheelEvent(at, at, QPoint(), QPoint(0, 120), none, held, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(spin, wheel)
    assert spin.number() == pytest.approx(0.6)


def test_a_persona_is_chosen(panel: ChatSettingsPanel, qtbot: QtBot) -> None:
    assert [panel.persona.itemText(row) for row in range(3)] == ["No persona", "Teacher", "Editor"]
    assert not panel.update_button.isVisible()
    panel.persona.setFocus()
    with qtbot.waitSignal(panel.persona_chosen) as chosen:
        qtbot.keyClick(panel.persona, Qt.Key.Key_Down)
    assert chosen.args == ["p1"]
    panel.set_settings(SETTINGS, "p2")
    assert panel.persona.currentText() == "Editor"
    with qtbot.waitSignal(panel.persona_removed) as removed:
        qtbot.mouseClick(panel.remove, Qt.MouseButton.LeftButton)
    assert removed.args == ["p2"]


def test_a_persona_is_updated_once_it_differs(panel: ChatSettingsPanel, qtbot: QtBot) -> None:
    panel.set_settings(SETTINGS, "p2")
    assert not panel.update_button.isEnabled()
    panel.rows["seed"].spin.setValue(43)
    qtbot.waitUntil(panel.update_button.isEnabled)
    with qtbot.waitSignal(panel.persona_updated) as updated:
        qtbot.mouseClick(panel.update_button, Qt.MouseButton.LeftButton)
    assert updated.args == ["p2", replace(SETTINGS, seed=43)]


def test_a_persona_is_saved_under_a_name(panel: ChatSettingsPanel, qtbot: QtBot) -> None:
    panel.set_settings(SETTINGS, "")
    qtbot.mouseClick(panel.save, Qt.MouseButton.LeftButton)
    field = panel.findChild(QLineEdit, "persona_name")
    assert field.hasFocus()
    with qtbot.assertNotEmitted(panel.closed):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert panel.save.isVisible()
    panel.save.click()
    qtbot.keyClicks(field, "Mine")
    with qtbot.waitSignal(panel.persona_saved) as saved:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert saved.args == ["Mine", SETTINGS]


def test_closing_tells_what_is_pending_first(panel: ChatSettingsPanel, qtbot: QtBot) -> None:
    told: list[str] = []
    panel.settings_changed.connect(lambda _settings: told.append("settings"))
    panel.closed.connect(lambda: told.append("closed"))
    panel.rows["seed"].spin.setValue(1)
    for widget in (panel.persona, panel.system, panel.rows["seed"].spin):
        qtbot.keyClick(widget, Qt.Key.Key_Escape)
    qtbot.mouseClick(panel.close_button, Qt.MouseButton.LeftButton)
    assert told == ["settings", *["closed"] * 4]


def test_what_takes_the_focus_has_a_name(panel: ChatSettingsPanel) -> None:
    nameless = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.objectName().startswith("qt_")
        and (not widget.objectName() or not (widget.accessibleName() or getattr(widget, "text", str)()))
    ]
    assert nameless == []
    assert len(panel.findChildren(QAbstractSpinBox)) == len(NUMBERS)


def test_all_settings_are_reached_from_here(panel: ChatSettingsPanel, qtbot: QtBot) -> None:
    button = panel.findChild(QPushButton, "all_settings")
    with qtbot.waitSignal(panel.all_settings_requested):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def test_numbers_are_written_as_in_the_language_of_the_window(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASCADE_LANGUAGE", "de")
    panel = ChatSettingsPanel(ThemeManager())
    qtbot.addWidget(panel)
    panel.set_settings(replace(ChatSettings(), temperature=0.6, top_k=1000), "")
    spin = panel.findChild(OwnSpin, "setting_temperature")
    whole = panel.findChild(OwnSpin, "setting_top_k")
    assert spin is not None
    assert whole is not None
    assert (spin.text(), whole.text()) == ("0,60", "1000")
    for typed in ("1,25", "1.25"):
        spin.set_number(0.6)
        spin.lineEdit().selectAll()
        qtbot.keyClicks(spin.lineEdit(), typed)
        assert (spin.number(), spin.text()) == (1.25, "1,25")
    spin.set_number(None)
    spin.set_own(0.3, "Fachfrau Dr. Lehm")
    assert spin.text() == "Fachfrau Dr. Lehm: 0,30"
    assert spin.number() is None
