from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.models.metering import Meter
from ui.meters.memory_meter import MemoryMeter, tooltip
from ui.theme import LIGHT, ThemeManager

GB = 10**9
CARD = Meter("A card", False, 24 * GB, (17 * GB, 2 * GB, 50_000_000, GB, 2 * GB, 2 * GB - 50_000_000))
RAM = Meter("RAM", True, 32 * GB, (0, 0, 0, 0, 8 * GB, 24 * GB))


def test_it_says_how_full_the_first_device_is(qtbot: QtBot) -> None:
    meter = MemoryMeter(ThemeManager())
    qtbot.addWidget(meter)
    assert not meter.isVisibleTo(None)
    meter.set_meters((CARD, RAM))
    assert meter.label.text() == "VRAM 22.1 GB of 24.0 GB"
    assert meter.accessibleName() == "Memory: VRAM 22.1 GB of 24.0 GB"
    meter.set_meters((RAM,))
    assert meter.label.text() == "RAM 8.0 GB of 32.0 GB"
    meter.set_meters(())
    assert meter.isHidden()


def test_the_tooltip_has_the_numbers() -> None:
    text = tooltip((CARD, RAM))
    for part in ("A card", "Weights 17.0 GB", "KV cache 2.0 GB", "Recurrent state 50 MB", "RAM: 8.0 GB"):
        assert part in text
    assert "No GPU" not in text
    assert "No GPU" in tooltip((RAM,))


def test_a_device_s_name_is_no_html() -> None:
    assert "<b>" not in tooltip((Meter("<b>x", False, GB, (0, 0, 0, 0, 0, GB)),))


def test_click_and_keys_ask_for_more(qtbot: QtBot) -> None:
    meter = MemoryMeter(ThemeManager())
    qtbot.addWidget(meter)
    meter.set_meters((CARD,))
    meter.show()
    for act in (
        lambda: qtbot.mouseClick(meter, Qt.MouseButton.LeftButton),
        lambda: qtbot.keyClick(meter, Qt.Key.Key_Return),
        lambda: qtbot.keyClick(meter, Qt.Key.Key_Space),
    ):
        with qtbot.waitSignal(meter.opened):
            act()


def test_the_bar_is_stacked(qtbot: QtBot) -> None:
    theme = ThemeManager("light")
    meter = MemoryMeter(theme)
    qtbot.addWidget(meter)
    meter.set_meters((CARD,))
    meter.show()
    image = meter.bar.grab().toImage()
    y, width = image.height() // 2, image.width()

    def at(share: float) -> str:
        return image.pixelColor(int(width * share), y).name().upper()

    assert at(0.3) == LIGHT.accent.upper()  # weights
    assert at(0.75) == LIGHT.code_function.upper()  # KV cache
    assert at(0.88) == LIGHT.muted.upper()  # other programs
    assert at(0.97) == LIGHT.pressed.upper()  # free
    too_much = Meter("A card", False, 10 * GB, (12 * GB, 0, 0, 0, 0, 0))
    meter.set_meters((too_much,))
    image = meter.bar.grab().toImage()
    assert at(0.95) == LIGHT.danger.upper()
