"""From the first start to the first answer of the real model, against a hub on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.models.catalogue import KNOWN
from app.models.session import HubSettings
from app.paths import Paths
from tests.e2e.conftest import Desk
from tests.models.conftest import server
from tests.models.desk import QUICK
from tests.models.hub_server import HubServer
from ui.application import Application
from ui.models.page import ModelsPage

__all__ = ["server"]

KNOWN_REPO = KNOWN[0].repo
CARD = {"cardData": {"license": "other", "license_name": "nvidia-open-model-license"}}
WORDS = b"NVIDIA Open Model License Agreement"


class FirstRun(Desk):
    """The window with its models page, as a person drives it."""

    @property
    def page(self) -> ModelsPage:
        return self.application.models_dialog.page

    def click(self, widget: Any) -> None:
        self.until(lambda: widget.isVisible() and widget.isEnabled())
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def key(self, widget: Any, key: Qt.Key) -> None:
        self.qtbot.keyClick(widget, key)

    def get_real_model(self) -> None:
        """From the welcome to the recommended row, as it is on the hub."""
        self.click(self.window.welcome.real_button)
        self.until(lambda: "MB" in self.page.card.primary.text() and self.points_at_best())

    def points_at_best(self) -> bool:
        """Whether the recommended row is the chosen one, and its card is shown."""
        best, card = self.application.catalogue.shelf.recommendation(), self.page.card.card
        return best is not None and card is not None and self.page.tree.current_key() == best.key == card.key

    def accept_licence(self) -> None:
        self.until(lambda: WORDS.decode() in self.page.licence.text.toPlainText())
        self.click(self.page.licence.accept_button)

    def download(self) -> None:
        self.get_real_model()
        self.click(self.page.card.primary)
        self.accept_licence()

    def line(self) -> str:
        """What the only download says."""
        lines = list(self.page.downloads.lines.values())
        return lines[0].words.text() if lines else ""

    def model_notices(self) -> str:
        cards = self.page.notices._cards.values()
        return "\n".join(card.notice.text for card in cards)


Open = Callable[..., FirstRun]


@pytest.fixture
def hub(server: HubServer, hybrid: Path) -> HubServer:
    """The real model's repositories, with a miniature in place of its files."""
    data = hybrid.read_bytes()
    for known in KNOWN:
        files = {file.path: data for file in known.files}
        server.add(known.repo, {**files, "LICENSE.md": WORDS}, **CARD)
    return server


@pytest.fixture
def open_app(qapp: QApplication, qtbot: QtBot, tmp_path: Path, server: HubServer) -> Iterator[Open]:
    opened: list[Application] = []

    def open_it(settings: HubSettings | None = None, **options: Any) -> FirstRun:
        reached = settings or HubSettings(endpoint=server.endpoint)
        made = Application(qapp, Paths.default(tmp_path / "data"), hub_settings=lambda: reached)
        made.hub_worker.download_options = {"retry": QUICK, **options}
        opened.append(made)
        desk = FirstRun(made, qtbot)
        made.start(None)
        desk.until(made.window.isVisible)
        made.window.activateWindow()
        desk.loaded()
        return desk

    yield open_it
    for application in opened:
        application.window.close()
        application.close()
        application.window.deleteLater()


def test_from_the_first_start_to_the_first_answer(
    open_app: Open, hub: HubServer, tmp_path: Path, starter: Path
) -> None:
    desk = open_app()
    assert "Nemotron-Cascade-2" in desk.window.welcome.text.text()
    assert not hub.seen, "nothing may be asked before the person wants it"
    beats: list[float] = []
    pulse = QTimer()
    pulse.timeout.connect(lambda: beats.append(time.monotonic()))
    pulse.start(5)
    desk.get_real_model()
    card = desk.page.card.card
    assert card is not None
    assert card.why
    assert card.about is not None
    desk.until(lambda: any(fact.value == "nemotron_h_moe" for fact in desk.page.card.card.facts))
    desk.key(desk.page.tree, Qt.Key.Key_Return)
    desk.until(lambda: WORDS.decode() in desk.page.licence.text.toPlainText())
    assert not (tmp_path / "data" / "models").exists()
    desk.page.licence.accept_button.setFocus()
    desk.key(desk.page.licence.accept_button, Qt.Key.Key_Space)
    desk.until(lambda: desk.info is not None and desk.info.architecture == "nemotron_h_moe")
    assert desk.info is not None
    assert Path(desk.info.path).is_relative_to(tmp_path / "data" / "models")
    assert not desk.application.models_dialog.isVisible()
    assert max(later - sooner for sooner, later in pairwise(beats)) < 1.5, "the window stood still"
    answer = desk.ask("Prove it")
    desk.until(lambda: desk.text(answer, "reasoning") != "")
    desk.messages.stop()
    desk.finished(answer)
    desk.click(desk.window.top_bar.model_button)
    desk.until(lambda: desk.page.tree.isVisible() and desk.info.path in "".join(desk.page.tree.keys()))
    desk.page.tree.choose(f"file:{starter}")
    assert desk.page.tree.current_key() == f"file:{starter}"
    desk.key(desk.page.tree, Qt.Key.Key_Return)
    desk.until(lambda: desk.info is not None and desk.info.path == str(starter))
    assert not desk.application.models_dialog.isVisible()
    real = next(desk.application.hub_worker._paths.models.rglob("*.gguf"))
    remove_with_undo(desk, real)
    accepted = json.loads((tmp_path / "data" / "licences.json").read_text())["accepted"]
    assert list(accepted) == ["nvidia-open-model-license"]


def remove_with_undo(desk: FirstRun, file: Path) -> None:
    """By keyboard: the row is gone at once, the file only when that cannot be undone any more."""
    tree, key = desk.page.tree, f"file:{file}"
    desk.click(desk.window.top_bar.model_button)
    desk.until(tree.isVisible)
    for undone in (True, False):
        tree.choose(key)
        desk.until(lambda: tree.current_key() == key and desk.page.card.card.others[1].enabled)
        desk.key(tree, Qt.Key.Key_Delete)
        desk.until(lambda: key not in set(tree.keys()))
        assert file.exists()
        if undone:
            desk.click(desk.page.notices.findChild(object, "notice_action"))
            desk.until(lambda: key in set(tree.keys()))
    desk.key(tree, Qt.Key.Key_Escape)
    desk.until(lambda: not file.exists())


def test_who_only_changes_the_model_asks_nothing_of_the_network(open_app: Open, hub: HubServer) -> None:
    desk = open_app()
    desk.click(desk.window.top_bar.model_button)
    tree, message = desk.page.tree, desk.page.find_bar.message
    desk.until(lambda: "file:" in "".join(tree.keys()) and desk.points_at_best())
    assert "came with the app" in message.text()
    assert message.isVisible()
    assert desk.page.card.primary.text().startswith("Download")
    assert not hub.seen
    desk.click(desk.page.find_bar.refresh_button)
    desk.until(lambda: "MB" in desk.page.card.primary.text())
    assert hub.seen
    assert not message.isVisible()


def test_who_downloads_from_the_list_of_the_app_gets_it(open_app: Open, hub: HubServer) -> None:
    desk = open_app()
    desk.click(desk.window.top_bar.model_button)
    desk.until(desk.points_at_best)
    desk.click(desk.page.card.primary)
    desk.accept_licence()
    desk.until(lambda: desk.info is not None and desk.info.architecture == "nemotron_h_moe")


def test_a_licence_that_is_not_accepted_fetches_nothing(open_app: Open, hub: HubServer) -> None:
    desk = open_app()
    desk.get_real_model()
    desk.click(desk.page.card.primary)
    desk.until(lambda: WORDS.decode() in desk.page.licence.text.toPlainText())
    desk.key(desk.page.licence, Qt.Key.Key_Escape)
    desk.until(desk.page.tree.isVisible)
    assert desk.application.models_dialog.isVisible()
    desk.click(desk.page.card.primary)
    desk.until(desk.page.licence.isVisible)
    desk.click(desk.page.licence.later_button)
    assert not desk.page.downloads.isVisible()


def test_pause_cancel_and_undo_keep_what_has_arrived(open_app: Open, hub: HubServer) -> None:
    goes_on = threading.Event()
    hub.interruptions = [(8_000_000, lambda: str(goes_on.wait(20)))]
    desk = open_app()
    desk.download()
    desk.until(lambda: desk.line().startswith("8 MB of"))
    assert "Downloading" in desk.window.status.download.text()
    (line,) = desk.page.downloads.lines.values()
    desk.click(line.buttons["pause"])
    desk.until(lambda: desk.line().startswith("Paused at"))
    desk.click(line.buttons["cancel"])
    desk.until(lambda: not desk.page.downloads.isVisible())
    assert "was cancelled" in desk.model_notices()
    undo = desk.page.notices.findChild(object, "notice_action")
    goes_on.set()
    desk.click(undo)
    desk.until(lambda: desk.info is not None and desk.info.architecture == "nemotron_h_moe")
    whole = [seen for seen in hub.seen if seen.sent and seen.headers.get("range", "").endswith("-")]
    assert len(whole) == 2
    assert whole[1].start > 6_000_000


def test_a_download_goes_on_after_a_restart(open_app: Open, hub: HubServer) -> None:
    goes_on = threading.Event()
    hub.interruptions = [(8_000_000, lambda: str(goes_on.wait(20)))]
    first = open_app()
    first.download()
    first.until(lambda: first.line().startswith("8 MB of"))
    first.window.close()
    first.application.close()
    hub.interruptions.append((12_000_000, lambda: str(goes_on.wait(20))))
    desk = open_app()
    desk.until(lambda: "Downloading" in desk.window.status.download.text())
    desk.click(desk.window.status.download)
    desk.until(lambda: desk.line().startswith("12 MB of"))
    desk.application.models_dialog.close()
    goes_on.set()
    desk.until(lambda: "has arrived" in desk.notices())
    desk.click(desk.window.notices.findChild(object, "notice_action"))
    desk.until(lambda: desk.info is not None and desk.info.architecture == "nemotron_h_moe")


FAILURES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"route": "resolve", "status": 404}, "no such"),
    ({"route": "resolve", "status": 401}, "does not exist, or is private"),
    ({"route": "resolve", "status": 429, "headers": {"Retry-After": "9999"}}, "too many requests"),
    ({"route": "resolve", "status": 500}, "problem of its own"),
    ({"route": "storage", "drop": True}, "connection"),
)


def test_a_download_that_fails_says_why_and_can_be_tried_again(open_app: Open, hub: HubServer) -> None:
    room = {"bytes": 1000}
    desk = open_app(free=lambda _folder: room["bytes"])
    desk.get_real_model()
    desk.until(lambda: any(fact.value == "nemotron_h_moe" for fact in desk.page.card.card.facts))
    desk.click(desk.page.card.primary)
    desk.until(lambda: WORDS.decode() in desk.page.licence.text.toPlainText())
    assert desk.page.licence.ask is not None
    path = f"{desk.page.licence.ask.model}.gguf"
    data = hub.repos[KNOWN_REPO][path]
    hub.repos[KNOWN_REPO][path] = data[:-1] + bytes([data[-1] ^ 1])
    desk.click(desk.page.licence.accept_button)
    desk.until(lambda: "not enough room" in desk.line())
    assert desk.window.status.download.text() == "A download has stopped"
    assert not any(seen.sent for seen in hub.seen if seen.headers.get("range", "").endswith("-"))
    room["bytes"] = 10**12
    (line,) = desk.page.downloads.lines.values()
    desk.click(line.buttons["retry"])
    desk.until(lambda: "SHA-256 is another one" in desk.line())
    hub.repos[KNOWN_REPO][path] = data
    for fault, words in FAILURES:
        hub.fail(times=-1, **fault)
        desk.click(line.buttons["retry"])
        desk.until(lambda words=words: words in desk.line() and line.buttons["retry"].isVisible())
        hub.faults.clear()
    assert desk.loaded().architecture == "llama", "nothing half-used"
    desk.click(line.buttons["retry"])
    desk.until(lambda: desk.info is not None and desk.info.architecture == "nemotron_h_moe")


def test_without_a_network_the_catalogue_is_shown_and_says_so(open_app: Open) -> None:
    desk = open_app(HubSettings(endpoint="http://127.0.0.1:9"))
    desk.click(desk.window.welcome.real_button)
    desk.until(lambda: desk.page.tree.current_key().startswith(f"hub:{KNOWN_REPO}:"))
    words = "no connection"

    def shown() -> list[str]:
        return [row.name for group in desk.application.catalogue.shelf.groups() for row in group.rows]

    desk.until(lambda: any(words in name and "Sizes as known" in name for name in shown()))
    assert desk.page.card.primary.text().endswith(" GB")
    desk.click(desk.page.card.primary)
    desk.until(lambda: "could not begin" in desk.model_notices())
    assert words in desk.model_notices()


def test_another_repository_is_found_by_its_name(open_app: Open, hub: HubServer, plain: Path) -> None:
    data = plain.read_bytes()
    parts = {f"Small-Q8_0-0000{number}-of-00003.gguf": data for number in (1, 2)}
    hub.add("someone/Small-GGUF", {"Small-Q4_0.gguf": data, **parts}, cardData={"license": "mit"})
    desk = open_app()
    desk.click(desk.window.top_bar.model_button)
    edit = desk.page.find_bar.edit
    desk.qtbot.keyClicks(edit, "someone/Nothing")
    desk.key(edit, Qt.Key.Key_Return)
    desk.until(lambda: "no such someone/Nothing" in desk.page.find_bar.message.text())
    edit.clear()
    desk.qtbot.keyClicks(edit, f"{hub.endpoint}/someone/Small-GGUF")
    desk.click(desk.page.find_bar.find_button)
    desk.until(lambda: desk.page.tree.current_key() == "hub:someone/Small-GGUF:Small-Q4_0")
    assert not desk.page.find_bar.message.isVisible()
    rows = {row.name for group in desk.application.catalogue.shelf.groups() for row in group.rows}
    assert any("1 of 3 parts is missing" in name for name in rows)
    desk.until(lambda: any(fact.value == "llama" for fact in desk.page.card.card.facts))
    assert desk.page.card.card.about is None
