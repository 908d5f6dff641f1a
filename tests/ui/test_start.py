"""The start as a whole: a window that is filled behind its first frame, closed early, told to save, moved."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.chat.library import NEW
from app.paths import Paths
from app.store.store import Store
from tests.engine import scripted_engine
from ui.application import Application
from ui.early import Early
from ui.first_frame import FirstFrame, load
from ui.main_window import MainWindow
from ui.theme import ThemeManager


@pytest.fixture
def early(qapp: QApplication) -> Iterator[Early]:
    made = Early(qapp, FirstFrame(hint="Ask anything"))
    yield made
    made.end()
    made.window.close()
    made.window.deleteLater()
    gc.enable()


@pytest.fixture
def fill(
    qapp: QApplication, tmp_path: Path, paths: Paths, early: Early
) -> Iterator[Callable[[], Application]]:
    """Makes the application behind the window, over a scripted engine."""
    made: list[Application] = []

    def make() -> Application:
        (tmp_path / "plan.json").write_text("[{}]", encoding="utf-8")
        model = tmp_path / "model.gguf"
        model.write_bytes(b"GGUF" + bytes(64))
        command = [sys.executable, scripted_engine.__file__, str(tmp_path)]
        made.append(Application(qapp, paths, command, early=early))
        made[0].start(str(model))
        return made[0]

    yield make
    for desk in made:
        desk.window.close()
        desk.close()


def _drafts(paths: Paths) -> list[str]:
    store = Store.open(paths.store)
    try:
        return [store.draft(NEW)]
    finally:
        store.close()


def test_it_is_filled_behind_its_first_frame(
    qtbot: QtBot, early: Early, paths: Paths, fill: Callable[[], Application]
) -> None:
    with qtbot.waitSignal(early.ready, timeout=20_000), qtbot.waitSignal(early.shown):
        early.show()
    picture = early.window.picture
    assert picture is not None
    QTest.keyClicks(picture.edit, "Hel")
    desk = fill()
    QTest.keyClicks(picture.edit, "lo")
    with qtbot.waitSignal(early.window.revealed, timeout=10_000):
        pass
    assert desk.window is early.window
    assert desk.window.composer.draft() == "Hello"
    assert desk.window.composer.edit.isVisible()
    qtbot.waitUntil(lambda: load(paths.first_frame).place != "", timeout=10_000)
    assert load(paths.first_frame).hint == desk.window.composer.edit.placeholderText()


def test_words_of_a_window_that_was_closed_at_once_are_saved(
    qtbot: QtBot, early: Early, paths: Paths, fill: Callable[[], Application]
) -> None:
    with qtbot.waitSignal(early.ready, timeout=20_000):
        early.show()
    assert early.window.picture is not None
    QTest.keyClicks(early.window.picture.edit, "Remember")
    early.window.close()
    assert early.leaving
    assert not early.window.isVisible()
    fill()
    with qtbot.waitSignal(early.window.closing, timeout=10_000):
        pass
    assert _drafts(paths) == ["Remember"]


def test_at_logout_all_is_written_before_it_goes_on(
    qtbot: QtBot, early: Early, paths: Paths, fill: Callable[[], Application]
) -> None:
    with qtbot.waitSignal(early.ready, timeout=20_000):
        early.show()
    desk = fill()
    with qtbot.waitSignal(early.window.revealed, timeout=10_000):
        pass
    QTest.keyClicks(desk.window.composer.edit, "unsaved")
    desk.save_now()
    assert _drafts(paths) == ["unsaved"]
    assert desk.window.isVisible()


def test_a_place_on_a_screen_that_is_gone(qtbot: QtBot, theme_light: ThemeManager) -> None:
    far = MainWindow(theme_light)
    qtbot.addWidget(far)
    far.setGeometry(9000, 7000, 900, 700)
    again = MainWindow(theme_light)
    qtbot.addWidget(again)
    again.restore_place(far.place())
    again.show()
    screen = again.screen().availableGeometry()
    assert screen.intersected(again.frameGeometry()).width() > 300


@pytest.fixture
def theme_light(qapp: QApplication) -> ThemeManager:
    return ThemeManager("light")


_OFFSCREEN = dict(os.environ, QT_QPA_PLATFORM="offscreen")


def _watched(program: str, data: Path) -> subprocess.Popen[str]:
    """A program that goes on."""
    command = [sys.executable, "-c", program, str(data)]
    return subprocess.Popen(
        command, env=_OFFSCREEN, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def _ended(program: str, data: Path) -> subprocess.CompletedProcess[str]:
    """A program that ends of itself."""
    command = [sys.executable, "-c", program, str(data)]
    return subprocess.run(command, env=_OFFSCREEN, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_terminal_that_goes_away_ends_it(tmp_path: Path) -> None:
    program = (
        "import sys, os, signal\n"
        "import ui.start, ui.early\n"
        "shown = ui.early.Early._on_imported\n"
        "def told(early):\n"
        "    print('there', flush=True)\n"
        "    shown(early)\n"
        "ui.early.Early._on_imported = told\n"
        "import ui.__main__\n"
        "sys.exit(ui.__main__.main(['--data-dir', sys.argv[1]]))\n"
    )
    process = _watched(program, tmp_path / "data")
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    process.send_signal(signal.SIGHUP)
    assert process.wait(30) == 0
    process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_second_wish_to_quit_at_the_very_end_is_no_failure(tmp_path: Path) -> None:
    """The interpreter takes signals no more by then, and would leave them to the system."""
    program = (
        "import os, signal, sys\n"
        "import ui.early, ui.__main__\n"
        "class Last:\n"
        "    def __del__(self, kill=os.kill, pid=os.getpid(), number=signal.SIGTERM):\n"
        "        print('last', flush=True)\n"
        "        kill(pid, number)\n"
        "last = Last()\n"
        "ui.early.Early._on_imported = lambda early: early.window.close()\n"
        "sys.exit(ui.__main__.main(['--data-dir', sys.argv[1]]))\n"
    )
    done = _ended(program, tmp_path / "data")
    assert done.stdout == "last\n"
    assert done.returncode == 0, done.stderr


def test_a_window_that_cannot_be_filled_does_not_stay(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "import ui.application\n"
        "def broken(*_arguments, **_rest):\n"
        "    raise RuntimeError('no window for you')\n"
        "ui.application.Application.__init__ = broken\n"
        "import ui.__main__\n"
        "sys.exit(ui.__main__.main(['--data-dir', sys.argv[1]]))\n"
    )
    done = _ended(program, tmp_path / "data")
    assert done.returncode == 1
    assert "no window for you" in done.stderr
    assert list((tmp_path / "data" / "logs").glob("crash-*.txt")), "the next start has nothing to tell"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and signals of POSIX")
def test_settings_that_are_a_pipe_hold_nothing_up(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    os.mkfifo(data / "settings.json")
    os.mkfifo(data / "first-frame.json")
    program = (
        "import sys\n"
        "import ui.application, ui.__main__\n"
        "start = ui.application.Application.start\n"
        "def told(desk, model=None):\n"
        "    start(desk, model)\n"
        "    print('there', flush=True)\n"
        "ui.application.Application.start = told\n"
        "sys.exit(ui.__main__.main(['--data-dir', sys.argv[1]]))\n"
    )
    process = _watched(program, data)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
