from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture(scope="session", autouse=True)
def what_stays_is_not_looked_through(qapp: QApplication) -> Iterator[None]:
    """Modules live as long as the tests: collecting after each of them need not go through them all.

    With the application: asking Qt for the keys of a platform without one is a crash.
    """
    importlib.import_module("ui.application")
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module", autouse=True)
def nor_what_other_modules_left(what_stays_is_not_looked_through: None) -> None:
    """What is alive between two files stays: models, fixtures of the session, caches of libraries."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def qt_garbage_goes_here() -> Iterator[None]:
    """Qt objects in cycles are taken apart on this thread, not on one that a later test starts."""
    yield
    gc.collect()
