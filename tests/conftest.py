"""What every test has: Qt without a screen, no leaked thread or process, and the models."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.models.starter import starter_path
from app.paths import Paths
from tests import miniatures

# Before any test imports Qt; a screen that was asked for is kept.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# What the tests read is what the sources say, whatever language the machine speaks.
os.environ["CASCADE_LANGUAGE"] = "en"

#: They need a build of their own and minutes: make test-gpu.
collect_ignore = [] if os.environ.get("CASCADE_TEST_GPU") else ["gpu"]

_GRACE_S = 5.0


def _threads() -> set[threading.Thread]:
    """Python's own threads; a thread that C++ started only leaves a stub behind."""
    dummy = threading._DummyThread  # type: ignore[attr-defined]
    return {thread for thread in threading.enumerate() if not isinstance(thread, dummy)}


def _children() -> set[int]:
    return {
        child.pid
        for child in psutil.Process().children()
        if child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    }


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """A test that leaves a thread or a child process behind fails."""
    threads, children = _threads(), _children()
    yield
    deadline = time.monotonic() + _GRACE_S
    while (_threads() - threads or _children() - children) and time.monotonic() < deadline:
        time.sleep(0.01)
    leaked = sorted(thread.name for thread in _threads() - threads)
    assert not leaked, f"threads left behind: {leaked}"
    orphans = _children() - children
    assert not orphans, f"processes left behind: {sorted(orphans)}"


@pytest.fixture(autouse=True)
def nothing_to_be_deleted_stays() -> Iterator[None]:
    """What a test sent to deleteLater goes, before the next one styles and paints it once more."""
    yield
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """The app's folders, below the test's own."""
    return Paths.default(tmp_path / "data")


@pytest.fixture(scope="session")
def starter() -> Path:
    """The starter model."""
    path = starter_path()
    assert path is not None, "the starter model is not installed: make setup"
    return path


@pytest.fixture(scope="session")
def hybrid() -> Path:
    return miniatures.hybrid()


@pytest.fixture(scope="session")
def plain() -> Path:
    return miniatures.plain()


@pytest.fixture(scope="session")
def sliding() -> Path:
    return miniatures.sliding()
