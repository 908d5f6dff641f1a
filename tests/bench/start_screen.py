"""A screen of its own (Xvfb), and a stopwatch for programs on it that looks at nothing but the screen.

A window is usable when it is drawn and what is typed into it shows. Keys are sent to the window as the
X server sends them; there is no window manager, so the focus is set as soon as the window is there.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_SIZE = "1280x900x24"
_POLL_S = 0.002
_LONGEST_S = 60.0
_KEYS, _KEY = 12, 0x057  # so many W
#: What so many W are at least wide, in px.
_WIDTH = 90
_ALL_PLANES, _Z_PIXMAP = 0xFFFFFFFF, 2


class _Attributes(ctypes.Structure):
    _fields_ = (
        *[(name, ctypes.c_int) for name in ("x", "y", "width", "height", "border_width", "depth")],
        ("visual", ctypes.c_void_p),
        ("root", ctypes.c_ulong),
        *[(name, ctypes.c_int) for name in ("kind", "bit_gravity", "win_gravity", "backing_store")],
        *[(name, ctypes.c_ulong) for name in ("backing_planes", "backing_pixel")],
        ("save_under", ctypes.c_int),
        ("colormap", ctypes.c_ulong),
        *[(name, ctypes.c_int) for name in ("map_installed", "map_state")],
        *[(name, ctypes.c_long) for name in ("all_event_masks", "your_event_mask", "do_not_propagate_mask")],
        ("override_redirect", ctypes.c_int),
        ("screen", ctypes.c_void_p),
    )


class _Image(ctypes.Structure):
    _fields_ = (
        *[(name, ctypes.c_int) for name in ("width", "height", "xoffset", "format")],
        ("data", ctypes.POINTER(ctypes.c_char)),
        *[(name, ctypes.c_int) for name in ("byte_order", "unit", "bit_order", "pad", "depth")],
        ("bytes_per_line", ctypes.c_int),
    )


@dataclass(frozen=True)
class Times:
    """Seconds from the start of the process: to its window, drawn, and to the typed text."""

    drawn: float
    usable: float


@contextmanager
def screen() -> Iterator[str]:
    """An X server; its display's name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", _SIZE, "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        try:
            yield f":{number}"
        finally:
            server.terminate()


class Eye:
    """Looks at a display and types on it."""

    def __init__(self, display: str) -> None:
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        x = self._x
        x.XOpenDisplay.restype = ctypes.c_void_p
        x.XDefaultRootWindow.restype = ctypes.c_ulong
        x.XGetImage.restype = ctypes.POINTER(_Image)
        handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        self._quiet = handler(lambda *_: 0)  # a window may be gone by the time it is asked about
        x.XSetErrorHandler(self._quiet)
        self._display = ctypes.c_void_p(x.XOpenDisplay(display.encode()))
        if not self._display:
            raise AssertionError(f"display {display} does not answer")
        self._root = ctypes.c_ulong(x.XDefaultRootWindow(self._display))
        self._code = x.XKeysymToKeycode(self._display, ctypes.c_ulong(_KEY))
        self._shift = x.XKeysymToKeycode(self._display, ctypes.c_ulong(0xFFE1))

    def close(self) -> None:
        self._x.XCloseDisplay(self._display)

    def window(self) -> tuple[int, _Attributes] | None:
        """The window that is shown and large."""
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        places = (root, parent, children, count)
        self._x.XQueryTree(self._display, self._root, *map(ctypes.byref, places))
        found = [children[at] for at in range(count.value)]
        if children:
            self._x.XFree(children)
        for window in found:
            its = _Attributes()
            there = self._x.XGetWindowAttributes(self._display, ctypes.c_ulong(window), ctypes.byref(its))
            if there and its.map_state == 2 and min(its.width, its.height) > 300:
                return window, its
        return None

    def focus(self, window: int) -> None:
        self._x.XSetInputFocus(self._display, ctypes.c_ulong(window), 2, 0)
        self._x.XSync(self._display, 0)

    def type(self) -> None:
        """Some W, as by hand."""
        for _ in range(_KEYS):
            for code, down in ((self._shift, 1), (self._code, 1), (self._code, 0), (self._shift, 0)):
                self._test.XTestFakeKeyEvent(self._display, code, down, 0)
        self._x.XFlush(self._display)

    def pixels(self, x: int, y: int, width: int, height: int) -> list[bytes]:
        """The columns of a part of the screen."""
        image = self._x.XGetImage(self._display, self._root, x, y, width, height, _ALL_PLANES, _Z_PIXMAP)
        if not image:
            return []
        its = image.contents
        rows = ctypes.string_at(its.data, its.bytes_per_line * height)
        self._x.XFree(its.data)
        self._x.XFree(image)
        line = its.bytes_per_line
        return [
            b"".join(rows[y * line + 4 * at : y * line + 4 * at + 4] for y in range(0, height, 3))
            for at in range(width)
        ]


def stopwatch(
    display: str, command: Sequence[str], field: tuple[int, int], environment: dict[str, str]
) -> tuple[Times, subprocess.Popen[bytes]]:
    """Start a program and time it; it goes on running.

    Args:
        field: where in its window, from its left and from its lower edge if negative, typed text shows.
    """
    eye = Eye(display)
    try:
        began = time.monotonic()
        null, shown = subprocess.DEVNULL, {**environment, "DISPLAY": display}
        process = subprocess.Popen(command, env=shown, stdout=null, stderr=null)
        try:
            window, its = _until(eye.window, process)
            eye.focus(window)
            # the line that is typed into: what else changes on the screen is none of it
            top = its.y + field[1] + (its.height if field[1] < 0 else 0)
            part = its.x + field[0], top, 3 * _WIDTH, 24
            before = _until(lambda: _drawn(eye.pixels(*part)), process)
            drawn = time.monotonic() - began
            eye.focus(window)
            eye.type()
            _until(lambda: _changed(before, eye.pixels(*part)) >= _WIDTH or None, process)
            return Times(drawn, time.monotonic() - began), process
        except BaseException:
            process.kill()
            process.wait()
            raise
    finally:
        eye.close()


def _until(look: Callable[[], Any], process: subprocess.Popen[bytes]) -> Any:
    end = time.monotonic() + _LONGEST_S
    while (found := look()) is None:
        if process.poll() is not None:
            raise AssertionError(f"the program ended with {process.returncode}")
        if time.monotonic() > end:
            raise AssertionError("nothing showed")
        time.sleep(_POLL_S)
    return found


def _drawn(columns: list[bytes]) -> list[bytes] | None:
    """An empty window is black."""
    return columns if columns and any(any(one[:3]) for one in columns) else None


def _changed(before: list[bytes], after: list[bytes]) -> int:
    return sum(one != other for one, other in zip(before, after, strict=False))
