"""The palette's part of the stylesheet, made from the theme's tokens."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import Final

from ui.theme import RADIUS_CARD, RADIUS_CONTROL, SPACE, Tokens

_SHEET: Final = Template("""
QFrame#palette { background: $surface; border: 1px solid $muted; border-radius: ${card}px; }
QFrame#palette QLabel { background: transparent; border: none; }
QLineEdit#palette_field { background: $surface; border: 1px solid $border; border-radius: ${control}px;
    padding: ${s1}px ${s1}px; }
QLineEdit#palette_field:focus { border-color: $accent; }
QListView#palette_list { background: transparent; border: none; }
QListView#palette_list::item:hover, QListView#palette_list::item:selected { background: transparent;
    border: none; }
""")


def palette_stylesheet(tokens: Tokens) -> str:
    """The rules for the palette of commands."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    sizes = {"card": RADIUS_CARD, "control": RADIUS_CONTROL}
    return _SHEET.substitute(values, **sizes, **{f"s{n}": size for n, size in enumerate(SPACE)})
