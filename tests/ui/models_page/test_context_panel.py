from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.models.metering import Meter
from app.models.prospect import ContextRange, Prospect, Zone
from ui.models.context_panel import ContextPanel
from ui.theme import ThemeManager

RANGE = ContextRange(
    4096,
    1_048_576,
    262_144,
    (Zone(300_000, "gpu"), Zone(700_000, "split"), Zone(1_048_576, "nowhere")),
    has_gpu=True,
)


@pytest.fixture
def panel(qtbot: QtBot) -> ContextPanel:
    made = ContextPanel(ThemeManager())
    qtbot.addWidget(made)
    made.set_range(RANGE)
    made.set_current(65_536)
    made.resize(600, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_without_a_model_nothing_can_be_chosen(qtbot: QtBot) -> None:
    panel = ContextPanel(ThemeManager())
    qtbot.addWidget(panel)
    assert not panel.track.isEnabled()
    assert not panel.apply_button.isEnabled()
    assert "Load a model" in panel.sentence.text()


def test_arrows_go_in_small_steps_and_page_keys_by_stops(panel: ContextPanel, qtbot: QtBot) -> None:
    panel.track.setFocus()
    qtbot.keyClick(panel.track, Qt.Key.Key_PageUp)
    assert panel.track.tokens == 131_072
    with qtbot.waitSignal(panel.previewed) as previewed:
        qtbot.keyClick(panel.track, Qt.Key.Key_Right)
    assert 131_072 < panel.track.tokens < 140_000
    assert previewed.args == [panel.track.tokens]
    qtbot.keyClick(panel.track, Qt.Key.Key_PageUp)
    assert panel.track.tokens == 262_144
    qtbot.keyClick(panel.track, Qt.Key.Key_PageDown)
    assert panel.track.tokens == 131_072
    qtbot.keyClick(panel.track, Qt.Key.Key_End)
    assert panel.track.tokens == 1_048_576
    qtbot.keyClick(panel.track, Qt.Key.Key_Home)
    assert panel.track.tokens == 4096
    assert panel.field.text() == "4,096"
    assert panel.track.accessibleDescription() == "4,096 tokens"


def test_a_value_can_be_typed_to_the_token(panel: ContextPanel, qtbot: QtBot) -> None:
    panel.field.setFocus()
    panel.field.selectAll()
    qtbot.keyClicks(panel.field, "100000")
    with qtbot.waitSignal(panel.previewed):
        qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel.track.tokens == 100_000
    assert panel.field.text() == "100,000"
    with qtbot.waitSignal(panel.applied) as applied:
        qtbot.mouseClick(panel.apply_button, Qt.MouseButton.LeftButton)
    assert applied.args == [100_000]
    for text, expected in (("9M", "1,048,576"), ("12", "4,096"), ("nonsense", "4,096")):
        panel.field.selectAll()
        qtbot.keyClicks(panel.field, text)
        qtbot.keyClick(panel.field, Qt.Key.Key_Return)
        assert panel.field.text() == expected


def test_what_was_chosen_stays_when_the_limits_come_anew(panel: ContextPanel, qtbot: QtBot) -> None:
    panel.track.setFocus()
    qtbot.keyClick(panel.track, Qt.Key.Key_End)
    panel.set_range(RANGE)
    assert panel.track.tokens == 1_048_576
    assert panel.apply_button.isEnabled()
    panel.set_current(65_536)
    panel.set_range(RANGE)
    assert panel.track.tokens == 65_536


def test_the_mouse_snaps_to_stops(panel: ContextPanel, qtbot: QtBot) -> None:
    track = panel.track
    for tokens in (131_072, 1_048_576, 4096):
        x = round(track._x(tokens)) + (2 if tokens == 131_072 else 0)
        qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=QPoint(x, 9))
        assert track.tokens == tokens
    assert panel.apply_button.isEnabled()
    track.set_tokens(65_536)


def test_apply_waits_for_a_change(panel: ContextPanel, qtbot: QtBot) -> None:
    assert not panel.apply_button.isEnabled()
    qtbot.keyClick(panel.track, Qt.Key.Key_PageUp)
    assert panel.apply_button.isEnabled()
    panel.apply_button.setFocus()
    panel.set_current(131_072)
    assert not panel.apply_button.isEnabled()
    assert panel.track.hasFocus(), "the next setting would be changed by the next key"


def test_what_lies_beyond_the_declared_length_is_said(panel: ContextPanel) -> None:
    assert not panel.note.isVisible()
    panel.set_current(524_288)
    assert panel.note.isVisible()
    assert "262,144" in panel.note.text()


def test_a_prediction_for_another_context_comes_too_late(panel: ContextPanel) -> None:
    meter = Meter("A card", False, 100, (60, 10, 0, 5, 5, 20))
    panel.show_prospect(Prospect(1, (meter,), "late"))
    assert panel.sentence.text() != "late"
    panel.show_prospect(Prospect(65_536, (meter, meter), "It fits.", "warning", "about 2 min"))
    assert panel.sentence.text() == "It fits."
    assert panel.sentence.property("tone") == "warning"
    assert panel.reading.text() == "about 2 min"
    assert [bar.meter for _label, bar in panel._bars] == [meter, meter]
    panel.show_prospect(Prospect(65_536, (meter,), "It fits."))
    assert [bar.isVisible() for _label, bar in panel._bars] == [True, False]
    assert "Weights" in panel.legend.accessibleName()


def test_zones(panel: ContextPanel) -> None:
    assert [panel.track.where(tokens) for tokens in (4096, 300_000, 300_001, 1_048_576)] == [
        "gpu", "gpu", "split", "nowhere",
    ]  # fmt: skip


def test_another_model_with_a_shorter_context(panel: ContextPanel) -> None:
    panel.set_current(524_288)
    panel.set_range(ContextRange(4096, 8192, 8192, (Zone(8192, "cpu"),)))
    assert panel.track.tokens == 8192
    assert panel.field.text() == "8,192"
    assert not panel.note.isVisible()
