from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def qt_garbage_goes_here() -> Iterator[None]:
    """Qt objects in cycles are taken apart on this thread, not on one that a later test starts."""
    yield
    gc.collect()
