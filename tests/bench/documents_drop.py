"""One document, dropped into a real window, or read and tokenized by the bare libraries.

Prints a line of JSON when it is ready, waits for a line, and prints what it took.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_MOST_MS = 300_000


def _say(**values: Any) -> None:
    print(json.dumps(values), flush=True)


def drop(path: Path) -> None:
    """Drop it into the window and wait until its tokens are counted."""
    from PySide6.QtCore import QEventLoop, QMimeData, QPointF, Qt, QTimer, QUrl
    from PySide6.QtGui import QDragEnterEvent, QDropEvent
    from PySide6.QtWidgets import QApplication

    from app.models.starter import starter_path
    from app.paths import Paths
    from tests.bench.watch import Watch
    from ui.application import Application

    qt = QApplication([])
    loop = QEventLoop()
    counted: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        application = Application(qt, Paths.default(folder))
        starter = starter_path()
        assert starter is not None
        application.start(str(starter))
        application.models.ready.connect(loop.quit)
        QTimer.singleShot(_MOST_MS, loop.quit)
        loop.exec()
        application.models.ready.disconnect(loop.quit)
        QTimer.singleShot(2000, loop.quit)  # what comes behind the load is no part of this
        loop.exec()
        _say(pid=os.getpid(), engine=application.worker.engine_pid)
        sys.stdin.readline()

        def on_changed(attached: list[Any]) -> None:
            if attached and attached[0].state != "reading" and attached[0].tokens is not None:
                counted.append(attached[0].tokens)
                loop.quit()
            elif attached and attached[0].state == "failed":
                loop.quit()

        application.attachments.changed.connect(on_changed)
        data, watch = QMimeData(), Watch()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        place = QPointF(200.0, 200.0)
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        watch.start()
        begun = perf_counter()
        held = (Qt.DropAction.CopyAction, data, buttons, keys)
        # Qt delivers a drop to what the drag has entered only.
        QApplication.sendEvent(application.window, QDragEnterEvent(place.toPoint(), *held))
        QApplication.sendEvent(application.window, QDropEvent(place, *held))
        loop.exec()
        seconds = perf_counter() - begun
        QTimer.singleShot(1500, loop.quit)  # keeping it, and the gauge, belong to it
        loop.exec()
        longest = watch.stop()
        _say(seconds=seconds, tokens=counted[0] if counted else -1, stall_ms=longest)
        application.window.close()


def bare(path: Path) -> None:
    """Extract and tokenize it in one call, with the vocabulary loaded before."""
    import llama_cpp

    from app.models.starter import starter_path
    from tests.bench.documents_files import BARE_TEXT

    starter = starter_path()
    assert starter is not None
    parameters = llama_cpp.llama_model_default_params()
    parameters.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(starter).encode(), parameters)
    vocab = llama_cpp.llama_model_get_vocab(model)
    _say(pid=os.getpid(), engine=os.getpid())
    sys.stdin.readline()
    begun = perf_counter()
    data = BARE_TEXT[path.suffix](path.read_bytes()).encode()
    room = len(data) + 16
    ids = (llama_cpp.llama_token * room)()
    tokens = llama_cpp.llama_tokenize(vocab, data, len(data), ids, room, False, False)
    seconds = perf_counter() - begun
    if path.suffix == ".pdf":
        # Ours has marks of pages: what is counted is the same text, what is timed is the bare one.
        from app.documents.client import DocumentReader

        with DocumentReader() as reader:
            data = reader.extract(path).text.encode()
        tokens = llama_cpp.llama_tokenize(vocab, data, len(data), ids, room, False, False)
        if tokens < 0:
            ids = (llama_cpp.llama_token * -tokens)()
            tokens = llama_cpp.llama_tokenize(vocab, data, len(data), ids, -tokens, False, False)
    _say(seconds=seconds, tokens=tokens, bytes=len(data))


if __name__ == "__main__":
    {"window": drop, "bare": bare}[sys.argv[1]](Path(sys.argv[2]))
