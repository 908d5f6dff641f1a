"""The mutex by which the Windows installer knows that a window is open."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ui import open_mark


class _Create:
    """CreateMutexW as ctypes has it: it can be called, and takes its types."""

    restype: Any = None
    argtypes: Any = None

    def __init__(self, handle: int | None) -> None:
        self._handle, self.called = handle, []

    def __call__(self, *given: Any) -> int | None:
        self.called.append(given)
        return self._handle


@pytest.mark.parametrize("handle", [64, None])
def test_the_mutex_is_made_with_the_installers_name(handle: int | None) -> None:
    create = _Create(handle)
    windows = SimpleNamespace(kernel32=SimpleNamespace(CreateMutexW=create))
    assert open_mark.hold(windows) == (handle or 0)
    assert create.called == [(None, 0, "CascadeDesk")]
    assert create.restype is not None, "a handle has as many bits as a pointer"


@pytest.mark.skipif(sys.platform == "win32", reason="there it is real")
def test_elsewhere_there_is_none() -> None:
    assert open_mark.hold() == 0
