"""The meter and the context slider in the real window, with a real engine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.chat.parts import Message
from app.paths import Paths
from tests import miniatures
from tests.e2e.conftest import Desk
from ui.models.context_panel import ContextPanel

OpenDesk = Callable[[Path], Desk]
LONG = "The river runs to the sea, and the sea lies still. " * 20


def read_tokens(message: Message) -> int:
    assert message.info is not None
    return message.info.read_tokens


def ask_and_stop(desk: Desk, text: str) -> str:
    """The answer of random weights has no end of its own."""
    answer = desk.ask(text)
    desk.until(lambda: desk.text(answer) != "" or desk.text(answer, "reasoning") != "")
    desk.press(Qt.Key.Key_Escape)
    desk.finished(answer)
    desk.until(lambda: desk.idle)
    return answer


def open_engine_page(desk: Desk, qtbot: QtBot) -> ContextPanel:
    """Click on the meter; the page that it opens has the slider, ready for its keys."""
    meter = desk.window.status.memory
    desk.until(meter.isVisible)
    qtbot.mouseClick(meter, Qt.MouseButton.LeftButton)
    panel = desk.application.context_panel
    desk.until(panel.isVisible)
    desk.until(panel.track.hasFocus)
    return panel


def test_the_meter_says_what_is_used_and_stops_while_nobody_looks(open_desk: OpenDesk, qtbot: QtBot) -> None:
    desk = open_desk(miniatures.hybrid())
    desk.loaded()
    meter = desk.window.status.memory
    desk.until(lambda: "KV cache" in meter.toolTip())
    for part in ("Weights", "Recurrent state", "Compute buffers", "Other programs", "Free", "No GPU"):
        assert part in meter.toolTip()
    desk.window.hide()
    assert not desk.application.meter.running
    desk.window.show()
    assert desk.application.meter.running


def test_another_context_keeps_weights_and_conversation(open_desk: OpenDesk, qtbot: QtBot) -> None:
    desk = open_desk(miniatures.hybrid())
    before = desk.loaded()
    assert before.n_ctx == 65_536  # without a GPU
    first = ask_and_stop(desk, LONG)
    whole = read_tokens(desk.ended[first])
    assert whole > 200

    panel = open_engine_page(desk, qtbot)
    desk.until(lambda: panel.field.text() == "65,536")
    panel.field.setFocus()
    panel.field.selectAll()
    qtbot.keyClicks(panel.field, "128K")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    desk.until(lambda: "Reading that much takes about" in panel.reading.text())
    assert panel.sentence.text()
    assert panel.track.tokens == 131_072
    loading: list[float] = []
    desk.models.loading_changed.connect(lambda _name, fraction: loading.append(fraction))
    qtbot.mouseClick(panel.apply_button, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.info is not None and desk.info.n_ctx == 131_072)
    assert [fraction for fraction in loading if fraction] == []  # no weights were read
    assert desk.application.settings.engine.n_ctx == 131_072
    desk.until(lambda: not panel.apply_button.isEnabled())
    assert len(desk.chat.conversation.branch()) == 2

    second = ask_and_stop(desk, "And then?")
    assert read_tokens(desk.ended[second]) < whole / 4

    qtbot.mouseClick(panel.fit_button, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.info is not None and desk.info.n_ctx == 65_536)
    assert desk.application.settings.engine.n_ctx == 0


def test_one_apply_takes_the_slider_and_the_options(open_desk: OpenDesk, qtbot: QtBot) -> None:
    desk = open_desk(miniatures.hybrid())
    desk.loaded()
    panel = open_engine_page(desk, qtbot)
    qtbot.keyClick(panel.track, Qt.Key.Key_PageDown)
    page = desk.application.settings_dialog.engine
    page.options["n_threads"].set_value(1)
    page.options_changed.emit(page.chosen())
    desk.until(lambda: panel.waiting == 32_768)
    page.apply.click()
    desk.until(lambda: desk.info is not None and desk.info.n_ctx == 32_768)
    kept = desk.application.settings.engine
    assert (kept.n_ctx, kept.n_threads) == (32_768, 1)


def test_the_slider_by_keyboard_up_to_a_million(open_desk: OpenDesk, qtbot: QtBot) -> None:
    desk = open_desk(miniatures.hybrid())
    desk.loaded()
    panel = open_engine_page(desk, qtbot)
    panel.track.setFocus()
    qtbot.keyClick(panel.track, Qt.Key.Key_End)
    assert panel.track.tokens == 1_048_576
    desk.until(lambda: any(bar.meter and bar.meter.share("kv") > 10**8 for _label, bar in panel._bars))
    page = desk.application.settings_dialog.engine
    desk.until(lambda: "1,048,576" in page.options["cache_type"].note.text())
    desk.until(lambda: "; off: " in page.options["flash_attention"].note.text())
    assert page.options["n_threads"].note.text() == f"{desk.loaded().n_threads} now"
    page.options["cache_type"].set_value("q8_0")
    page.options_changed.emit(page.chosen())
    desk.until(lambda: page.options["cache_type"].note.text().startswith("q8_0"))


def choose(panel: ContextPanel, qtbot: QtBot, text: str) -> None:
    """Type a context and apply it."""
    panel.field.setFocus()
    panel.field.selectAll()
    qtbot.keyClicks(panel.field, text)
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    qtbot.mouseClick(panel.apply_button, Qt.MouseButton.LeftButton)


def test_a_context_that_cannot_be_had_is_no_trap(open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path) -> None:
    """A million tokens of this model's cache take 128 GiB."""
    path = Paths.default(tmp_path / "data").settings
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 1, "engine": {"n_ctx": 1_048_576}}))
    shape = miniatures.Shape("plain", heads=128, kv_heads=128, head_size=128, blocks="**")
    desk = open_desk(miniatures.build(shape))
    desk.until(lambda: "Choose a smaller context." in desk.notices())
    settings = desk.application.settings
    desk.application.settings_dialog.open_page("engine")
    panel = desk.application.context_panel
    desk.until(panel.track.isEnabled)
    choose(panel, qtbot, "4096")
    assert desk.loaded().n_ctx == 4096

    choose(panel, qtbot, "1M")
    desk.until(lambda: "The model is still there" in desk.notices())
    assert desk.loaded().n_ctx == 4096
    assert settings.engine.n_ctx == 4096  # or the next start would try it again


def test_a_model_whose_file_is_gone_stays(open_desk: OpenDesk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    shutil.copyfile(miniatures.hybrid(), path)
    desk = open_desk(path)
    desk.loaded()
    panel = open_engine_page(desk, qtbot)
    path.unlink()
    choose(panel, qtbot, "8192")
    desk.until(lambda: "The model that was loaded still is" in desk.notices())
    assert desk.loaded().n_ctx == 65_536
    assert desk.application.settings.engine.n_ctx == 0
    desk.until(lambda: "cannot be read any more" in panel.sentence.text())
