"""A process that downloads as the app does, goes on with what an earlier one left, and may be killed.

    python -m tests.models.downloader ROOT ENDPOINT REPO

It ends with status 0 when the model is there, and with 3 after a line on its standard input.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from app.models.downloads import DownloadStatus, Event, State
from app.models.pacing import Retry
from app.models.session import HubSettings
from tests.models.desk import Desk

CLOSED = 3


def main() -> int:
    root, endpoint, repo = sys.argv[1:]
    desk = Desk(Path(root), HubSettings(endpoint=endpoint), retry=Retry(first_s=0.01, longest_s=0.1))
    ended = threading.Event()
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    def look(event: Event) -> None:
        if isinstance(event, DownloadStatus) and event.state is State.DONE:
            end(0)
        elif isinstance(event, DownloadStatus) and event.state is State.FAILED:
            print(event.error, file=sys.stderr)
            end(1)

    def read() -> None:
        if sys.stdin.readline():
            end(CLOSED)

    desk.downloads._listener = look
    threading.Thread(target=read, daemon=True).start()
    listed = desk.paths.downloads.exists()
    with desk:
        if not listed:
            desk.add(repo)
        ended.wait()
    return codes[0]


if __name__ == "__main__":
    raise SystemExit(main())
