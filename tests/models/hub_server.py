"""A local server that answers as the hub does, and fails as networks do.

It speaks what huggingface_hub really calls: a model's information with the sizes and SHA-256 of its files,
HEAD and GET of `resolve` with the hub's headers, redirects to storage on another origin, and ranges.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_token_of_a_test"
_PIECE = 64 * 1024
_SEND_BUFFER = 64 * 1024


@dataclass
class Fault:
    """What happens to a request in place of an answer, or to the answer.

    `route` is "api", "resolve" or "storage"; `times` is how many requests it hits, -1 for all.
    """

    method: str = ""
    route: str = ""
    times: int = 1
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drop: bool = False
    change: Callable[[dict[str, str]], None] | None = None
    no_range: bool = False
    hang: threading.Event | None = None

    def hits(self, method: str, route: str) -> bool:
        return self.times != 0 and self.method in ("", method) and self.route in ("", route)


@dataclass
class Seen:
    """A request that came, and how much of a file went back."""

    method: str
    route: str
    path: str
    headers: dict[str, str]
    start: int = 0
    sent: int = 0


class HubServer:
    """Two listening sockets: the hub, and the storage that it redirects to, which is another origin."""

    def __init__(self, *, storage: str = "other") -> None:
        #: "other" origin, "same" origin, or "none": the hub sends the bytes itself.
        self.storage = storage
        self.repos: dict[str, dict[str, bytes]] = {}
        self.info: dict[str, dict[str, Any]] = {}
        self.hashes: dict[tuple[str, str], str] = {}
        self.token = ""
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        #: Offsets in a file, ascending, and what is done when so much of it was sent.
        self.interruptions: list[tuple[int, Callable[[], str]]] = []
        #: Called behind each piece of a file that was sent.
        self.pace: Callable[[], None] = lambda: None
        self.lock = threading.Lock()
        self._servers = [_Server(self), _Server(self)]
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.005,)) for server in self._servers
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @property
    def storage_origin(self) -> str:
        if self.storage == "same":
            return self.endpoint
        return f"http://localhost:{self._servers[1].server_port}"

    def add(self, repo: str, files: dict[str, bytes], **info: Any) -> None:
        """A repository; `info` is added to what the API says of it."""
        self.repos[repo], self.info[repo] = dict(files), info
        for path, data in files.items():
            self.hashes[repo, path] = hashlib.sha256(data).hexdigest()

    def fail(self, **fault: Any) -> Fault:
        """Add a fault."""
        with self.lock:
            self.faults.append(Fault(**fault))
            return self.faults[-1]

    def starts(self) -> list[int]:
        """Where each request for a file's bytes began."""
        return [seen.start for seen in self.seen if seen.sent or seen.start]

    def refetched(self) -> list[int]:
        """For each request but the first: how many bytes it asked for that had been sent before."""
        high, found = 0, []
        for seen in self.seen:
            if seen.sent:
                if high:
                    found.append(max(0, high - seen.start))
                high = max(high, seen.start + seen.sent)
        return found


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, hub: HubServer) -> None:
        self.hub = hub
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    server: _Server
    routes: ClassVar[tuple[tuple[str, str], ...]] = (
        ("api", r"/api/models/(?P<repo>[^/]+/[^/]+)(/revision/(?P<revision>[^/]+))?"),
        ("resolve", r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)"),
        ("storage", r"/storage/(?P<repo>[^/]+/[^/]+)/(?P<path>.+)"),
    )

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing is printed."""

    def setup(self) -> None:
        # What is on its way counts as sent: little of it makes for honest figures.
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        super().setup()

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub, parts = self.server.hub, urlsplit(self.path)
        route, found = next(
            ((name, found) for name, pattern in self.routes if (found := re.fullmatch(pattern, parts.path))),
            ("", None),
        )
        seen = Seen(
            self.command, route, self.path, {key.lower(): value for key, value in self.headers.items()}
        )
        with hub.lock:
            hub.seen.append(seen)
            fault = next((fault for fault in hub.faults if fault.hits(self.command, route)), None)
            if fault is not None and fault.times > 0:
                fault.times -= 1
        fault = fault or Fault()
        if fault.hang is not None:
            fault.hang.wait(10)
        if fault.drop:
            return self._cut()
        if fault.status:
            return self._send(fault.status, fault.headers, fault.body)
        if found is None:
            return self._send(404, {}, b"")
        values = {key: unquote(value) for key, value in found.groupdict().items() if value}
        if hub.token and route != "storage" and seen.headers.get("authorization") != f"Bearer {hub.token}":
            return self._send(401, {}, b'{"error":"Invalid username or password."}')
        if values["repo"] not in hub.repos:
            return self._send(404, {"X-Error-Code": "RepoNotFound"}, b'{"error":"Repository not found"}')
        if route == "api":
            return self._info(values, parse_qs(parts.query), fault)
        return self._file(values, route, seen, fault)

    def _info(self, values: dict[str, str], query: dict[str, list[str]], fault: Fault) -> None:
        hub, repo = self.server.hub, values["repo"]
        if values.get("revision", "main") not in ("main", COMMIT):
            return self._send(404, {"X-Error-Code": "RevisionNotFound"}, b'{"error":"Invalid rev id"}')
        siblings: list[dict[str, Any]] = []
        for path, data in hub.repos[repo].items():
            sibling: dict[str, Any] = {"rfilename": path}
            if query.get("blobs"):
                sibling |= {"size": len(data), "blobId": "0" * 40}
                if path.endswith(".gguf"):
                    sibling["lfs"] = {"sha256": hub.hashes[repo, path], "size": len(data), "pointerSize": 135}
            siblings.append(sibling)
        body: dict[str, Any] = {"_id": "1", "id": repo, "modelId": repo, "sha": COMMIT, "siblings": siblings}
        body |= {"private": False, "gated": False, "tags": ["gguf"], "downloads": 1, **hub.info[repo]}
        self._send(200, {"Content-Type": "application/json"}, json.dumps(body).encode())
        return None

    def _file(self, values: dict[str, str], route: str, seen: Seen, fault: Fault) -> None:
        hub, repo, path = self.server.hub, values["repo"], values["path"]
        data = hub.repos[repo].get(path)
        if data is None:
            return self._send(404, {"X-Error-Code": "EntryNotFound"}, b"Entry not found")
        head = {"X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes", "ETag": f'"{hub.hashes[repo, path]}"'}
        if route == "resolve" and path.endswith(".gguf") and hub.storage != "none":
            head |= {
                "X-Linked-Etag": f'"{hub.hashes[repo, path]}"',
                "X-Linked-Size": str(len(data)),
                "ETag": '"of the redirect"',
                "Location": f"{hub.storage_origin}/storage/{repo}/{path}?signature=1",
            }
            if fault.change is not None:
                fault.change(head)
            return self._send(302, head, b"")
        if route == "storage":
            head["ETag"] = '"of the storage"'
        if fault.change is not None:
            fault.change(head)
        return self._bytes(data, head, seen, fault)

    def _bytes(self, data: bytes, head: dict[str, str], seen: Seen, fault: Fault) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", seen.headers.get("range", ""))
        start = int(asked[1]) if asked and not fault.no_range else 0
        if asked and start >= len(data):
            return self._send(416, {"Content-Range": f"bytes */{len(data)}"}, b"")
        partial = asked and not fault.no_range and self.command == "GET"
        whole = len(data)
        if partial and asked and asked[2]:
            data = data[: int(asked[2]) + 1]
        self.send_response(206 if partial else 200)
        head = {"Content-Length": str(len(data) - start), **head}
        if partial:
            head.setdefault("Content-Range", f"bytes {start}-{len(data) - 1}/{whole}")
        for key, value in head.items():
            self.send_header(key, value)
        self.end_headers()
        seen.start = start
        if self.command == "GET":
            self._stream(memoryview(data), seen)
        return None

    def _stream(self, data: memoryview, seen: Seen) -> None:
        hub, at = self.server.hub, seen.start
        while at < len(data):
            with hub.lock:
                stop = hub.interruptions[0][0] if hub.interruptions else len(data)
            if at >= stop:
                with hub.lock:
                    _, act = hub.interruptions.pop(0)
                if (how := act()) in ("cut", "reset"):
                    return self._cut(reset=how == "reset")
                continue
            piece = data[at : min(at + _PIECE, stop)]
            try:
                self.connection.sendall(piece)
            except OSError:
                self.close_connection = True
                return None
            at += len(piece)
            seen.sent = at - seen.start
            hub.pace()
        return None

    def _cut(self, *, reset: bool = True) -> None:
        """End the connection in the middle of things."""
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _send(self, status: int, head: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **head}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
