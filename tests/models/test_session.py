"""What HTTP says, in words; what is not let through."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from app.errors import AccessError, HubError, NetworkError, NotFoundError, RateLimitError
from app.models.catalogue import HubReference
from app.models.hub import Hub
from app.models.session import HubSettings, _check_answer, headers, refusal, retry_after, translated
from tests.models.conftest import REPO
from tests.models.hub_server import HubServer


@pytest.mark.parametrize(
    ("status", "code", "token", "kind", "words"),
    [
        (401, "", False, AccessError, "does not exist, or is private"),
        (401, "", True, AccessError, "does not accept the token"),
        (403, "", False, AccessError, "asked for access"),
        (403, "GatedRepo", True, AccessError, "asked for access"),
        (403, "", True, AccessError, "does not accept the token"),
        (404, "RepoNotFound", False, NotFoundError, "no such thing"),
        (404, "RevisionNotFound", False, NotFoundError, "no such revision of thing"),
        (404, "EntryNotFound", False, NotFoundError, "no such file any more: thing"),
        (410, "", False, NotFoundError, "no such thing"),
        (429, "", False, RateLimitError, "too many requests"),
        (500, "", False, NetworkError, "error 500"),
        (503, "", True, NetworkError, "error 503"),
        (418, "", False, HubError, "error 418"),
    ],
)
def test_each_status_has_its_words(
    status: int, code: str, token: bool, kind: type[HubError], words: str
) -> None:
    error = refusal(status, {}, "thing", token, code)
    assert type(error) is kind
    assert words in error.message
    assert error.hint


def test_when_to_come_back() -> None:
    assert retry_after({}) is None
    assert retry_after({"Retry-After": "17"}) == 17
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({"RateLimit": '"api";r=0;t=55'}) == 55
    assert retry_after({"RateLimit": '"api";r=3;t=55'}) is None
    assert retry_after({"RateLimit": '"api";r=0;t=55', "Retry-After": "3"}) == 3
    later = datetime.now(UTC) + timedelta(seconds=90)
    assert retry_after({"Retry-After": format_datetime(later, usegmt=True)}) == pytest.approx(89, abs=2)
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"Retry-After": "9" * 500}) == 999_999_999


def test_the_token_is_sent_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_another_program")
    assert "authorization" not in headers(HubSettings())
    assert headers(HubSettings(token="hf_x"))["authorization"] == "Bearer hf_x"
    assert "hf_x" not in repr(HubSettings(token="hf_x"))
    assert headers(HubSettings())["user-agent"].startswith("cascade-desk/")


def test_a_link_to_an_unencrypted_address_is_not_followed() -> None:
    request = httpx2.Request("GET", "https://hub.example/a")
    for target, refused in (("http://cdn.example/a", True), ("https://cdn.example/a", False), ("/b", False)):
        answer = httpx2.Response(302, headers={"location": target}, request=request)
        if refused:
            with pytest.raises(HubError, match="not encrypted"):
                _check_answer(answer)
        else:
            _check_answer(answer)


def test_an_endless_listing_is_cut(server: HubServer, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.models.session.LARGEST_ANSWER_BYTES", 10_000)
    server.fail(route="api", status=200, body=b"[" * 20_000)
    with pytest.raises(HubError, match="too long"):
        hub.list(_reference())
    server.fail(route="api", status=404, body=b"x" * 20_000)
    with pytest.raises(HubError, match="too long"):
        hub.list(_reference())


def test_a_compressed_answer_is_refused(server: HubServer, hub: Hub) -> None:
    body = gzip.compress(b" " * 1_000_000)
    server.fail(route="api", status=200, body=body, headers={"Content-Encoding": "gzip"})
    with pytest.raises(HubError, match="compressed"):
        hub.list(_reference())


def test_offline_mode_asks_nobody(server: HubServer) -> None:
    hub = Hub(HubSettings(endpoint=server.endpoint, offline=True))
    with pytest.raises(HubError, match="Offline mode"):
        hub.list(_reference())
    with pytest.raises(HubError, match="Offline mode"):
        hub.metadata(hub.url(REPO, "main", "m.gguf"), "m.gguf")
    assert server.seen == []


def test_a_proxy_is_used_or_refused(server: HubServer) -> None:
    for nonsense in ("nonsense", "socks5://127.0.0.1:1", "http://[::1"):
        with pytest.raises(HubError, match="proxy cannot be used"):
            Hub(HubSettings(proxy=nonsense))
    hub = Hub(HubSettings(endpoint="http://hub.example", proxy=server.endpoint))
    with pytest.raises(HubError):
        hub.list(_reference())
    assert [seen.path for seen in server.seen] == [f"http://hub.example/api/models/{REPO}?blobs=true"]


def test_a_proxy_of_the_environment_that_cannot_be_used(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(HubError, match="SOCKS"):
        hub.list(_reference())


def test_a_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    words = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
    with pytest.raises(HubError, match="cannot be verified") as caught, translated("x", token=False):
        raise httpx2.ConnectError(words)
    assert not isinstance(caught.value, NetworkError)


def test_no_network(server: HubServer) -> None:
    hub = Hub(HubSettings(endpoint="http://127.0.0.1:1"))
    with pytest.raises(NetworkError, match="no connection"):
        hub.list(_reference())


def _reference() -> HubReference:
    return HubReference(REPO)
