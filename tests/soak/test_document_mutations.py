"""2,000 damaged documents of each kind: text or a message, and the reader lives on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents import corpus
from tests.documents.test_mutations import survive

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("name", corpus.MAKERS)
def test_mutations(name: str, tmp_path: Path) -> None:
    survive(name, 2000, tmp_path)
