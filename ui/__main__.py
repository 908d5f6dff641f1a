"""The entry point `cascade-desk`: a subcommand goes to the command line, else the window opens."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_NO_DISPLAY = 'No display was found, so no window can open. In this terminal: cascade-desk ask "…"'
_WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def main(argv: Sequence[str] | None = None) -> int:
    """Run and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments:
        from app.commands import COMMANDS

        if arguments[0] in COMMANDS:
            from app.cli import main as cli_main

            return cli_main(arguments)
    if arguments[:1] == ["export-process"]:
        from ui.export.process import main as export_main

        return export_main()
    options = _parse(arguments)
    if not has_display():
        sys.stderr.write(f"cascade-desk: {_NO_DISPLAY}\n")
        return 1
    return run_window(options)


def _parse(arguments: list[str]) -> argparse.Namespace:
    import argparse  # late: the first frame does without

    parser = argparse.ArgumentParser(
        prog="cascade-desk",
        description="Open the window. `cascade-desk ask --help` tells of the command line.",
    )
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="a model (.gguf) to load, documents and folders to attach"
    )
    parser.add_argument(
        "--attach", metavar="PATH", action="append", default=[], help="a document or a folder; repeatable"
    )
    parser.add_argument("--data-dir", metavar="PATH", help="keep the app's data there")
    return parser.parse_args(arguments)


def has_display() -> bool:
    """Whether Qt has something to draw on; it would end the process otherwise."""
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in _WITHOUT_DISPLAY:
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    return bool(os.environ.get("DISPLAY")) and _x_server_answers()


def _x_server_answers() -> bool:
    """Whether a connection to DISPLAY can be made; Qt would abort where it can't."""
    import ctypes

    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # let Qt say what is missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return answers


def run_window(options: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    from app.paths import Paths
    from ui.start import asked_for, run

    return run(asked_for(Paths.default(options.data_dir), options.files, options.attach))


if __name__ == "__main__":
    raise SystemExit(main())
