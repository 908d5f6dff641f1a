"""What is known of llama.cpp: asked of an engine's process of its own, or of one that runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.diagnostics.native import native_line
from app.doctor.values import EngineFacts, Part, known, size
from app.engine.client import EngineClient, EngineDied
from app.engine.libraries import Libraries, LibrariesRefused
from app.engine.protocol import Devices, Failed, GetDevices, Ready
from app.engine.values import Device, ModelInfo
from app.language import number, tr

#: A first start reads llama.cpp's libraries from a cold disk.
START_S: Final = 20.0


def ask_engine(
    command: Sequence[str] | None = None, deadline_s: float = START_S, llama: Path | None = None
) -> EngineFacts:
    """Start an engine, ask it, end it. Never raises; any thread.

    Args:
        llama: the folder of builds of llama.cpp that the person put there.
    """
    client = EngineClient(command=command, libraries=Libraries(llama) if llama else None)
    end = time.monotonic() + deadline_s
    facts = EngineFacts(problem=tr("The engine does not answer."))
    try:
        client.start()
        while (left := end - time.monotonic()) > 0:
            event = client.next_event(left)
            if isinstance(event, EngineDied) and client.pid is None:
                return EngineFacts(problem=tr("The engine cannot be started ({why}).", why=event.how))
            if isinstance(event, EngineDied):
                lines = tuple(filter(None, map(native_line, event.last_lines)))
                ended = tr("The engine ended: {how}.", how=event.how)
                return EngineFacts(problem=ended, last_lines=lines, refused=facts.refused)
            if isinstance(event, LibrariesRefused):
                facts = replace(facts, refused=event.why)
                client.start() if event.ended else None
            elif isinstance(event, Ready):
                facts = EngineFacts(
                    event.version, event.system_info, event.gpu_offload,
                    backends=event.backends, libraries=event.libraries, refused=facts.refused,
                )  # fmt: skip
                client.send(GetDevices(1))
            elif isinstance(event, Devices):
                return replace(facts, devices=event.devices)
            elif isinstance(event, Failed):
                break
        return facts
    finally:
        client.kill() if facts.problem else None
        client.close()


def engine_part(facts: EngineFacts) -> Part:
    """What is known of an engine as a part of a diagnosis."""
    rows: list[tuple[str, str]] = []
    if facts.version:
        rows += [("llama-cpp-python", facts.version), (tr("Build"), facts.system_info.strip(" |\n"))]
        rows.append((tr("Can use a GPU"), tr("yes") if facts.gpu_offload else tr("no")))
        rows.append((tr("Backends"), ", ".join(map(known, facts.backends))))
    if facts.libraries:
        rows.append((tr("Own build of llama.cpp"), facts.libraries))
    rows += [(f"{known(one.name)} ({one.kind})", _device(one)) for one in facts.devices]
    if facts.model is not None:
        rows.append((tr("Model"), model_words(facts.model)))
    rows += [("", one) for one in facts.last_lines[-12:]]
    if not rows and not facts.problem:
        rows.append(("", tr("It has not answered yet.")))
    refused = tr("A build of llama.cpp that was put there can't be used: {why}.", why=facts.refused)
    problems = (facts.problem,) if facts.problem else ()
    return Part("engine", tr("Engine"), tuple(rows), problems + ((refused,) if facts.refused else ()))


def model_words(info: ModelInfo) -> str:
    """A model without its name and place: neither is anybody's business."""
    facts = (
        known(info.architecture),
        known(info.quantization),
        size(info.size_bytes),
        tr("context of {count} tokens", count=info.n_ctx),
        tr("{count} layers", count=number(info.n_layer)),
    )
    return ", ".join(facts)


def _device(device: Device) -> str:
    free = tr("{free} of {total} free", free=size(device.free_bytes), total=size(device.total_bytes))
    return f"{device.description}, {free}" if device.total_bytes else device.description
