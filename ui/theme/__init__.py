"""The one source of colour, spacing, radius and type: palette, stylesheet and icons are made from it."""

from ui.theme.manager import STYLE, ThemeManager
from ui.theme.reading import Reading
from ui.theme.sheet import palette, stylesheet
from ui.theme.tokens import (
    CODE_LINE_HEIGHT,
    COLUMN_WIDTH,
    COLUMN_WIDTHS,
    CONTRAST_DARK,
    CONTRAST_LIGHT,
    DARK,
    HEADINGS,
    LIGHT,
    LINE_HEIGHT,
    MODES,
    MOTION_MS,
    RADIUS_CARD,
    RADIUS_CONTROL,
    RING,
    SPACE,
    SPACINGS,
    TYPE,
    Tokens,
    contrast,
)

__all__ = [
    "CODE_LINE_HEIGHT",
    "COLUMN_WIDTH",
    "COLUMN_WIDTHS",
    "CONTRAST_DARK",
    "CONTRAST_LIGHT",
    "DARK",
    "HEADINGS",
    "LIGHT",
    "LINE_HEIGHT",
    "MODES",
    "MOTION_MS",
    "RADIUS_CARD",
    "RADIUS_CONTROL",
    "RING",
    "SPACE",
    "SPACINGS",
    "STYLE",
    "TYPE",
    "Reading",
    "ThemeManager",
    "Tokens",
    "contrast",
    "palette",
    "stylesheet",
]
