from __future__ import annotations

import pytest

from app.models.cards import CASCADE, card_for
from app.models.catalogue import KNOWN


@pytest.mark.parametrize(
    "name", [file.path for repository in KNOWN for file in repository.files] + ["NEMOTRON_CASCADE_2"]
)
def test_the_real_model_has_a_card(name: str) -> None:
    assert card_for(name) is CASCADE


@pytest.mark.parametrize(
    "name", ["", "Nemotron-Cascade-8B", "Nemotron-Cascade-20", "xnemotron-cascade-2", "SmolLM2-135M-Instruct"]
)
def test_no_other_model_gets_its_scores(name: str) -> None:
    assert card_for(name) is None


def test_the_card_says_who_published_and_what_it_is_weak_at() -> None:
    assert "NVIDIA" in CASCADE.source
    assert CASCADE.weak
    scores = {score.name: (score.value, score.with_tools) for score in CASCADE.scores}
    assert scores["AIME 2025"] == ("92.4", "98.6")
    assert scores["GPQA-Diamond"] == ("76.1", "")
