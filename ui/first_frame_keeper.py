"""Keeps how the window looks for the next start's first frame. GUI thread; the store's writes the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot

from app.files import write_atomic
from app.store.store import Store
from ui.first_frame import FirstFrame
from ui.throttle import Throttle

if TYPE_CHECKING:
    from ui.application import Application
    from ui.main_window import MainWindow

_MS = 200
_MOST_HINT = 200


class FirstFrameKeeper(QObject):
    """Writes a picture of the window a moment after it has changed."""

    def __init__(self, desk: Application, path: Path) -> None:
        super().__init__(desk)
        self.setObjectName("first_frame_keeper")
        self._desk, self._path = desk, path
        self._written = FirstFrame()
        self._due = Throttle(_MS, self)
        self._due.due.connect(self._keep)
        desk.window.place_changed.connect(self._due.request)
        desk.window.sidebar_changed.connect(self._due.request)
        desk.theme.changed.connect(self._due.request)
        desk.theme.reading_changed.connect(self._due.request)

    def flush(self) -> None:
        """Hand it to the store now."""
        self._due.cancel()
        self._keep()

    @Slot()
    def _keep(self) -> None:
        window = self._desk.window
        if not window.isVisible() or window.picture is not None or window.isMinimized():
            return
        frame = measured(window, self._written)
        if frame == self._written:
            return
        self._written, path = frame, self._path

        def job(_store: Store) -> None:
            try:
                write_atomic(path, frame.bytes())
            except OSError:
                return  # then the next start looks as the design has it

        self._desk.store.write(job)


def measured(window: MainWindow, before: FirstFrame) -> FirstFrame:
    """How the window looks now; `before` stands in for a composer that holds more than a line."""
    whole, composer, edit = window.centralWidget(), window.composer, window.composer.edit
    corner = composer.mapTo(whole, QPoint(0, 0))
    field = edit.mapTo(composer, QPoint(0, 0))
    line = edit.fontMetrics().lineSpacing()
    above = any(one.isVisible() for one in (composer.editing_line, composer.snippet_name, composer.chips))
    plain = edit.height() < 2 * line + 2 * edit.document().documentMargin() and not above
    theme = window.view.theme
    frame = FirstFrame(
        place=window.place(),
        theme=theme.mode,
        dark=theme.dark,
        contrast=theme.contrast,
        percent=round(100 * theme.reading.zoom),
        width=whole.width(),
        height=whole.height(),
        sidebar=0 if window.sidebar.isHidden() else window.sidebar.width(),
        top=window.top_bar.height(),
        status=window.status.height(),
        x=corner.x(),
        y=corner.y(),
        wide=composer.width(),
        tall=composer.height(),
        most=min(composer.maximumWidth(), (1 << 15) - 1),
        left=field.x(),
        above=field.y(),
        inner=edit.width(),
        line=edit.height(),
        hint=edit.placeholderText()[:_MOST_HINT],
    )
    return frame if plain else _shrunk(frame, before)


def _shrunk(frame: FirstFrame, before: FirstFrame) -> FirstFrame:
    """The same with a composer of one line: it grows upwards."""
    from dataclasses import replace

    bottom = frame.y + frame.tall
    return replace(
        frame,
        y=bottom - before.tall,
        tall=before.tall,
        left=before.left,
        above=before.above,
        line=before.line,
    )
