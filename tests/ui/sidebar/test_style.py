from __future__ import annotations

import pytest

from ui.sidebar.style import WIDTH, sidebar_stylesheet
from ui.theme import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Tokens, contrast

ALL = (LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK)


@pytest.mark.parametrize("tokens", ALL)
def test_the_sheet_is_made_of_tokens(tokens: Tokens) -> None:
    sheet = sidebar_stylesheet(tokens)
    assert "$" not in sheet
    assert tokens.sunken in sheet
    assert WIDTH == 260


@pytest.mark.parametrize("tokens", ALL)
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *[("text", back) for back in ("sunken", "hover", "pressed", "selection")],
        *[("muted", back) for back in ("sunken", "hover")],
        *[(front, "sunken") for front in ("accent", "danger")],
    ],
)
def test_what_the_rows_paint_passes_aa(tokens: Tokens, front: str, back: str) -> None:
    assert contrast(getattr(tokens, front), getattr(tokens, back)) >= 4.5
