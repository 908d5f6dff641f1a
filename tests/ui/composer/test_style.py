from __future__ import annotations

import pytest

from ui.composer.style import composer_stylesheet
from ui.dialogs.style import dialogs_stylesheet
from ui.frame_style import frame_stylesheet
from ui.palette.style import palette_stylesheet
from ui.theme import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Tokens

ALL = (LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK)


@pytest.mark.parametrize("tokens", ALL)
@pytest.mark.parametrize(
    "sheet", [composer_stylesheet, dialogs_stylesheet, palette_stylesheet, frame_stylesheet]
)
def test_the_rules_are_filled_from_the_theme(sheet, tokens: Tokens) -> None:
    made = sheet(tokens)
    assert "$" not in made
    assert tokens.border in made
    assert made.count("{") == made.count("}")
