"""A hub on this machine, and the session to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest

from app.models.hub import Hub
from app.models.session import HubSettings
from tests.models.hub_server import HubServer

REPO = "someone/Small-GGUF"


def content(size: int, seed: int = 1) -> bytes:
    """So many bytes that no other seed gives."""
    return np.random.default_rng(seed).bytes(size)


@pytest.fixture
def server() -> Iterator[HubServer]:
    """A hub that is empty at first."""
    made = HubServer()
    yield made
    huggingface_hub.close_session()
    made.close()


@pytest.fixture
def hub(server: HubServer) -> Hub:
    """The app's side of it, without a token."""
    return Hub(HubSettings(endpoint=server.endpoint))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where models are put."""
    return tmp_path / "models"
