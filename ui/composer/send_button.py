"""The composer's round button: send, save, or stop."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QToolButton, QWidget

from app.language import tr
from ui.theme import ThemeManager

_BUTTON = 32
_ICON = 18


@dataclass(frozen=True)
class SendState:
    """What the button is for at the moment.

    Attributes:
        ready: what is written may go.
        stop: there is nothing to send and an answer to stop.
        editing: it saves a message that exists.
        busy: a question would wait for the answer that is under way.
        refusal: why nothing can be sent at all, empty where that is not so.
        enter_sends: as opposed to Ctrl+Enter.
    """

    ready: bool = False
    stop: bool = False
    editing: bool = False
    busy: bool = False
    refusal: str = ""
    enter_sends: bool = True


class SendButton(QToolButton):
    """Shows a SendState; what a click does is its owner's."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("send")
        self.setFixedSize(_BUTTON, _BUTTON)
        self.setIconSize(QSize(_ICON, _ICON))
        self._theme = theme
        self._state = SendState()
        theme.changed.connect(self._on_theme)
        self.show_state(self._state)

    def show_state(self, state: SendState) -> None:
        """Show what a click would do, or why it can't do anything."""
        self._state = state
        label, hint = _words(state)
        self.setAccessibleName(label)
        self.setAccessibleDescription(state.refusal if not state.stop else "")
        self.setToolTip(hint)
        self.setEnabled(state.ready or state.stop)
        self._on_theme()

    @Slot()
    def _on_theme(self) -> None:
        state = self._state
        icon = "stop" if state.stop else "check" if state.editing else "send"
        color = "on_accent" if state.ready or state.stop else "muted"
        self.setIcon(self._theme.icon(icon, color, _ICON))


def _words(state: SendState) -> tuple[str, str]:
    """Name and tooltip."""
    if state.stop:
        return tr("Stop"), tr("Stop (Esc)")
    key = _send_key(state.enter_sends)
    if state.editing:
        label, hint = tr("Save"), tr("Save ({key})", key=key)
    elif state.busy:
        label, hint = tr("Send next"), tr("Send next: waits until the answer is finished")
    else:
        label, hint = tr("Send"), tr("Send ({key})", key=key)
    return label, state.refusal or hint


def _send_key(enter_sends: bool) -> str:
    keys = "Return" if enter_sends else "Ctrl+Return"
    text = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return text.replace("Return", tr("Enter"))
