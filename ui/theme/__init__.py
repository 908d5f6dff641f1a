"""The one source of colour, spacing, radius and type: palette, stylesheet and icons are made from it."""

from ui.theme.manager import ThemeManager
from ui.theme.sheet import palette, stylesheet
from ui.theme.tokens import (
    CODE_LINE_HEIGHT,
    COLUMN_WIDTH,
    DARK,
    HEADINGS,
    LIGHT,
    LINE_HEIGHT,
    MODES,
    MOTION_MS,
    RADIUS_CARD,
    RADIUS_CONTROL,
    SPACE,
    TYPE,
    Tokens,
    blend,
    contrast,
)

__all__ = [
    "CODE_LINE_HEIGHT",
    "COLUMN_WIDTH",
    "DARK",
    "HEADINGS",
    "LIGHT",
    "LINE_HEIGHT",
    "MODES",
    "MOTION_MS",
    "RADIUS_CARD",
    "RADIUS_CONTROL",
    "SPACE",
    "TYPE",
    "ThemeManager",
    "Tokens",
    "blend",
    "contrast",
    "palette",
    "stylesheet",
]
