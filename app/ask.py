"""`cascade-desk ask`: one question, answered on standard output as it streams."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType

from app.chat.conversation import ChatSettings, Conversation
from app.chat.exchange import Exchange, NoJournal
from app.chat.parts import AttachmentPart, Part, TextPart
from app.chat.turn import Turn
from app.documents.client import DocumentReader
from app.documents.shelf import Shelf
from app.engine.client import EngineClient
from app.engine.ladder import LadderMemory
from app.engine.libraries import Libraries, LibrariesRefused, refusal_text
from app.engine.protocol import (
    Delta,
    Failed,
    Loaded,
    Reclassified,
)
from app.engine.session import EngineSession
from app.engine.session_events import EngineStopped, SaferSettings, SessionEvent
from app.engine.values import LoadOptions, ModelInfo
from app.errors import (
    EngineStoppedError,
    FileReadError,
    ModelFileError,
    PasswordNeeded,
    RequestError,
    UserError,
    from_kind,
)
from app.language import tr
from app.models.starter import starter_path
from app.paths import Paths

INTERRUPTED = 130
#: How long a stopped answer may take to end before the engine is left to itself.
_STOP_S = 3.0
_POLL_S = 0.2


def model_path(chosen: str | None) -> str:
    """The file for `--model`. Raises ModelFileError."""
    if chosen not in (None, "starter"):
        return os.path.expanduser(str(chosen))  # noqa: PTH111 - an unknown ~user stays as it is
    path = starter_path()
    if path is None:
        raise ModelFileError(tr("The starter model is not installed."), tr("Name a GGUF file with --model."))
    return str(path)


def run(options: argparse.Namespace) -> int:
    """Answer the question; the exit status. Raises UserError for what a person can mend."""
    path = model_path(options.model)
    parts: list[Part] = [*_attached(options)]
    question = _standard_input() if options.question == "-" else options.question
    if not question.strip():
        raise RequestError(tr("There is no question."), tr("Write it behind the options."))
    conversation = Conversation()
    conversation.append("user", *parts, TextPart(question))
    return _Asking(options, conversation).run(path)


def _attached(options: argparse.Namespace) -> list[AttachmentPart]:
    """What is in the files and folders of `--attach`; what was left out of them is told."""
    if not options.attach:
        return []
    parts = []
    with DocumentReader(Shelf(Paths.default(options.data_dir).documents)) as reader:
        for name in options.attach:
            try:
                found = reader.extract(Path(os.path.expanduser(name)))  # noqa: PTH111 - as in model_path
            except PasswordNeeded as error:
                raise FileReadError(error.message, tr("Attach a copy without a password.")) from error
            for note in found.notes:
                sys.stderr.write(f"cascade-desk: {' '.join(f'{found.name}: {note}'.split())}\n")
            parts.append(AttachmentPart(found.name, found.text))
    return parts


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileReadError(
            tr("Standard input is not UTF-8 text (byte {start}).", start=error.start)
        ) from error


def _abandon_output() -> int:
    """Nothing more can be written: Python must not try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 1


class _Asking:
    """The state of one `ask`: its session, its turn, and what has been printed."""

    def __init__(self, options: argparse.Namespace, conversation: Conversation) -> None:
        self._options, self._conversation = options, conversation
        paths = Paths.default(options.data_dir)
        self._client = EngineClient(libraries=Libraries(paths.llama))
        memory = LadderMemory(paths.ladder)
        self._ids = itertools.count(1)
        self._session = EngineSession(self._client, memory, self._on_event, self._ids)
        self._exchange: Exchange | None = None
        self._error: UserError | None = None
        self._load_s = 0.0
        self._interrupted = False
        self._printed = False

    @property
    def _turn(self) -> Turn | None:
        return self._exchange.turn if self._exchange is not None else None

    def run(self, path: str) -> int:
        before = signal.signal(signal.SIGINT, self._on_interrupt)
        try:
            self._session.start()
            self._session.load(path, self._load_options())
            self._pump()
            return self._conclude()
        except BrokenPipeError:
            return _abandon_output()  # the reader (`| head`) has seen enough
        except OSError as error:
            _abandon_output()
            raise FileReadError(
                tr("The answer cannot be written: {reason}.", reason=error.strerror)
            ) from error
        finally:
            self._session.close()
            signal.signal(signal.SIGINT, before)

    def _load_options(self) -> LoadOptions:
        return LoadOptions(n_threads=self._options.threads or 0, chatml=self._options.chatml)

    def _on_interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        self._interrupted = True

    def _pump(self) -> None:
        """Handle events until the answer has ended, or an error has."""
        told, waited = False, 0.0
        while self._error is None and not (self._turn is not None and self._turn.done):
            event = self._client.next_event(_POLL_S)
            if event is not None:
                self._session.handle(event)
            else:
                waited += _POLL_S if told else 0.0
            if self._interrupted and not told:
                told = True
                if self._turn is None:
                    return
                self._session.cancel(self._turn.request_id)
            if waited >= _STOP_S:
                return

    def _on_event(self, event: SessionEvent) -> None:
        if isinstance(event, Loaded):
            self._load_s = event.seconds
            self._ask(event.info)
        elif isinstance(event, LibrariesRefused):
            self._tell(refusal_text(event))
        elif isinstance(event, SaferSettings):
            if event.words:
                self._tell(
                    tr("This model runs {words} here, since the engine stopped otherwise.", words=event.words)
                )
        elif self._exchange is not None and self._exchange.turn.belongs(event):
            self._exchange.feed(event)
            self._show(event)
        elif isinstance(event, Failed):
            self._error = from_kind(event.kind, event.message, event.hint)

    def _ask(self, info: ModelInfo) -> None:
        if self._exchange is not None:
            return  # the engine came back after a crash; the question is not asked twice
        options = self._options
        if info.template_problem and info.template == "chatml":
            self._tell(info.template_problem)
        chosen = ChatSettings(
            system=options.system,
            mode=options.mode,
            thinking_budget=options.thinking_budget,
            temperature=options.temperature,
            seed=options.seed,
        )
        self._exchange = Exchange(self._conversation, NoJournal(), next(self._ids))
        request = self._exchange.request(info, chosen, options.max_tokens or 0)
        # A mode that the model does not have is refused, not replaced.
        self._session.generate(replace(request, mode=options.mode or request.mode))

    def _show(self, event: SessionEvent) -> None:
        if self._options.json:
            return
        if isinstance(event, Reclassified) and self._printed:
            self._write("\n\n")
        elif isinstance(event, Delta):
            if event.channel == "answer":
                self._write(event.text)
            elif sys.stderr.isatty():
                sys.stderr.write(f"\x1b[2m{event.text}\x1b[0m")
                sys.stderr.flush()

    def _write(self, text: str) -> None:
        self._printed = True
        # A lone surrogate or a narrow console must not end the answer.
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()

    def _tell(self, line: str) -> None:
        sys.stderr.write(f"cascade-desk: {line}\n")

    def _conclude(self) -> int:
        turn = self._turn
        if turn is not None and self._options.json and (turn.parts() or (turn.done and turn.error is None)):
            # ASCII: one line whatever a reader takes for a line break, on every console.
            sys.stdout.write(json.dumps(self._result(turn)) + "\n")
        elif self._printed:
            sys.stdout.write("\n")
        sys.stdout.flush()
        if self._interrupted:
            return INTERRUPTED
        if self._error is not None:
            raise self._error
        if turn is not None and isinstance(turn.error, EngineStopped):
            last = turn.error.lines[-1:] or ("",)
            raise EngineStoppedError(
                turn.error.message, tr("Its last words: {last}", last=last[0]) if last[0] else ""
            )
        if turn is not None and isinstance(turn.error, Failed):
            template = turn.error.kind == "template"
            hint = tr("Try --chatml.") if template else turn.error.hint
            raise from_kind(turn.error.kind, turn.error.message, hint)
        if turn is not None and turn.finish_reason == "context_full":
            self._tell(tr("The context is full: the answer ends here."))
        return 0

    def _result(self, turn: Turn) -> dict[str, object]:
        usage, timings = turn.usage, turn.timings
        return {
            "answer": "".join(turn.answer),
            "reasoning": "".join(turn.reasoning),
            "finish_reason": turn.finish_reason or "cancelled",
            "usage": {
                "prompt_tokens": usage.prompt_tokens,
                "read_tokens": usage.read_tokens,
                "reused_tokens": usage.reused_tokens,
                "generated_tokens": usage.generated_tokens,
            },
            "timings": {
                "load_s": round(self._load_s, 3),
                "first_token_s": round(timings.first_token_s, 3),
                "prefill_tps": round(timings.prefill_tps, 2),
                "decode_tps": round(timings.decode_tps, 2),
            },
        }
