from __future__ import annotations

import pytest

from ui.composer.style import composer_stylesheet
from ui.dialogs.style import dialogs_stylesheet
from ui.theme import DARK, LIGHT, Tokens


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sheet", [composer_stylesheet, dialogs_stylesheet])
def test_the_rules_are_filled_from_the_theme(sheet, tokens: Tokens) -> None:
    made = sheet(tokens)
    assert "$" not in made
    assert tokens.border in made
    assert made.count("{") == made.count("}")
