"""Loads the lexers that the window itself uses, for short lines, before the first code block needs one."""

from __future__ import annotations

from PySide6.QtCore import QThread

from app.render.highlight import warm


class LexerWarmer(QThread):
    """A thread that does one thing and ends; interrupted between two lexers."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lexer_warmer")

    def run(self) -> None:
        for _known in warm():
            if self.isInterruptionRequested():
                return
            self.msleep(10)  # the window comes first: let it have the interpreter
