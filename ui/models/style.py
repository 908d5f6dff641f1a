"""The models page's part of the stylesheet, and the sizes of what it paints itself."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import Final

from ui.theme import RADIUS_CARD, RADIUS_CONTROL, SPACE, TYPE, Tokens

ROW: Final = 32  # px, a model
TALL_ROW: Final = 48  # px, a model with a second line
CARD_WIDTH: Final = 336  # px
DIALOG_SIZE: Final = (1120, 720)  # px
LEAST_SIZE: Final = (880, 480)  # px

_SHEET: Final = Template("""
QDialog#models_dialog, QWidget#models_page { background: $window; }
QTreeView#models_tree { background: $window; border: 1px solid $border; border-radius: ${control}px;
    show-decoration-selected: 0; }
QTreeView#models_tree:focus { border-color: $accent; }
QTreeView#models_tree::item:selected, QTreeView#models_tree::item:hover { background: transparent; }
QTreeView#models_tree QHeaderView { background: $window; border: none; }
QTreeView#models_tree QHeaderView::section { background: $window; color: $muted; border: none;
    border-bottom: 1px solid $border; padding: ${s0}px ${s1}px; font-size: ${meta}px; }
QFrame#model_card { background: $surface; border: 1px solid $border; border-radius: ${card}px; }
QFrame#model_card QLabel { background: transparent; border: none; }
QScrollArea#model_card_area, QWidget#model_card_inner, QScrollArea#downloads_area,
    QWidget#downloads_inner { background: transparent; border: none; }
QScrollArea#model_card_area { border: 1px solid transparent; border-radius: ${control}px; }
QScrollArea#model_card_area:focus { border-color: $accent; }
QLabel#model_card_title { font-weight: 600; }
QLabel[role="section"] { font-weight: 600; }
QLabel[tone="good"], QLabel#model_card_why { color: $accent; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="danger"] { color: $danger; }
QFrame#model_card_line { background: $border; border: none; }
QFrame#downloads { background: $sunken; border: none; border-radius: ${control}px; }
QFrame#downloads QLabel { background: transparent; }
QFrame#downloads QPushButton { padding: 2px 10px; font-size: ${meta}px; }
QLabel#licence_title { font-weight: 600; }
QPlainTextEdit#licence_text { background: $surface; padding: ${s2}px; }
QPushButton#download_line { background: transparent; border: none; border-radius: ${control}px;
    color: $accent; padding: 0 ${s0}px; font-size: ${meta}px; }
QPushButton#download_line:hover { background: $hover; }
QPushButton#download_line:focus { text-decoration: underline; }
""")


def models_stylesheet(tokens: Tokens) -> str:
    """The rules for the models page and the line that leads to it."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    sizes = {"card": RADIUS_CARD, "control": RADIUS_CONTROL, "meta": TYPE["meta"]}
    return _SHEET.substitute(values, **sizes, **{f"s{n}": size for n, size in enumerate(SPACE)})
