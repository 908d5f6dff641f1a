"""A process of its own that writes to a store: `python -m tests.store.writer FOLDER NAME COUNT`.

It prints the number of each message once it is saved. COUNT 0 is for ever. With a fourth argument,
the greatest size of a file in bytes, it says which error ended it.
"""

from __future__ import annotations

import signal
import sys
from itertools import count
from pathlib import Path

from app.chat.conversation import Conversation
from app.errors import UserError
from app.store import Store
from tests.store.support import told


def write(folder: Path, name: str, total: int) -> None:
    store = Store.open(folder)
    print("shared" if store.report.shared else "owner", flush=True)
    store.create(Conversation(id=name, title=name))
    for number in range(total) if total else count():
        before = f"{name}-{number - 1}" if number else None
        store.add_message(name, told(f"{name}-{number}", f"word{number} " * (number % 50)), before)
        print(number, flush=True)
    store.close()


def main() -> None:
    folder, name, total, *limit = sys.argv[1:]
    if limit:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit[0]), int(limit[0])))
    try:
        write(Path(folder), name, int(total))
    except UserError as error:
        print(error.kind, error, flush=True)


if __name__ == "__main__":
    main()
