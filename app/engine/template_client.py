"""The engine's handle on the template process: started early, asked with a deadline, killed when late."""

from __future__ import annotations

import itertools
import queue
import subprocess
import threading
from collections.abc import Mapping
from typing import Any

from app import children
from app.engine.template import TEMPLATE_MESSAGES, Render, Rendered, RenderFailed
from app.engine.template_texts import SentTexts
from app.errors import TOO_LONG, RequestError, TemplateError
from app.language import mark, tr
from app.paths import self_command
from app.wire import WireError

#: A template takes about a millisecond; a loop that never ends is told after this.
DEADLINE_S = 1.5
#: Starting Python and importing Jinja on a busy machine isn't the template's fault.
START_DEADLINE_S = 30.0
#: Long documents are copied through two pipes: a second per so many characters.
_CHARS_PER_SECOND = 8_000_000

HINT = mark("You can use the ChatML format in its place.")


class TemplateRenderer:
    """Renders templates in a child process, one request after the other. Any thread.

    `start` returns at once; the first `render` waits until the process is up.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: queue.Queue[Rendered | RenderFailed | None] = queue.Queue()
        self._ids = itertools.count(1)
        self._sent = SentTexts()
        self._warm = False
        self._lock = threading.RLock()

    def start(self) -> None:
        """Start the process if it isn't running."""
        with self._lock:
            self._start()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self._process = children.spawn(self_command("template-process"), stderr=None)
        self._replies = queue.Queue()
        self._sent = SentTexts()
        self._warm = False
        threading.Thread(
            target=self._read, args=(self._process, self._replies), name="template-replies", daemon=True
        ).start()
        self._send(Render(0, "", ({},)))

    def render(self, template: str, *variables: Mapping[str, Any]) -> tuple[str, ...]:
        """One text for each set of variables.

        Raises:
            TemplateError: the template is broken, forbidden or hostile. Within 2 s for prompts
                of ordinary length; the process is killed and started again.
            RequestError: the texts are too long to be sent.
        """
        with self._lock:
            return self._render(template, *variables)

    def _render(self, template: str, *variables: Mapping[str, Any]) -> tuple[str, ...]:
        self.start()
        if not self._warm:
            self._receive(0, START_DEADLINE_S)
            self._warm = True
        request = Render(next(self._ids), template, *self._sent.take(variables))
        size = self._send(request) + self._sent.size()
        reply = self._receive(request.request_id, DEADLINE_S + size / _CHARS_PER_SECOND)
        if isinstance(reply, RenderFailed):
            raise TemplateError(reply.message, tr(HINT))
        try:
            return tuple(map(self._sent.whole, reply.texts))
        except KeyError:
            self.close()
            raise TemplateError(tr("The model's chat template cannot be rendered."), tr(HINT)) from None

    def close(self) -> None:
        """End the process; a rendering that is under way comes first."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._process is not None:
            children.end(self._process)
            self._process = None

    def _send(self, request: Render) -> int:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            return TEMPLATE_MESSAGES.write(self._process.stdin, request)
        except OSError:
            return 0  # it died: _receive sees the end of its replies
        except WireError:
            self.close()  # it does not have the texts that it was to be sent
            raise RequestError(*map(tr, TOO_LONG)) from None

    def _receive(self, request_id: int, deadline: float) -> Rendered | RenderFailed:
        try:
            while True:
                reply = self._replies.get(timeout=deadline)
                if reply is None:
                    self.close()
                    raise TemplateError(
                        tr("The model's chat template ended the process that renders it."), tr(HINT)
                    )
                if reply.request_id == request_id:
                    return reply
        except queue.Empty:
            self.close()
            self.start()  # warm again by the time of the next question
            raise TemplateError(tr("The model's chat template runs without end."), tr(HINT)) from None

    @staticmethod
    def _read(process: subprocess.Popen[bytes], replies: queue.Queue[Rendered | RenderFailed | None]) -> None:
        assert process.stdout is not None
        try:
            while True:
                reply = TEMPLATE_MESSAGES.read(process.stdout)
                replies.put(reply)
                if reply is None:
                    return
        except (WireError, OSError, ValueError):
            replies.put(None)
