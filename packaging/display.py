"""Say plainly that there is no display, instead of letting Qt abort.

    python packaging/display.py [ARGUMENTS OF cascade-desk]

Exit status 1 and one line on standard error if a window is wanted and cannot open.
Standard library only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

MESSAGE = 'No display was found, so no window can open. In this terminal: .venv/bin/cascade-desk ask "…"'

#: Qt platforms that draw without a display server.
WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def needs_window(arguments: Sequence[str]) -> bool:
    """Whether `cascade-desk` with these arguments opens its window: subcommands and help do not."""
    commands = {"ask", "-h", "--help"}
    return not (arguments and arguments[0] in commands)


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether Qt has something to draw on. Only Linux starts sessions without a display."""
    if not platform.startswith("linux"):
        return True
    if environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in WITHOUT_DISPLAY:
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def main(arguments: Sequence[str]) -> int:
    if not needs_window(arguments) or has_display(os.environ, sys.platform):
        return 0
    print(MESSAGE, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
