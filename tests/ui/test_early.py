"""What is imported by the time of the first frame: next to nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

#: Each takes its time; all of it is imported behind the first frame.
HEAVY = (
    "PySide6.QtNetwork", "PySide6.QtSvg", "app.chat", "app.documents", "app.engine", "app.language",
    "app.models", "app.render", "app.settings", "app.store", "asyncio", "concurrent.futures", "filelock",
    "httpx", "huggingface_hub", "importlib.resources", "jinja2", "llama_cpp", "logging", "markdown_it",
    "multiprocessing", "numpy", "pygments", "pypdfium2", "socket", "sqlite3", "tempfile", "ui.application",
    "ui.chat", "ui.composer", "ui.control", "ui.sidebar", "ui.theme.icons", "ui.window_layout",
    "ui.window_parts", "ui.workers",
)  # fmt: skip
#: Python's side of a class is made when it is first needed; these have dozens of enumerations.
LARGE = ("Qt", "QDialog", "QFileDialog", "QIcon", "QLayout", "QStyle")
_PROGRAM = """
import linecache, os, sys
import ui.__main__, ui.plain_imports
bare = set(sys.argv[2].split())
def painted(_early):
    print(*[name for name in sys.modules if name not in bare])
    for module in ("QtCore", "QtGui", "QtWidgets"):
        print(*[f"made:{name}" for name in vars(sys.modules[f"PySide6.{module}"])])
    print("read:", len([name for name in linecache.cache if name.endswith(".py")]), flush=True)
    os._exit(0)
read_no_sources = ui.plain_imports.read_no_sources
def begin():
    read_no_sources()
    import ui.early
    ui.early.Early._on_painted = painted
ui.plain_imports.read_no_sources = begin
sys.exit(ui.__main__.main(["--data-dir", sys.argv[1]]))
"""
_BARE = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow, QTextEdit
print(*sys.modules)
"""


def _modules(*arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", *arguments],
        env=dict(os.environ, QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def test_nothing_heavy_stands_before_the_first_frame(tmp_path: Path) -> None:
    bare = _modules(_BARE)
    (tmp_path / "first-frame.json").write_text('{"hint": "Ask anything", "place": "AAAA"}', encoding="utf-8")
    said = _modules(_PROGRAM, str(tmp_path), " ".join(bare))
    sources = int(said[said.index("read:") + 1])
    found = [name for name in said if not name.startswith("made:")]
    made = {name.removeprefix("made:") for name in said if name not in found}
    assert "ui.first_picture" in found
    assert [name for name in found if name.startswith(HEAVY)] == []
    assert len(found) < 60
    assert {"QPainter", "QMainWindow"} <= made
    assert made.isdisjoint(LARGE)
    assert sources < 4  # shiboken's own
