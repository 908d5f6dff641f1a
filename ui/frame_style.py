"""The frame's part of the stylesheet, made from the theme's tokens."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import Final

from ui.composer.style import composer_stylesheet
from ui.dialogs.style import dialogs_stylesheet
from ui.documents.style import documents_stylesheet
from ui.models.style import models_stylesheet
from ui.palette.style import palette_stylesheet
from ui.settings.style import settings_stylesheet
from ui.sidebar.style import sidebar_stylesheet
from ui.theme import RADIUS_CARD, RADIUS_CONTROL, TYPE, Tokens
from ui.theme.sheet import strong_stylesheet

_SHEET: Final = Template("""
QMainWindow, QWidget#body { background: $window; }
QWidget#top_bar { background: $window; border-bottom: 1px solid $border; }
QWidget#status_line { background: $window; border-top: 1px solid $border; }
QFrame#composer { background: $surface; border: 1px solid $border; border-radius: ${card}px; }
QFrame#composer QPlainTextEdit { background: transparent; border: none; padding: 0; font-size: ${reading}px; }
QToolButton#thinking_budget { color: $muted; font-size: ${meta}px; }
QToolButton[segment] { border: 1px solid $border; border-radius: 0; padding: 4px 10px; font-size: ${meta}px;
    color: $muted; }
QToolButton[segment="first"] { border-top-left-radius: ${control}px; border-bottom-left-radius: ${control}px;
    border-right: none; }
QToolButton[segment="last"] { border-top-right-radius: ${control}px;
    border-bottom-right-radius: ${control}px; }
QToolButton[segment]:checked { background: $pressed; color: $text; }
QToolButton[segment]:focus { border: 1px solid $accent; }
QToolButton#send { background: $accent; border: 1px solid $accent; border-radius: 16px; padding: 0; }
QToolButton#send:hover { background: $accent_hover; }
QToolButton#send:focus { border: 2px solid $text; }
QToolButton#send:disabled { background: $pressed; border-color: $pressed; }
QLabel[role="meta"] { color: $muted; font-size: ${meta}px; }
QLabel[role="meta"][tone="warning"] { color: $warning; }
QLabel[role="muted"] { color: $muted; }
QLabel#conversation_title { font-weight: 600; }
QLabel[role="badge"] { background: $sunken; color: $muted; border: 1px solid $border;
    border-radius: ${control}px; padding: 1px 8px; font-size: ${meta}px; }
QSplitter::handle { background: $border; }
QScrollArea#notices_area, QWidget#notices_inner, QScrollArea#welcome_area, QWidget#welcome_inner {
    background: transparent; }
QFrame[notice] { background: $surface; border: 1px solid $border; border-radius: ${control}px; }
QFrame[notice="warning"] { border-color: $warning; }
QFrame[notice="error"] { border-color: $danger; }
QFrame[notice] QLabel { background: transparent; border: none; }
QFrame[notice] QPushButton { padding: 2px 10px; font-size: ${meta}px; }
QFrame[notice] QToolButton { padding: 2px; }
QFrame#chat_find { background: $surface; border: 1px solid $border; border-radius: ${card}px; }
QFrame#chat_find QLabel { background: transparent; border: none; }
QFrame#chat_find QToolButton { padding: 4px; }
QToolButton#find_case, QToolButton#find_words { font-size: ${meta}px; color: $muted; }
QToolButton#find_case:checked, QToolButton#find_words:checked { color: $text; }
QLabel#notice_details { color: $muted; }
""")


def frame_stylesheet(tokens: Tokens) -> str:
    """The rules for the main window and what stands in it."""
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    sizes = {"card": RADIUS_CARD, "control": RADIUS_CONTROL, "meta": TYPE["meta"], "reading": TYPE["reading"]}
    sheets = (
        composer_stylesheet, dialogs_stylesheet, documents_stylesheet, models_stylesheet, palette_stylesheet,
        settings_stylesheet, sidebar_stylesheet,
    )  # fmt: skip
    return "\n".join(
        [_SHEET.substitute(values, **sizes), *(sheet(tokens) for sheet in sheets), strong_stylesheet(tokens)]
    )
