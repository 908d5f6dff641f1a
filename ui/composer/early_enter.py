"""An Enter that came while the app still starts: it sends once there is a model to send to. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from ui.composer.question_edit import QuestionEdit


class EarlyEnter(QObject):
    """Keeps the wish to send until it is known whether a model is on its way; a change of the text ends it.

    Make it before anything else listens to `edit.submitted`: what is sent at once is no wish any more.
    """

    def __init__(self, edit: QuestionEdit) -> None:
        super().__init__(edit)
        self.setObjectName("early_enter")
        self._edit = edit
        self._starting, self._wished = True, False
        edit.submitted.connect(self._on_submitted)
        edit.textChanged.connect(self._forget)
        edit.escaped.connect(self._forget)

    @Slot(bool)
    def set_usable(self, usable: bool) -> None:
        """Whether there is a model, or one on its way; from the first time on nothing waits here."""
        wished, self._starting, self._wished = self._wished, False, False
        if wished and usable:
            self._edit.submitted.emit()

    @Slot(str)
    def on_decided(self, path: str) -> None:
        """Which model is loaded at the start; empty for none."""
        if not path:
            self.set_usable(False)

    @Slot()
    def _on_submitted(self) -> None:
        self._wished = self._starting and self._edit.has_text()

    @Slot()
    def _forget(self) -> None:
        self._wished = False
