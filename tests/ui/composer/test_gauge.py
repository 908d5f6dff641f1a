"""The ring that says how much of the context is used."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.composer.gauge import ContextGauge
from ui.composer.gauge_value import GaugeValue
from ui.theme import ThemeManager


@pytest.fixture
def gauge(qtbot: QtBot) -> ContextGauge:
    widget = ContextGauge(ThemeManager())
    qtbot.addWidget(widget)
    return widget


def test_it_says_what_is_used_and_warns(gauge: ContextGauge) -> None:
    gauge.set_value(GaugeValue(1204, 8192, exact=True))
    assert gauge.text() == "1.2K of 8K"
    assert gauge.tone == ""
    assert "1,204 of 8,192 tokens" in gauge.toolTip()
    assert "6,988 are left" in gauge.toolTip()
    assert "documents" not in gauge.toolTip()
    assert gauge.accessibleName() == "Context used: 1.2K of 8K tokens"
    gauge.set_value(GaugeValue(7373, 8192, exact=True, documents=7000))
    assert gauge.tone == "warning"
    assert "7,000 of them are documents" in gauge.accessibleDescription()
    gauge.set_value(GaugeValue(8292, 8192, exact=True))
    assert gauge.tone == "danger"
    assert gauge.toolTip().endswith("100 too many")
    gauge.set_value(GaugeValue(1204, 8192, exact=True, answering=True))
    assert "left" not in gauge.toolTip()


def test_without_a_model_it_takes_no_room(gauge: ContextGauge) -> None:
    assert gauge.sizeHint().width() == 0
    gauge.set_value(GaugeValue(1204, 8192, exact=True))
    assert gauge.sizeHint().width() > gauge.fontMetrics().horizontalAdvance("1.2K of 8K")
    gauge.set_value(GaugeValue())
    assert gauge.sizeHint().width() == 0
    assert gauge.toolTip() == gauge.text() == ""


def test_only_a_count_that_takes_long_is_called_about(gauge: ContextGauge, qtbot: QtBot) -> None:
    gauge._patience.setInterval(1)
    gauge.set_value(GaugeValue(1204, 8192))
    assert gauge.text() == "1.2K of 8K"
    qtbot.waitUntil(lambda: gauge.text() == "about 1.2K of 8K")
    assert gauge.toolTip().startswith("About 1,204 of")
    gauge.set_value(GaugeValue(1300, 8192))
    assert gauge.text().startswith("about")
    gauge.set_value(GaugeValue(1204, 8192, exact=True))
    assert gauge.text() == "1.2K of 8K"
    assert not gauge._patience.isActive()


@pytest.mark.parametrize("used", [0, 1, 4000, 8192, 20_000])
def test_it_draws_its_share(gauge: ContextGauge, used: int) -> None:
    gauge.set_value(GaugeValue(used, 8192, exact=True))
    gauge.resize(gauge.sizeHint())
    image = gauge.grab().toImage()
    theme = gauge._theme
    colours = {image.pixelColor(x, y).name() for x in range(14) for y in range(image.height())}
    tone = theme.color("danger" if used > 8192 else "warning" if used == 8192 else "accent").name()
    assert (tone in colours) is (used > 1)
