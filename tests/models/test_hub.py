"""Repositories through huggingface_hub, against a server that speaks the hub's API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.errors import AccessError, HubError, NetworkError, NotFoundError, RateLimitError
from app.models.catalogue import HubReference
from app.models.hub import Hub
from app.models.session import HubSettings
from tests.models.conftest import REPO, content
from tests.models.hub_server import COMMIT, TOKEN, HubServer

LICENCE = "The terms, in full.\n"
FILES = {
    "README.md": b"# card",
    "LICENSE.md": LICENCE.encode(),
    "m-Q4_0.gguf": content(2000),
    "m-Q8_0.gguf": content(4000, 2),
    "m-BF16-00001-of-00002.gguf": content(5000, 3),
    "m-BF16-00002-of-00002.gguf": content(3000, 4),
    "mmproj-m.gguf": content(100, 5),
}
CARD = {
    "license": "other",
    "license_name": "nvidia-open-model-license",
    "license_link": "https://x.example/l",
}


@pytest.fixture(autouse=True)
def repository(server: HubServer) -> None:
    server.add(REPO, FILES, cardData=CARD)


def test_a_listing(server: HubServer, hub: Hub) -> None:
    listing = hub.list(HubReference(REPO))
    assert (listing.repo, listing.revision, listing.gated) == (REPO, COMMIT, False)
    assert [(choice.name, choice.size, len(choice.files)) for choice in listing.choices] == [
        ("m-Q4_0", 2000, 1),
        ("m-Q8_0", 4000, 1),
        ("m-BF16", 8000, 2),
    ]
    assert listing.choices[0].files[0].sha256 == server.hashes[REPO, "m-Q4_0.gguf"]
    assert listing.licence.key == listing.licence.name == "nvidia-open-model-license"
    assert listing.licence.link == "https://x.example/l"
    assert [seen.path for seen in server.seen] == [f"/api/models/{REPO}?blobs=true"]
    assert "authorization" not in server.seen[0].headers


def test_the_text_of_the_licence(server: HubServer, hub: Hub) -> None:
    assert hub.licence_text(hub.list(HubReference(REPO))) == LICENCE
    server.add(REPO, {"m-Q4_0.gguf": b"x"}, tags=["license:mit"])
    listing = hub.list(HubReference(REPO))
    assert (listing.licence.key, listing.licence.path) == ("mit", "")
    assert hub.licence_text(listing) == ""


def test_a_text_that_is_not_there_any_more(server: HubServer, hub: Hub) -> None:
    listing = hub.list(HubReference(REPO))
    del server.repos[REPO]["LICENSE.md"]
    with pytest.raises(NotFoundError):
        hub.licence_text(listing)


def test_a_repository_without_a_licence_has_its_own_terms(server: HubServer, hub: Hub) -> None:
    server.add(REPO, {"m-Q4_0.gguf": b"x"}, cardData={"license": "other"})
    assert hub.list(HubReference(REPO)).licence.key == f"repository:{REPO}"
    server.add(REPO, {"m-Q4_0.gguf": b"x"}, cardData={"license": 5, "license_link": "javascript:alert(1)"})
    licence = hub.list(HubReference(REPO)).licence
    assert (licence.key, licence.link) == (f"repository:{REPO}", "")


@pytest.mark.parametrize(
    ("reference", "names"),
    [
        (HubReference(REPO, quantization="Q8_0"), ["m-Q8_0"]),
        (HubReference(REPO, path="m-BF16-00002-of-00002.gguf"), ["m-BF16"]),
        (HubReference(REPO, "main", "m-Q4_0.gguf"), ["m-Q4_0"]),
        (HubReference(REPO, COMMIT), ["m-Q4_0", "m-Q8_0", "m-BF16"]),
        (HubReference(REPO, quantization="LATEST"), ["m-Q4_0", "m-Q8_0", "m-BF16"]),
    ],
)
def test_one_file_or_quantization(reference: HubReference, names: list[str], hub: Hub) -> None:
    assert [choice.name for choice in hub.list(reference).choices] == names


def test_what_it_does_not_hold(server: HubServer, hub: Hub) -> None:
    with pytest.raises(HubError, match="holds no Q2_K"):
        hub.list(HubReference(REPO, quantization="Q2_K"))
    with pytest.raises(NotFoundError, match=f"no such revision of {REPO} at v9"):
        hub.list(HubReference(REPO, "v9"))
    with pytest.raises(NotFoundError, match="no such someone/other"):
        hub.list(HubReference("someone/other"))
    server.add(REPO, {"model.safetensors": b"x"})
    with pytest.raises(HubError, match="holds no GGUF models"):
        hub.list(HubReference(REPO))


def test_a_private_repository(server: HubServer) -> None:
    server.token = TOKEN
    with pytest.raises(AccessError, match="does not exist, or is private"):
        Hub(HubSettings(endpoint=server.endpoint)).list(HubReference(REPO))
    with pytest.raises(AccessError, match="does not accept the token"):
        Hub(HubSettings(endpoint=server.endpoint, token="hf_wrong")).list(HubReference(REPO))
    hub = Hub(HubSettings(endpoint=server.endpoint, token=TOKEN))
    assert hub.licence_text(hub.list(HubReference(REPO))) == LICENCE


def test_a_gated_repository(server: HubServer, hub: Hub) -> None:
    server.info[REPO]["gated"] = "manual"
    assert hub.list(HubReference(REPO)).gated
    server.fail(route="resolve", status=403, headers={"X-Error-Code": "GatedRepo"})
    with pytest.raises(AccessError, match="asked for access"):
        hub.metadata(hub.url(REPO, COMMIT, "m-Q4_0.gguf"), "m-Q4_0.gguf")


def test_a_server_that_is_busy_or_broken(server: HubServer, hub: Hub) -> None:
    server.fail(route="api", status=429, headers={"Retry-After": "7"})
    with pytest.raises(RateLimitError) as caught:
        hub.list(HubReference(REPO))
    assert caught.value.wait_s == 7
    server.fail(route="api", status=502)
    with pytest.raises(NetworkError, match="error 502"):
        hub.list(HubReference(REPO))
    server.fail(route="api", drop=True)
    with pytest.raises(NetworkError, match="connection was lost"):
        hub.list(HubReference(REPO))


_SIBLING: dict[str, Any] = {"rfilename": "m.gguf", "lfs": {"sha256": "0" * 64, "size": 5, "pointerSize": 1}}
_SOUND: dict[str, Any] = {"id": REPO, "sha": COMMIT, "siblings": [_SIBLING]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Please sign in to the network</html>",
        b"[]",
        b"null",
        b"5",
        b"{}",
        b"[" * 100_000,
        json.dumps({**_SOUND, "id": 5}).encode(),
        json.dumps({**_SOUND, "id": "a/b/c"}).encode(),
        json.dumps({**_SOUND, "sha": None}).encode(),
        json.dumps({**_SOUND, "sha": "../.."}).encode(),
        json.dumps({**_SOUND, "siblings": 5}).encode(),
        json.dumps({**_SOUND, "siblings": [5]}).encode(),
        json.dumps({**_SOUND, "siblings": [{}]}).encode(),
        json.dumps({**_SOUND, "siblings": [{"rfilename": 5}]}).encode(),
        json.dumps({**_SOUND, "siblings": [{"rfilename": "a.gguf", "lfs": {"size": 5}}]}).encode(),
        json.dumps({**_SOUND, "lastModified": "yesterday"}).encode(),
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_not_the_hubs(body: bytes, server: HubServer, hub: Hub) -> None:
    server.fail(route="api", status=200, body=body)
    with pytest.raises(HubError, match="cannot be understood"):
        hub.list(HubReference(REPO))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rfilename": "../../m.gguf"}, "not safe"),
        ({"rfilename": "/m.gguf"}, "not safe"),
        ({"lfs": None}, "no published SHA-256"),
        ({"lfs": {"sha256": "x", "size": 5, "pointerSize": 1}}, "no published SHA-256"),
        ({"lfs": {"sha256": "0" * 64, "size": -5, "pointerSize": 1}}, "no published SHA-256"),
        ({"lfs": {"sha256": "0" * 64, "size": "5", "pointerSize": 1}}, "no published SHA-256"),
        ({"lfs": {"sha256": "0" * 64, "size": True, "pointerSize": 1}}, "no published SHA-256"),
    ],
)
def test_files_that_cannot_be_offered(
    change: dict[str, Any], reason: str, server: HubServer, hub: Hub
) -> None:
    body = {**_SOUND, "siblings": [{**_SIBLING, **change}, {**_SIBLING, "rfilename": "good.gguf"}]}
    server.fail(route="api", status=200, body=json.dumps(body).encode())
    listing = hub.list(HubReference(REPO))
    assert [choice.name for choice in listing.choices] == ["good"]
    assert reason in listing.left_out[0]


@pytest.mark.parametrize("storage", ["other", "same", "none"])
def test_where_a_file_is(storage: str, server: HubServer, hub: Hub) -> None:
    server.storage = storage
    found = hub.metadata(hub.url(REPO, COMMIT, "m-Q4_0.gguf"), "m-Q4_0.gguf")
    assert found.size == 2000
    assert found.location.startswith(server.storage_origin if storage != "none" else server.endpoint)
    expected = "of the storage" if storage == "same" else server.hashes[REPO, "m-Q4_0.gguf"]
    assert found.etag == expected
