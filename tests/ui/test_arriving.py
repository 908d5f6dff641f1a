from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from ui.arriving import Arrivals, sort
from ui.handover import Handover


class _Window(QMainWindow):
    model_chosen = Signal(str)


class _Desk(QObject):
    def __init__(self, window: _Window) -> None:
        super().__init__()
        self.window, self.paths = window, list[str]()
        self.models = list[str]()
        window.model_chosen.connect(self.models.append)
        self.attachments = SimpleNamespace(add_paths=self.paths.extend)


def test_models_are_told_from_documents() -> None:
    assert sort(["/a.pdf", "/b.GGUF", "/c"]) == ("/b.GGUF", ["/a.pdf", "/c"])
    assert sort(["/a.gguf", "/b.gguf"]) == ("/b.gguf", [])
    assert sort([]) == ("", [])


def test_what_comes_early_waits(qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    window = _Window()
    qtbot.addWidget(window)
    desk = _Desk(window)
    arrivals = Arrivals(qapp, window, window)  # type: ignore[arg-type]
    arrivals.on_arrived(Handover(("/m.gguf", "/a.pdf"), ("/folder",), "token"))
    assert (desk.models, desk.paths) == ([], [])
    arrivals.serve(desk)  # type: ignore[arg-type]
    assert (desk.models, desk.paths) == (["/m.gguf"], ["/a.pdf", "/folder"])
    assert os.environ["XDG_ACTIVATION_TOKEN"] == "token"
    arrivals.on_arrived(Handover(("/b.pdf",)))
    assert desk.paths[2:] == ["/b.pdf"]


def test_a_minimised_window_comes_back(qtbot: QtBot, qapp: QApplication) -> None:
    window = _Window()
    qtbot.addWidget(window)
    window.showMinimized()
    window.raise_ = lambda: None  # type: ignore[method-assign]
    Arrivals(qapp, window, window).come_to_the_front()  # type: ignore[arg-type]
    assert not window.isMinimized()
