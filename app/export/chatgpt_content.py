"""What one message of ChatGPT's export says, as parts of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from app.chat.parts import Part, ReasoningPart, TextPart
from app.export import checking

#: Marks of citations and of pictures in the text, for ChatGPT's own page only.
_CITED: Final = re.compile(r"\ue200[^\ue200\ue201]*\ue201|[\ue200-\ue206]")
_SAYS_NOTHING: Final = frozenset(
    ("model_editable_context", "user_editable_context", "app_pairing_content", "reasoning_recap")
)
_AUDIO: Final = ("audio_asset_pointer", "real_time_user_audio_video_asset_pointer")
_MOST_FILES: Final = 100


def parts_of(message: dict[str, Any]) -> Iterator[Part]:
    """The parts of a message; none where it is hidden, empty or the system's."""
    role = checking.mapping(message.get("author")).get("role")
    metadata = checking.mapping(message.get("metadata"))
    hidden = metadata.get("is_visually_hidden_from_conversation") is True
    if role not in ("user", "assistant", "tool") or message.get("weight") == 0 or hidden:
        return
    content = checking.mapping(message.get("content"))
    kind = checking.text(content.get("content_type"), 100)
    if kind in _SAYS_NOTHING:
        return
    if kind == "thoughts":
        yield from _thoughts(content, metadata)
        return
    told = _TELLERS.get(kind, _unknown)(content)
    names = _attached(metadata) if role == "user" else ""
    text = _CITED.sub("", f"{names}{told}")
    if text.strip():
        yield TextPart(text)


def _thoughts(content: dict[str, Any], metadata: dict[str, Any]) -> Iterator[Part]:
    said = []
    for one in checking.items(content.get("thoughts")):
        thought = checking.mapping(one)
        head = checking.text(thought.get("summary")).strip()
        body = checking.text(thought.get("content")).strip()
        said.append("\n\n".join(part for part in (f"**{head}**" if head else "", body) if part))
    text = _CITED.sub("", "\n\n".join(part for part in said if part))
    if text.strip():
        yield ReasoningPart(text, checking.seconds(metadata.get("finished_duration_sec")))


def _text(content: dict[str, Any]) -> str:
    found = [_piece(part) for part in checking.items(content.get("parts"))]
    return "\n\n".join(part for part in found if part.strip())


def _piece(part: object) -> str:
    if isinstance(part, str):
        return part
    kind = checking.text(checking.mapping(part).get("content_type"), 100)
    if kind == "image_asset_pointer":
        return "[image]"
    if kind == "audio_transcription":
        return checking.text(checking.mapping(part).get("text"))
    if kind in _AUDIO:
        return ""  # its words stand beside it
    return checking.text(checking.mapping(part).get("text")) or "[attachment]"


def _code(content: dict[str, Any]) -> str:
    language = checking.line(content.get("language"), 40).replace("`", "")
    return _fenced(checking.text(content.get("text")), "" if language == "unknown" else language)


def _output(content: dict[str, Any]) -> str:
    text = checking.text(content.get("text"))
    return f"Output:\n\n{_fenced(text, 'text')}" if text.strip() else ""


def _quote(content: dict[str, Any]) -> str:
    text = checking.text(content.get("text")).strip()
    named = (checking.line(content.get(name)) for name in ("title", "url", "domain"))
    of = next((name for name in named if name), "")
    lines = [f"> {line}".rstrip() for line in ([f"{of}:", ""] if of else []) + text.split("\n")]
    return "\n".join(lines) if text else ""


def _browsing(content: dict[str, Any]) -> str:
    text = checking.text(content.get("result")).strip()
    return f"Found on the web:\n\n{_fenced(text, 'text')}" if text else ""


def _error(content: dict[str, Any]) -> str:
    name, text = checking.line(content.get("name")), checking.text(content.get("text")).strip()
    return f"[Error: {' '.join(part for part in (name, text) if part) or 'unknown'}]"


def _unknown(content: dict[str, Any]) -> str:
    """What a later version may bring: its text, if it has any, with a plain note."""
    kind = checking.line(content.get("content_type"), 60) or "unknown"
    text = _text(content) or checking.text(content.get("text")) or checking.text(content.get("result"))
    return f"[Content of the kind “{kind}”]" + (f"\n\n{text}" if text.strip() else "")


def _fenced(text: str, language: str) -> str:
    if not text.strip():
        return ""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _attached(metadata: dict[str, Any]) -> str:
    files = [checking.mapping(one) for one in checking.items(metadata.get("attachments"))[:_MOST_FILES]]
    names = [checking.line(one.get("name")) for one in files]
    lines = [f"[Attached: {name}]" for name in names if name]
    return "\n".join(lines) + "\n\n" if lines else ""


_TELLERS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "text": _text,
    "multimodal_text": _text,
    "code": _code,
    "execution_output": _output,
    "tether_quote": _quote,
    "tether_browsing_display": _browsing,
    "tether_browsing_code": _code,
    "system_error": _error,
}
