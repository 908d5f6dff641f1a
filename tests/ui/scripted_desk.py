"""The app over a scripted engine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.paths import Paths
from tests.engine import scripted_engine
from ui.application import Application


@contextmanager
def scripted_desk(qapp: QApplication, qtbot: QtBot, folder: Path, paths: Paths) -> Iterator[Application]:
    """With a model that is loaded; `folder` gets the engine's plan and its log."""
    (folder / "plan.json").write_text("[{}]", encoding="utf-8")
    model = folder / "model.gguf"
    model.write_bytes(b"GGUF" + bytes(64))
    made = Application(qapp, paths, [sys.executable, scripted_engine.__file__, str(folder)])
    made.start(str(model))
    qtbot.waitUntil(lambda: made.models.info is not None, timeout=20_000)
    yield made
    made.window.close()
    made.close()
    made.window.deleteLater()
