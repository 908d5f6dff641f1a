"""The HTTP session to the hub: one for the process, huggingface_hub's own, set up as the person wants.

Answers other than a file that was asked for are limited in size, a link from https to http is not
followed, and what goes wrong is told in words.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import httpx2
from huggingface_hub import get_session, is_offline_mode, set_client_factory
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled
from huggingface_hub.utils import build_hf_headers, parse_ratelimit_headers

from app.errors import AccessError, HubError, NetworkError, NotFoundError, RateLimitError
from app.language import mark, tr
from app.models.hub_settings import HubSettings as HubSettings  # noqa: PLC0414 - others take it from here

#: A listing of 100,000 files stays below.
LARGEST_ANSWER_BYTES = 32 * 1024 * 1024
CONNECT_S = 15.0
#: A server that sends nothing for so long is given up, and asked again.
STALL_S = 30.0
#: Marks a request whose answer may be as long as it likes.
FILE = "cascade_desk_file"

_AGAIN = mark("Check the network, then try again.")
_MISSING = {
    "RevisionNotFound": mark("The hub has no such revision of {what}."),
    "EntryNotFound": mark("The hub has no such file any more: {what}."),
}
_SERVER_ERRORS = frozenset({408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524, 529})


def open_session(settings: HubSettings) -> None:
    """From now on every request to the hub goes out as `settings` say. Transfers that run are cut.

    Raises HubError where the proxy's address makes no sense.
    """
    try:
        proxy = httpx2.Proxy(settings.proxy) if settings.proxy else None
        if proxy is not None and proxy.url.scheme not in ("http", "https"):
            raise ValueError(proxy.url.scheme)
    except (ValueError, httpx2.InvalidURL) as error:
        raise HubError(
            tr("The address of the proxy cannot be used."),
            tr("Give one that begins with http:// or https://."),
        ) from error
    set_client_factory(lambda: _client(settings, proxy))


def _client(settings: HubSettings, proxy: httpx2.Proxy | None) -> httpx2.Client:
    def check_request(request: httpx2.Request) -> None:
        if settings.offline or is_offline_mode():
            raise OfflineModeIsEnabled(f"offline mode is on: {request.url.host}")

    try:
        return httpx2.Client(
            event_hooks={"request": [check_request], "response": [_check_answer]},
            follow_redirects=True,
            timeout=httpx2.Timeout(STALL_S, connect=CONNECT_S),
            proxy=proxy,
            verify=_certificates(),
        )
    except ImportError as error:
        raise HubError(
            tr("The environment names a SOCKS proxy, which is not supported."),
            tr("Give an HTTP proxy in the settings."),
        ) from error


@cache
def _certificates() -> ssl.SSLContext:
    """What the system trusts; reading it takes a tenth of a second."""
    return httpx2.create_ssl_context()


def headers(settings: HubSettings) -> dict[str, str]:
    """The headers of a request to the endpoint, with the token where there is one."""
    try:
        release = version("cascade-desk")
    except PackageNotFoundError:
        release = "0"
    built: dict[str, str] = build_hf_headers(
        token=settings.token or False, library_name="cascade-desk", library_version=release
    )
    # What is compressed could not be limited, and not be resumed.
    return {**built, "accept-encoding": "identity"}


class _Limited(httpx2.SyncByteStream):
    """A body that raises HubError when it grows too long."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        total = 0
        for chunk in self._stream:
            total += len(chunk)
            if total > LARGEST_ANSWER_BYTES:
                raise HubError(
                    tr("The server's answer is too long to be a listing."), tr("Is this really the hub?")
                )
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _check_answer(response: httpx2.Response) -> None:
    if response.has_redirect_location and response.url.scheme == "https":
        target = response.url.join(response.headers["location"])
        if target.scheme != "https":
            raise HubError(tr("The server leads to an address that is not encrypted. It was not followed."))
    wanted = response.is_success and FILE in response.request.extensions
    if response.headers.get("content-encoding", "identity") != "identity":
        raise HubError(tr("The server sends its answer compressed although it was asked not to."))
    if not wanted and isinstance(response.stream, httpx2.SyncByteStream):
        response.stream = _Limited(response.stream)


@contextlib.contextmanager
def translated(what: str, *, token: bool) -> Iterator[None]:
    """Raise what goes wrong on the way to the hub as a HubError; `what` names what was asked for."""
    session = get_session()
    try:
        yield
    except OfflineModeIsEnabled as error:
        raise HubError(
            tr("Offline mode is on: nothing is fetched."),
            tr("Turn it off in the settings (or HF_HUB_OFFLINE)."),
        ) from error
    except HfHubHTTPError as error:
        code = error.response.headers.get("x-error-code", "")
        raise refusal(error.response.status_code, error.response.headers, what, token, code) from error
    except httpx2.TimeoutException as error:
        raise NetworkError(tr("The server does not answer in time."), tr(_AGAIN)) from error
    except httpx2.ProxyError as error:
        raise NetworkError(
            tr("The proxy refuses the connection."), tr("Check it in the settings.")
        ) from error
    except httpx2.ConnectError as error:
        raise _not_connected(error) from error
    except httpx2.TransportError as error:
        raise NetworkError(tr("The connection was lost."), tr(_AGAIN)) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise HubError(
            tr("The server's answer about {what} cannot be followed.", what=what),
            tr("It was: {error}", error=error)[:200],
        ) from error
    except (RuntimeError, ValueError) as error:
        # What a closed client and a closed TLS socket raise: the settings changed while it was in use.
        if not session.is_closed:
            raise
        raise NetworkError(tr("The connection was closed, because settings changed."), tr(_AGAIN)) from error


def _not_connected(error: httpx2.ConnectError) -> HubError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return HubError(
            tr("The server's certificate cannot be verified, so the connection was not made."),
            tr("If your network inspects connections, install its certificate in the system."),
        )
    return NetworkError(tr("There is no connection to the server."), tr(_AGAIN))


def check_status(response: httpx2.Response, what: str, *, token: bool) -> None:
    """Raise the HubError that an answer other than success means; reads no body."""
    if not response.is_success:
        code = response.headers.get("x-error-code", "")
        raise refusal(response.status_code, response.headers, what, token, code)


def refusal(status: int, head: Mapping[str, str], what: str, token: bool, code: str) -> HubError:
    """What a status of HTTP means for a person; `code` is the hub's own, `token` whether one was sent."""
    if status == 429:
        return RateLimitError(
            tr("The server has had too many requests from here."),
            tr("It works again later."),
            retry_after(head),
        )
    if status in _SERVER_ERRORS:
        message = tr("The server has a problem of its own (error {status}).", status=str(status))
        return NetworkError(message, tr("Try again later."), retry_after(head))
    if code == "GatedRepo" or (status == 403 and not token):
        return AccessError(
            tr("The publisher of {what} gives it only to those who asked for access.", what=what),
            tr("Ask for it on its page on the hub, then give your token in the settings."),
        )
    if status in (401, 403):
        if token:
            return AccessError(
                tr("The server does not accept the token: {what}.", what=what),
                tr("Check the token in the settings."),
            )
        return AccessError(
            tr("It does not exist, or is private: {what}.", what=what),
            tr("Check the name; a private one needs a token."),
        )
    if status in (404, 410):
        said = _MISSING.get(code, mark("The hub has no such {what}."))
        return NotFoundError(tr(said, what=what), tr("Check the name, or list it again."))
    return HubError(
        tr("The server refuses {what} (error {status}).", what=what, status=str(status)),
        tr("Try again later."),
    )


def retry_after(head: Mapping[str, str]) -> float | None:
    """After how many seconds the server wants to be asked again: Retry-After, or the hub's rate limit."""
    limit = parse_ratelimit_headers(head)
    value = next((head[key] for key in head if key.lower() == "retry-after"), "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    if value:
        with contextlib.suppress(ValueError):
            moment = parsedate_to_datetime(value)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return max(0.0, (aware - datetime.now(UTC)).total_seconds())
    return float(limit.reset_in_seconds) if limit is not None and limit.remaining == 0 else None
