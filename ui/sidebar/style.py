"""The sidebar's part of the stylesheet, and the sizes of what it paints itself."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import Final

from ui.theme import RADIUS_CONTROL, SPACE, TYPE, Tokens

WIDTH: Final = 260  # px
ROW: Final = 32  # px, a heading or a conversation
TALL_ROW: Final = 48  # px, a deleted conversation
INSET: Final = SPACE[1]  # px, left and right of a row's ground
MARK: Final = 14  # px, icons in rows
DOT: Final = 6  # px, the mark of an answer under way

_SHEET: Final = Template("""
QWidget#sidebar { background: $sunken; }
QWidget#sidebar QLabel { background: transparent; border: none; }
QPushButton#sidebar_new { background: $surface; color: $text; border: 1px solid $border;
    border-radius: ${control}px; padding: 6px 8px; text-align: left; font-weight: 600; }
QPushButton#sidebar_new:hover { background: $hover; }
QPushButton#sidebar_new:pressed { background: $pressed; }
QPushButton#sidebar_new:focus { border-color: $accent; }
QToolButton#sidebar_more { padding: 6px; }
QListView#conversation_list { background: transparent; border: none; }
QLineEdit#row_editor { border: 1px solid $accent; padding: 2px 7px; }
QLabel#sidebar_note { color: $muted; font-size: ${ui}px; }
QLabel#sidebar_note[tone="trouble"] { color: $danger; }
QToolButton#sidebar_back { text-align: left; font-weight: 600; padding: 4px; }
QToolButton[view] { color: $muted; font-size: ${meta}px; padding: 4px 6px; }
QToolButton[view]:hover, QToolButton[view]:checked { color: $text; }
""")


def sidebar_stylesheet(tokens: Tokens) -> str:
    """The rules for the sidebar; they go behind those of the frame."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    return _SHEET.substitute(values, control=RADIUS_CONTROL, meta=TYPE["meta"], ui=TYPE["ui"])
