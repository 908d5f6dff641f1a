"""A child that speaks the engine's protocol and dies as it is told. Started by test_session.py.

    scripted_engine.py FOLDER

FOLDER/plan.json is a list with one object for each start, the last one for all further starts:

    ready     "ok", "die" (before a word), "twice" (says it a second time)
    load      "ok", "die", "fail", "wait" (for a cancel), "die_on_cancel"
    generate  "ok", "die", "die_late" (after some text), "wait"
    after     "die": right after the model was loaded, or after Ready where nothing is loaded
    again     the same for loads after one that was "ok"; "kept": fails, the model before stays
    devices   "wait": they are never told
    count     "wait": it is never told, but for a cancel; "die"
    gpu       whether it says that it can use one

Every command is appended to FOLDER/log.jsonl as [start, name, fields].
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.engine.protocol import (
    COMMANDS,
    EVENTS,
    Cancel,
    CountPrompt,
    CountTokens,
    Delta,
    Devices,
    Event,
    Failed,
    Finished,
    Generate,
    GetDevices,
    Load,
    Loaded,
    LoadProgress,
    Predict,
    Predicted,
    PromptCount,
    ReadProgress,
    Ready,
    TokenCount,
    Unload,
    Unloaded,
)
from app.engine.values import Device, ModelInfo, Timings, Usage


def emit(event: Event) -> None:
    sys.stdout.buffer.write(EVENTS.encode(event))
    sys.stdout.buffer.flush()


def die() -> None:
    sys.stderr.write("scripted: last words\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


def info(path: str) -> ModelInfo:
    return ModelInfo(
        path=path,
        name="scripted",
        architecture="llama",
        quantization="F32",
        size_bytes=1,
        n_params=1,
        n_ctx=1024,
        n_ctx_train=1024,
        n_layer=1,
        n_vocab=10,
        memory="attention",
        n_threads=1,
        modes=("instruct",),
        mode_reason="",
        template="model",
        template_problem="",
    )


class Scripted:
    def __init__(self, folder: Path) -> None:
        starts = folder / "starts"
        self.start = int(starts.read_text(encoding="ascii")) if starts.exists() else 0
        starts.write_text(str(self.start + 1), encoding="ascii")
        plans: list[dict[str, Any]] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        self.plan = plans[min(self.start, len(plans) - 1)]
        self.log = folder / "log.jsonl"
        self.info: ModelInfo | None = None

    def run(self) -> None:
        if self.plan.get("ready") == "die":
            die()
        ready = Ready("scripted", "1", (), gpu_offload=bool(self.plan.get("gpu")))
        for _ in range(2 if self.plan.get("ready") == "twice" else 1):
            emit(ready)
        if self.plan.get("after") == "die" and "load" not in self.plan:
            die()
        while (command := COMMANDS.read(sys.stdin.buffer)) is not None:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps([self.start, type(command).__name__, asdict(command)]) + "\n")
            self.answer(command)

    def answer(self, command: Any) -> None:
        if isinstance(command, Load):
            self.load(command)
        elif isinstance(command, Generate):
            self.generate(command)
        elif isinstance(command, Predict):
            emit(Predicted(command.request_id, 3, 3, None))
        elif isinstance(command, GetDevices):
            if self.plan.get("devices") != "wait":
                emit(Devices(command.request_id, (Device("CPU", "scripted", "cpu", 1, 2),)))
        elif isinstance(command, CountTokens | CountPrompt):
            self.count(command)
        elif isinstance(command, Unload):
            self.info = None
            emit(Unloaded(command.request_id))
        elif isinstance(command, Cancel):
            if self.plan.get("load") == "die_on_cancel":
                die()
            emit(Failed(command.target_id, "cancelled", "Loading was stopped."))

    def count(self, command: CountTokens | CountPrompt) -> None:
        how = self.plan.get("count", "ok")
        if how == "die":
            die()
        if how == "ok":
            emit((TokenCount if isinstance(command, CountTokens) else PromptCount)(command.request_id, 3))

    def load(self, command: Load) -> None:
        emit(LoadProgress(command.request_id, 0.5))
        how = self.plan.get("load", "ok")
        if self.info is not None:
            how = self.plan.get("again", how)
        if how == "die":
            die()
        elif how == "fail":
            emit(Failed(command.request_id, "model_file", "It is not a model."))
        elif how == "kept":
            emit(Failed(command.request_id, "out_of_memory", "Too large.", kept=self.info))
        elif how == "ok":
            self.info = replace(info(command.path), n_ctx=command.options.n_ctx)
            emit(Loaded(command.request_id, self.info, 0.1))
            if self.plan.get("after") == "die":
                die()

    def generate(self, command: Generate) -> None:
        how = self.plan.get("generate", "ok")
        emit(ReadProgress(command.request_id, 3, 3, 0))
        if how == "die":
            die()
        if how == "wait":
            return
        emit(Delta(command.request_id, "answer", "some ", 1))
        emit(Delta(command.request_id, "answer", "text", 2))
        if how == "die_late":
            die()
        emit(Finished(command.request_id, "stop", Usage(3, 3, 0, 3), Timings()))


if __name__ == "__main__":
    Scripted(Path(sys.argv[1])).run()
