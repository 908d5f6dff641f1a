"""The composer's part of the stylesheet, made from the theme's tokens."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import Final

from ui.theme import RADIUS_CARD, RADIUS_CONTROL, SPACE, TYPE, Tokens

_SHEET: Final = Template("""
QToolButton#mode_only { border: 1px solid $border; border-radius: ${control}px; padding: 4px 10px;
    font-size: ${meta}px; color: $muted; }
QToolButton#mode_only:focus { border-color: $accent; }
QFrame#editing_line { background: transparent; border: none; }
QFrame#editing_line QToolButton, QFrame[inline="true"] QToolButton { padding: 3px; }
QFrame[inline="true"] { background: transparent; border: none; }
QFrame[inline="true"] QLineEdit { padding: 3px ${s1}px; }
QFrame[inline="true"] QPushButton { padding: 3px ${s2}px; }
QFrame#snippet_popup { background: $surface; border: 1px solid $border; border-radius: ${card}px; }
QListWidget#snippet_list { background: transparent; }
QListWidget#snippet_list::item:hover, QListWidget#snippet_list::item:selected { background: transparent; }
QLabel#snippet_hint { background: transparent; padding: 2px ${s1}px ${s0}px ${s1}px; }
QToolButton#snippet_remove { padding: 3px; }
QToolButton#snippet_remove:hover { background: $pressed; }
QFrame#queue_bar { background: $sunken; border: 1px solid $border; border-radius: ${control}px; }
QFrame#queue_bar QFrame, QWidget#queue_list, QScrollArea#queue_area { background: transparent; border: none; }
QFrame#queue_bar QPushButton { background: transparent; border: 1px solid transparent; text-align: left;
    padding: ${s0}px; color: $text; }
QFrame#queue_bar QPushButton#queue_line { color: $muted; font-size: ${meta}px; padding: ${s0}px; }
QFrame#queue_bar QPushButton:hover { background: $hover; }
QFrame#queue_bar QPushButton:focus { border-color: $accent; }
QFrame#queue_bar QToolButton { padding: 3px; }
QFrame#chip_bar, QWidget#chip_flow, QScrollArea#chip_area { background: transparent; border: none; }
QToolButton#chip_remove, QToolButton#chip_retry { padding: 3px; }
QToolButton#chip_remove:hover, QToolButton#chip_retry:hover { background: $pressed; }
QToolButton#attach { padding: ${s0}px; }
QPushButton#password_show:checked { background: $pressed; }
QLabel[role="meta"][tone="danger"] { color: $danger; }
""")


def composer_stylesheet(tokens: Tokens) -> str:
    """The rules for the composer, its list of snippets and the queue."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    sizes = {"card": RADIUS_CARD, "control": RADIUS_CONTROL, "meta": TYPE["meta"]}
    return _SHEET.substitute(values, **sizes, **{f"s{n}": size for n, size in enumerate(SPACE)})
