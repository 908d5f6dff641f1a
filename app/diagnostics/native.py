"""Which lines of an engine's standard error may be kept, and how: what it was given never is."""

from __future__ import annotations

import re
from typing import Final

from app.diagnostics.redact import line
from app.diagnostics.traces import name, place

_MOST: Final = 300
_FRAME = re.compile(r'\s*File "([^"]+)", line (\d+),? in (\S+)')
_RAISED = re.compile(
    r"((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit|Iteration))(?::|$)"
)
_HEADS = re.compile(
    r"Traceback \(most recent call last\):|Fatal Python error: [\w ]{1,60}"
    r"|Windows fatal exception: [\w ]{1,60}"
    r"|(?:Current t|T)hread 0x[0-9a-f]+"
)
#: What a failed assertion of native code begins with.
_SOURCE = re.compile(r"(?:.*[\\/])?([\w.+-]+\.(?:c|cc|cpp|cu|cuh|h|hpp|m|mm|comp)):(\d+): ?(.*)")
_NATIVE = re.compile(
    r"(?:~?llama_\w+|llm_\w+|ggml_\w+|gguf_\w+|load\w*|print_info|init_tokenizer|create_\w+|sched_\w+|graph_\w+"
    r"|set_\w+|state_\w+|~?llama_context)\b[^:]{0,80}:"
)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"|“([^”]*)”")
_PATH = re.compile(r"(?:(?<![\w.])[A-Za-z]:[\\/]|(?<![\w.:/])[\\/~])[^\s\\/]*[\\/].*")


def native_line(text: str) -> str:
    """The line as a log may have it; empty where it is kept back. Any thread."""
    text = text.rstrip()
    if found := _FRAME.match(text):
        return f"  {place(found[1])}:{found[2]} {name(found[3])}"
    if found := _HEADS.match(text):
        return found[0]
    if found := _RAISED.match(text):
        return name(found[1])
    if found := _SOURCE.fullmatch(text):
        return f"{found[1]}:{found[2]}: {_plain(found[3])}"
    return _plain(text) if _NATIVE.match(text) else ""


def qt_message(text: str) -> str:
    """What Qt complains of, as far as it is Qt's own words."""
    found = re.match(
        r"(?:~?Q[A-Z]\w*|qt\.\w+|libpng|libjpeg|This plugin|Could not|Cannot)\b[^\n\"'“‘«]*", text
    )
    return line(found[0])[:_MOST].rstrip() if found else "(kept back)"


def _plain(text: str) -> str:
    """Without paths, and without what is quoted unless it is a name of the program's."""
    return line(_QUOTED.sub(_name, _PATH.sub("(path)", text)))[:_MOST].rstrip()


def _name(found: re.Match[str]) -> str:
    inner = next(part for part in found.groups() if part is not None)
    return f"'{inner}'" if re.fullmatch(r"[A-Za-z][\w.+-]{0,59}", inner) else "'…'"
