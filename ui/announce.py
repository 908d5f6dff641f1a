"""Saying something aloud where a screen reader is at work; elsewhere it costs nothing."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def is_heard() -> bool:
    """Whether any assistive technology listens."""
    return QAccessible.isActive()


def announce(widget: QWidget, text: str, urgent: bool = False) -> None:
    """Have a text read out, `urgent` at once, otherwise after what is being said. GUI thread."""
    if not text or not is_heard():
        return
    event = QAccessibleAnnouncementEvent(widget, text)
    kinds = QAccessible.AnnouncementPoliteness
    event.setPoliteness(kinds.Assertive if urgent else kinds.Polite)
    QAccessible.updateAccessibility(event)
