"""One load of a miniature on the Vulkan build, in a process of its own: the software driver may end it.

    python -m tests.gpu.scenario '{"shape": "hybrid", "options": {…}, "ask": "…", …}'

Prints one JSON object: text, token counts, devices, buffers and what a dry run says.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine import host as hosts
from app.engine.dry_run import compute_buffers
from app.engine.placement import devices
from app.engine.values import ChatMessage
from tests import miniatures
from tests.engine.here import SHAPES, Engine, finished, text
from tests.engine.plain_llama import log
from tests.engine.support import GREEDY


def main() -> None:
    wanted = json.loads(sys.argv[1])
    log()
    if "shape" not in wanted:
        answer: dict[str, Any] = {"devices": [asdict(device) for device in devices()]}
    else:
        answer = run(wanted)
    print(f"\n{json.dumps(answer)}")


def run(wanted: dict[str, Any]) -> dict[str, Any]:
    path = miniatures.build(SHAPES[wanted["shape"]])
    parameters = hosts.model_parameters

    def unmapped(*arguments: Any) -> Any:
        """Without a map a buffer is as large as its tensors; with one it spans those between them, too."""
        made, held = parameters(*arguments)
        made.load_mode = llama.LLAMA_LOAD_MODE_NONE
        return made, held

    hosts.model_parameters = unmapped
    engine = Engine(path, **wanted["options"])
    messages = tuple(ChatMessage(role, words) for role, words in wanted["messages"])
    try:
        events = engine.run(messages=messages, sampling=GREEDY, max_tokens=12, conversation="one")
        return {
            "text": text(events),
            "usage": asdict(finished(events).usage),
            "devices": [asdict(device) for device in devices(engine.host.buffers)],
            "buffers": [[*key, size] for key, size in engine.host.buffers.items()],
            "dry": compute_buffers(path, engine.options, log()),
        }
    finally:
        engine.close()


if __name__ == "__main__":
    main()
