"""Which model is loaded at start, and which one the next time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from app.settings.model import EngineSettings, Settings
from app.settings.store import Found
from tests.ui.models import PLAIN
from ui.control.first_model import FirstModel
from ui.control.settings import SettingsControl
from ui.notices import Notice
from ui.workers.settings import SettingsWorker

STARTER = "/starter.gguf"


class First:
    """The control, with a worker that looks at real files."""

    def __init__(self, root: QObject, path: Path, starter: str = STARTER) -> None:
        self.settings = SettingsControl(root)
        self.control = FirstModel(self.settings, starter, root)
        self.worker = SettingsWorker(path)
        self.decided: list[str] = []
        self.notices: list[Notice] = []
        self.control.look_wanted.connect(self.worker.look)
        self.worker.looked.connect(self.control.on_looked)
        self.control.decided.connect(self.decided.append)
        self.control.notice.connect(self.notices.append)

    def restore(self, **engine: object) -> None:
        found = Found(Settings(engine=EngineSettings(**engine)))  # type: ignore[arg-type]
        self.settings.on_loaded(found)

    def loaded(self, path: str) -> None:
        self.control.on_model(None)
        self.control.on_model(replace(PLAIN, path=path))

    @property
    def last(self) -> str:
        return self.settings.engine.last_model


@pytest.fixture
def firsts(qapp: object, tmp_path: Path) -> Iterator[Callable[..., First]]:
    root = QObject()
    yield lambda starter=STARTER: First(root, tmp_path / "settings.json", starter)
    for timer in root.findChildren(QObject):
        timer.blockSignals(True)


@pytest.fixture
def first(firsts: Callable[..., First]) -> First:
    return firsts()


def test_the_first_time_it_is_the_starter(first: First) -> None:
    first.control.start("")
    assert not first.decided
    first.restore()
    assert first.decided == [STARTER]
    first.loaded(STARTER)
    assert first.last == ""


@pytest.mark.parametrize("settings_first", [True, False])
def test_the_last_model_where_it_is_still_there(first: First, tmp_path: Path, settings_first: bool) -> None:
    model = tmp_path / "m.gguf"
    model.touch()
    steps = [lambda: first.restore(last_model=str(model)), lambda: first.control.start("")]
    for step in steps if settings_first else steps[::-1]:
        step()
    assert first.decided == [str(model)]
    assert not first.notices


def test_a_model_that_was_named_comes_first_and_at_once(first: First) -> None:
    first.control.start("/named.gguf")
    assert first.decided == ["/named.gguf"]
    first.restore(last_model="/other.gguf")
    assert first.decided == ["/named.gguf"]
    first.loaded("/named.gguf")
    assert first.last == "/named.gguf"


@pytest.mark.parametrize("path", ["/gone/<b>m</b>.gguf", "/" + "x" * 4000, "/"])
def test_a_file_that_is_gone_is_told_and_the_starter_loaded(first: First, path: str) -> None:
    first.control.start("")
    first.restore(last_model=path)
    assert first.decided == [STARTER]
    (notice,) = first.notices
    assert "not where it was. The starter model is loaded instead" in notice.text
    first.loaded(STARTER)
    assert first.last == path  # the disk it is on may be there the next time
    first.loaded("/other.gguf")
    first.loaded(STARTER)
    assert first.last == ""  # chosen now


def test_without_a_starter_there_is_none(firsts: Callable[..., First]) -> None:
    first = firsts("")
    first.control.start("")
    first.restore(last_model="/gone.gguf")
    assert first.decided == [""]
    assert "No model is loaded" in first.notices[0].text


def test_none_is_loaded_where_that_was_chosen(first: First) -> None:
    first.control.start("")
    first.restore(last_model="/m.gguf", load_last=False)
    assert first.decided == [""]
    assert not first.notices


def test_a_model_is_remembered_by_its_whole_path(first: First) -> None:
    first.restore()
    first.loaded("m.gguf")
    assert first.last == str(Path("m.gguf").absolute())


def test_the_first_start_does_not_wait_for_the_database(first: First) -> None:
    first.control.start("")
    first.settings.on_loaded(Found(fresh=True))
    assert not first.settings.ready
    assert first.decided == [STARTER]
