"""Colours of the palettes, spacing, radius and type: no other file names a colour or a size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SPACE: Final = (4, 8, 12, 16, 24)  # px
RADIUS_CONTROL: Final = 6
RADIUS_CARD: Final = 10
COLUMN_WIDTH: Final = 760  # px, the reading column
#: px, the reading column by what the person chose; 0 for all the room there is.
COLUMN_WIDTHS: Final = {"narrow": 600, "normal": COLUMN_WIDTH, "wide": 960, "full": 0}
LINE_HEIGHT: Final = 1.55
CODE_LINE_HEIGHT: Final = 1.45
#: Lines and the gaps between blocks against the design's, by what the person chose.
SPACINGS: Final = {"compact": 0.85, "normal": 1.0, "roomy": 1.2}
TYPE: Final = {"meta": 12, "ui": 14, "reading": 15, "code": 13, "title": 20}  # px
HEADINGS: Final = (20, 18, 16, 15, 15, 15)  # px, levels 1-6 in an answer
MOTION_MS: Final = 150
MODES: Final = ("auto", "light", "dark", "contrast")
RING: Final = 1.5  # px, the mark of keyboard focus; twice as wide in high contrast


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours of one palette as #RRGGBB."""

    window: str
    surface: str
    sunken: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_hover: str
    danger: str
    warning: str
    hover: str
    pressed: str
    bubble: str
    inline_code: str
    selection: str
    found: str
    code_keyword: str
    code_type: str
    code_function: str
    code_string: str
    code_number: str
    code_comment: str
    code_operator: str
    code_tag: str
    code_meta: str
    scroll: str
    bubble_border: str


LIGHT: Final = Tokens(
    window="#FBFBFA",
    surface="#FFFFFF",
    sunken="#F3F3F1",
    border="#E3E3DF",
    text="#1C1C1A",
    muted="#6B6B66",
    accent="#3B7A57",
    on_accent="#FFFFFF",
    accent_hover="#326A4B",
    danger="#B3261E",
    warning="#8F6000",
    hover="#ECECE9",
    pressed="#E3E3DF",
    bubble="#EAF1ED",
    inline_code="#EFEFEC",
    selection="#C5DECF",
    found="#F6E7B4",
    code_keyword="#8A3FA0",
    code_type="#7A5A00",
    code_function="#245FA8",
    code_string="#2E6E48",
    code_number="#A8431C",
    code_comment="#6B6B66",
    code_operator="#4A4A46",
    code_tag="#9B2C3F",
    code_meta="#1F6B75",
    scroll="#C1C1BF",
    bubble_border="#EAF1ED",
)

DARK: Final = Tokens(
    window="#161615",
    surface="#1E1E1C",
    sunken="#121211",
    border="#2E2E2B",
    text="#ECECE8",
    muted="#9C9C95",
    accent="#7CC39B",
    on_accent="#10231A",
    accent_hover="#93D0AE",
    danger="#F2B8B5",
    warning="#E3B341",
    hover="#262624",
    pressed="#2E2E2B",
    bubble="#202B25",
    inline_code="#2A2A28",
    selection="#2F5241",
    found="#4D421D",
    code_keyword="#CF9BE0",
    code_type="#DDBB6A",
    code_function="#86B6EE",
    code_string="#8FCBA6",
    code_number="#EFA07C",
    code_comment="#8F8F88",
    code_operator="#C4C4BD",
    code_tag="#F0949F",
    code_meta="#79C4CE",
    scroll="#4C4C48",
    bubble_border="#202B25",
)

#: High contrast: 7:1 for text (WCAG AAA), 3:1 for whatever marks a control or a state.
CONTRAST_LIGHT: Final = Tokens(
    window="#FFFFFF",
    surface="#FFFFFF",
    sunken="#FFFFFF",
    border="#5E5E5E",
    text="#000000",
    muted="#333333",
    accent="#00492A",
    on_accent="#FFFFFF",
    accent_hover="#002E1A",
    danger="#8A0000",
    warning="#573700",
    hover="#E4E4E4",
    pressed="#D0D0D0",
    bubble="#F2F2F2",
    inline_code="#EFEFEF",
    selection="#5FA883",
    found="#F2D95C",
    code_keyword="#5B0F75",
    code_type="#4F3900",
    code_function="#003A80",
    code_string="#00492A",
    code_number="#7A2600",
    code_comment="#3D3D3D",
    code_operator="#1A1A1A",
    code_tag="#7A0019",
    code_meta="#00444D",
    scroll="#5E5E5E",
    bubble_border="#5E5E5E",
)

CONTRAST_DARK: Final = Tokens(
    window="#000000",
    surface="#000000",
    sunken="#000000",
    border="#A8A8A8",
    text="#FFFFFF",
    muted="#D6D6D6",
    accent="#8CF0B8",
    on_accent="#000000",
    accent_hover="#C4FBDC",
    danger="#FFB8B2",
    warning="#FFD95E",
    hover="#262626",
    pressed="#383838",
    bubble="#141414",
    inline_code="#242424",
    selection="#1A6340",
    found="#5C4B00",
    code_keyword="#E3B8F2",
    code_type="#FFD988",
    code_function="#A8D0FF",
    code_string="#A6F0C4",
    code_number="#FFBE9E",
    code_comment="#C8C8C8",
    code_operator="#EDEDED",
    code_tag="#FFB3BC",
    code_meta="#9BEBF5",
    scroll="#A8A8A8",
    bubble_border="#A8A8A8",
)


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two #RRGGBB colours (w3.org/TR/WCAG22, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
