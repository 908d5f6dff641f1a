"""One screen for all that a file does, and a person for each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

#: AT-SPI, and the library that speaks D-Bus, are Linux's own.
collect_ignore = [] if sys.platform.startswith("linux") else ["test_use.py"]

if sys.platform.startswith("linux"):
    from tests.atspi.session import Desktop, desktop, missing
    from tests.frozen.desk import Home

    @pytest.fixture(scope="module")
    def place() -> Iterator[Desktop]:
        if missing():
            pytest.skip(f"not installed: {missing()}")
        with desktop() as found:
            yield found

    @pytest.fixture
    def home(tmp_path: Path, place: Desktop) -> Home:
        """Somebody who has never started the program."""
        return Home(tmp_path, place)
