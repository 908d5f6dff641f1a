"""The Tab key goes through a page as the eye does: in the order of its layouts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLayout, QScrollArea, QWidget


def stops(widget: QWidget) -> Iterator[QWidget]:
    """What the Tab key visits in a widget, itself included, shown or not."""
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    if isinstance(widget, QAbstractSpinBox | QComboBox):
        return  # their parts are theirs
    inner = widget.widget() if isinstance(widget, QScrollArea) else None
    if inner is not None:
        yield from stops(inner)
    elif widget.layout() is not None:
        yield from _laid_out(widget.layout())
    else:
        for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if not child.isWindow():
                yield from stops(child)


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        item = layout.itemAt(index)
        widget, nested = item.widget(), item.layout()
        if widget is not None:
            yield from stops(widget)
        elif nested is not None:
            yield from _laid_out(nested)


def order(*widgets: QWidget) -> None:
    """Let the Tab key go from one widget with all that is in it to the next."""
    found = [stop for widget in widgets for stop in stops(widget)]
    for first, second in pairwise(found):
        QWidget.setTabOrder(first, second)
