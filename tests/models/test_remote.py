"""A header that is read over the network is the one that a local file has."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import AccessError, HubError, ModelFileError
from app.models.catalogue import HubReference
from app.models.gguf import ModelHeader, read_model
from app.models.hub import Hub
from app.models.remote import read_remote
from tests.models.conftest import REPO, content
from tests.models.hub_server import HubServer


def read(hub: Hub, quantization: str = "") -> ModelHeader:
    listing = hub.list(HubReference(REPO, quantization=quantization))
    return read_remote(hub, listing, listing.choices[0])


def test_it_reads_the_header_and_little_else(server: HubServer, hub: Hub, hybrid: Path) -> None:
    data = hybrid.read_bytes() + content(20_000_000)
    server.add(REPO, {"Small-Q4_0.gguf": data})
    found, local = read(hub), read_model(hybrid)
    assert found.layout == local.layout
    assert found.tensors == local.tensors
    assert found.n_bytes == len(data)
    assert sum(seen.sent for seen in server.seen) < len(data) / 2


@pytest.mark.parametrize("storage", ["other", "same", "none"])
def test_it_follows_to_wherever_the_bytes_are(
    server: HubServer, hub: Hub, hybrid: Path, storage: str
) -> None:
    server.storage = storage
    server.add(REPO, {"Small-Q4_0.gguf": hybrid.read_bytes()})
    assert read(hub).architecture == "nemotron_h_moe"


def test_what_is_no_model_is_refused(server: HubServer, hub: Hub) -> None:
    server.add(REPO, {"Small-Q4_0.gguf": content(1000)})
    with pytest.raises(ModelFileError, match="not a GGUF"):
        read(hub)


def test_a_server_that_sends_no_parts_is_read_only_from_the_start(
    server: HubServer, hub: Hub, hybrid: Path
) -> None:
    server.add(REPO, {"Small-Q4_0.gguf": hybrid.read_bytes()})
    listing = hub.list(HubReference(REPO))
    server.fail(method="GET", route="storage", times=-1, no_range=True)
    with pytest.raises(HubError, match="in parts"):
        read_remote(hub, listing, listing.choices[0])


def test_what_the_server_refuses_is_said(server: HubServer, hub: Hub, hybrid: Path) -> None:
    server.add(REPO, {"Small-Q4_0.gguf": hybrid.read_bytes()})
    listing = hub.list(HubReference(REPO))
    server.fail(route="resolve", times=-1, status=401)
    with pytest.raises(AccessError):
        read_remote(hub, listing, listing.choices[0])
