"""What goes into the log: what the engine did, in kinds and numbers. Never a word of a conversation."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, Slot

from app.doctor.engine import model_words
from app.doctor.values import EngineFacts
from app.engine.libraries import LibrariesRefused
from app.engine.protocol import Devices, Failed, Finished, Loaded, Ready, Unloaded
from app.engine.session_events import EngineStopped, Resting, Retrying, SaferSettings, SessionEvent
from app.errors import UserError

_LOG: Final = logging.getLogger("cascade.engine")
_STORE: Final = logging.getLogger("cascade.store")
_HOW: Final = re.compile(r"\((?:signal \w+|exit code \w+)")


class Chronicle(QObject):
    """Follows what happens and writes it down. GUI thread; writing is another thread's.

    Attributes:
        facts: what is known of the engine that runs.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chronicle")
        self.facts = EngineFacts()
        self._failed = ""

    @Slot(object)
    def on_event(self, event: SessionEvent) -> None:
        if isinstance(event, Devices):
            self.facts = replace(self.facts, devices=event.devices)
        elif isinstance(event, Finished):
            used, times = event.usage, event.timings
            _LOG.info(
                "answered: %s, %d tokens read, %d kept, %d written, first after %.2f s, %.1f tokens/s",
                *(event.reason, used.read_tokens, used.reused_tokens, used.generated_tokens),
                *(times.first_token_s, times.decode_tps),
            )
            self._failed = ""
        elif isinstance(event, Failed):
            self._on_failed(event.kind)
        else:
            self._on_engine(event)

    def _on_failed(self, kind: str) -> None:
        """Questions for memory and costs come all the time: where they fail, once is enough."""
        early = kind == "request" and not self.facts.version
        if kind != self._failed and not early:
            self._failed = kind
            _LOG.log(logging.INFO if kind == "cancelled" else logging.WARNING, "failed: %s", kind)

    def _on_engine(self, event: SessionEvent) -> None:
        if isinstance(event, Ready):
            self.facts = EngineFacts(
                event.version, event.system_info, event.gpu_offload,
                backends=event.backends, libraries=event.libraries, refused=self.facts.refused,
            )  # fmt: skip
            _LOG.info("ready: llama-cpp-python %s, %s", event.version, event.system_info)
        elif isinstance(event, Loaded):
            self.facts = replace(self.facts, model=event.info)
            _LOG.info("loaded in %.2f s: %s", event.seconds, model_words(event.info))
        elif isinstance(event, EngineStopped):
            found = _HOW.search(event.message)
            how = found[0][1:] if found else "unknown"
            self.facts = EngineFacts(refused=self.facts.refused)
            _LOG.error("the engine ended (%s), %s", how, "starts again" if event.recovering else "stays down")
        elif isinstance(event, Unloaded | Resting):
            self.facts = replace(self.facts, model=None)
            _LOG.info("unloaded")
        elif isinstance(event, LibrariesRefused):
            self.facts = replace(self.facts, refused=event.why)
            _LOG.warning("a build of llama.cpp is refused: %s", event.kind)
        elif isinstance(event, Retrying):
            _LOG.warning("loading again %s", event.words)
        elif isinstance(event, SaferSettings) and event.words:
            _LOG.warning("safer settings: %s", event.words)

    @Slot(object)
    def on_store_opened(self, outcome: object) -> None:
        """How the saved conversations were opened."""
        if isinstance(outcome, UserError):
            _STORE.error("not opened", exc_info=outcome)
            return
        flags = [name for name in ("recovered", "read_only", "shared") if getattr(outcome, name, False)]
        _STORE.log(
            logging.WARNING if flags else logging.INFO, "opened%s", "".join(f", {one}" for one in flags)
        )

    @Slot(object)
    def on_store_trouble(self, error: UserError | None) -> None:
        if error is not None:
            _STORE.error("not saved", exc_info=error)
