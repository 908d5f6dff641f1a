"""Loads the common lexers before the first code block needs one (5 to 90 ms each)."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QThread

from app.render.highlight import warm

_COMMON: Final = ("python", "bash", "json", "javascript", "typescript", "html", "css", "c", "cpp", "java")
_MORE: Final = (
    "rust",
    "go",
    "sql",
    "yaml",
    "toml",
    "diff",
    "tex",
    "markdown",
    "xml",
    "csharp",
    "php",
    "ruby",
)


class LexerWarmer(QThread):
    """A thread that does one thing and ends; interrupted between two lexers."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lexer_warmer")

    def run(self) -> None:
        for _known in warm(_COMMON + _MORE):
            if self.isInterruptionRequested():
                return
            self.msleep(10)  # the window comes first: let it have the interpreter
