from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def what_stays_is_not_looked_through() -> Iterator[None]:
    """Modules live as long as the tests: collecting after each of them need not go through them all."""
    importlib.import_module("ui.application")
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def qt_garbage_goes_here() -> Iterator[None]:
    """Qt objects in cycles are taken apart on this thread, not on one that a later test starts."""
    yield
    gc.collect()
