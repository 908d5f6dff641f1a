"""The entry point `cascade-desk`: a subcommand goes to the command line, else the window opens."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from app.paths import Paths

_NO_DISPLAY = 'No display was found, so no window can open. In this terminal: cascade-desk ask "…"'
#: What a start without arguments asks for; argparse is imported for others alone.
_NOTHING: dict[str, object] = {"files": [], "attach": [], "data_dir": None, "portable": False}
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
    options = _parse(arguments) if arguments else SimpleNamespace(**_NOTHING)
    if not has_display():
        sys.stderr.write(f"cascade-desk: {_NO_DISPLAY}\n")
        return 1
    return run_window(options)


def _words(arguments: list[str]) -> Callable[[str], str]:
    """What translates, where words will be shown: importing it takes longer than all the parsing."""
    if not {"-h", "--help"}.intersection(arguments):
        return str
    from app.language import tr

    return tr


def _parse(arguments: list[str]) -> argparse.Namespace:
    from app.options import OptionParser  # late: the first frame does without argparse
    from app.version import VERSION

    tr = _words(arguments)

    parser = OptionParser(
        silent=tr is str,
        prog="cascade-desk",
        description=tr(
            "Open the window. `cascade-desk ask` answers one question without it (`ask --help` tells how), "
            "and `cascade-desk doctor` says what is wrong."
        ),
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help=tr("a model (.gguf) to load, documents and folders to attach"),
    )
    parser.add_argument(
        "--attach", metavar="PATH", action="append", default=[], help=tr("a document or a folder; repeatable")
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data-dir", metavar="PATH", help=tr("keep the app's data there"))
    where.add_argument("--portable", action="store_true", help=tr("keep the app's data beside the program"))
    parser.add_argument(
        "--version", action="version", version=f"Cascade Desk {VERSION}", help=tr("say which version this is")
    )
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


def run_window(options: argparse.Namespace | SimpleNamespace) -> int:
    """Open the window and stay until it is closed, or tell the one that is open."""
    gc.disable()  # it would look through what is imported again and again; the window collects by itself
    from ui.claim import ElsewhereError, claim, say

    try:
        paths = _paths(options)
        files, attach = _absolute(options.files), _absolute(options.attach)
        lock = claim(paths, files, attach)
    except ElsewhereError as elsewhere:
        if elsewhere.words:
            say(elsewhere.words)
        return elsewhere.status
    from ui.plain_imports import read_no_sources

    read_no_sources()
    from ui.start import Asked, run

    return run(Asked(paths, files, attach, lock))


def _paths(options: argparse.Namespace | SimpleNamespace) -> Paths:
    """The folders; raises ElsewhereError where portable data can't be written."""
    from app.paths import Paths, portable_folder
    from ui.claim import ElsewhereError, is_writable, not_portable

    folder = portable_folder()
    if options.data_dir is not None or not (options.portable or folder.is_dir()):
        return Paths.default(options.data_dir)
    if not is_writable(folder):
        raise ElsewhereError(1, not_portable(folder))
    return Paths.default(folder)


def _absolute(paths: Sequence[str]) -> tuple[str, ...]:
    """Wherever the program stands when it is told of them."""
    return tuple(os.path.abspath(path) for path in paths)  # noqa: PTH100 - no look


if __name__ == "__main__":
    raise SystemExit(main())
