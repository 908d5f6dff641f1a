"""Looking for a newer version, against a server here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app import updates
from app.errors import NetworkError
from app.updates import Release, address, look, newer

PAGE = "https://example.com/releases/9"


class Server:
    """Answers with what it is told to; knows how often it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.asked = 200, b"", 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}/latest"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def say(self, **told: object) -> None:
        self.body = json.dumps(told).encode()

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def test_it_is_nowhere_unless_an_address_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(updates.VARIABLE, raising=False)
    assert address() == updates.ADDRESS == ""
    for given, taken in (("https://x.example/l", True), ("http://x.example/l", False), ("file:///x", False)):
        monkeypatch.setenv(updates.VARIABLE, given)
        assert bool(address()) is taken


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"tag_name": "v9.1.0", "html_url": PAGE}, Release("9.1.0", PAGE)),
        ({"version": "0.1.1", "url": PAGE}, Release("0.1.1", PAGE)),
        ({"version": "0.10", "url": PAGE}, Release("0.10", PAGE)),
        ({"version": "0.1.0", "url": PAGE}, None),
        ({"version": "0.0.9", "url": PAGE}, None),
        ({"version": "9.0", "url": PAGE, "prerelease": True}, None),
        ({"version": "9.0", "url": "http://example.com/"}, None),
        ({"version": "9.0", "url": "https://example.com/<b>"}, None),
        ({"version": "9.0<b>", "url": PAGE}, None),
        ({"version": 9, "url": PAGE}, None),
        ({"version": "9.0"}, None),
        ([], None),
    ],
)
def test_only_a_newer_version_with_a_page_counts(told: object, found: Release | None) -> None:
    assert newer(json.dumps(told).encode(), "0.1.0") == found


def test_what_is_no_answer_is_none() -> None:
    assert newer(b"<html>") is None
    assert newer(b"[" * 100_000) is None


def test_a_server_is_asked(server: Server) -> None:
    server.say(version="9.0", url=PAGE)
    assert look(server.address) == Release("9.0", PAGE)
    server.body = b" " * 200_000 + server.body
    assert look(server.address) is None  # too long to be an answer


def test_trouble_is_told_in_words(server: Server) -> None:
    for status in (302, 404, 500):
        server.status = status
        with pytest.raises(NetworkError):
            look(server.address)
    with pytest.raises(NetworkError):
        look("http://127.0.0.1:1/")
    with pytest.raises(NetworkError):
        look(server.address, "nonsense://")
