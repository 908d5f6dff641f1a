from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import updates
from app.paths import Paths
from tests.engine import scripted_engine
from tests.test_updates import PAGE, Server
from ui import wiring_updates
from ui.application import Application
from ui.dialogs.notice_bar import NoticeCard


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server()
    made.say(version="9.0", url=PAGE)
    monkeypatch.setenv(updates.VARIABLE, made.address)
    yield made
    made.close()


@pytest.fixture
def desk(
    server: Server, qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths
) -> Iterator[Application]:
    (tmp_path / "plan.json").write_text(json.dumps([{}]), encoding="utf-8")
    made = Application(qapp, paths, [sys.executable, scripted_engine.__file__, str(tmp_path)])
    assert made.help.updates is not None
    made.help.updates._first.setInterval(20)
    made.start()
    qtbot.waitUntil(
        lambda: made.settings.knows_file and made.help.updates._looked is not None, timeout=20_000
    )
    yield made
    made.window.close()
    made.close()
    made.window.deleteLater()


def test_it_is_off_until_it_is_switched_on_and_once_a_day(
    desk: Application, server: Server, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = desk.help.updates
    assert made is not None
    made._on_time()
    assert not made._timer.isActive()
    assert made._thread is None
    page = desk.settings_dialog.network
    assert page.updates is not None
    desk.settings.change("network", offline=True)
    page.updates.switch.click()
    assert desk.settings.settings.network.updates
    assert not made._timer.isActive()  # offline is offline
    desk.settings.change("network", offline=False)
    cards = desk.window.notices
    qtbot.waitUntil(
        lambda: any(card.notice.key == "updates" for card in cards.findChildren(NoticeCard)), timeout=20_000
    )
    (text,) = [card.notice.text for card in cards.findChildren(NoticeCard) if card.notice.key == "updates"]
    assert text == "There is a newer version: Cascade Desk 9.0."
    assert server.asked == 1
    made._on_time()  # the same day
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    cards.acted.emit("open_release")
    assert opened == [QUrl(PAGE)]
    assert server.asked == 1
    monkeypatch.setattr(wiring_updates.time, "time", lambda: made._looked + 90_000)
    made._on_time()
    qtbot.waitUntil(lambda: server.asked == 2)
