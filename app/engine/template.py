"""Renders a model's chat template. Runs in a process of its own, see app.engine.template_client.

A GGUF's template is a stranger's program (CVE-2024-34359). Jinja's immutable sandbox keeps it
from attributes and calls that reach the interpreter; what a sandbox cannot bound, time and
memory, is bounded by the process around it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, BinaryIO, NoReturn

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.nodes import CallBlock, Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.engine.template_texts import Content, KeptTexts, Text
from app.language import tr
from app.wire import Registry, WireError

#: A million tokens of text and the template's own words around it.
MAX_OUTPUT_CHARS = 64 * 1024 * 1024
_MAX_MEMORY_BYTES = 2 * 1024**3
_MAX_CPU_SECONDS = 20

CHATML = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' ~ message.role ~ '\\n' ~ message.content ~ '<|im_end|>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)


@dataclass(frozen=True)
class Render:
    """Render `template` once for each set of variables, the long contents of which are in `contents`."""

    request_id: int
    template: str
    variables: tuple[dict[str, Any], ...]
    contents: tuple[Content, ...] = ()


@dataclass(frozen=True)
class Rendered:
    request_id: int
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class RenderFailed:
    request_id: int
    message: str


TEMPLATE_MESSAGES = Registry(1, Render, Rendered, RenderFailed)


class TemplateRenderError(Exception):
    """The template cannot be rendered; the text says why, for a person."""


class _GenerationTag(Extension):
    """`{% generation %}` marks trained spans in some templates; for prompting it is transparent."""

    tags = {"generation"}  # noqa: RUF012 - the base class declares it as a plain set

    def parse(self, parser: Parser) -> Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return CallBlock(self.call_method("_pass"), [], [], body).set_lineno(line)

    def _pass(self, caller: Any) -> str:
        return str(caller())


class _Environment(ImmutableSandboxedEnvironment):
    """The settings that transformers uses for chat templates, in the sandbox."""

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do", _GenerationTag],
        )
        self.filters["tojson"] = _to_json
        self.globals["raise_exception"] = _raise_exception
        self.globals["strftime_now"] = lambda form: datetime.now().strftime(form)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        # Some templates gather a list of their own (Kimi K2); what they are given is a copy.
        return (type(obj) is list and attr in ("append", "pop")) or super().is_safe_attribute(
            obj, attr, value
        )


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """JSON as transformers' templates expect it: no HTML escapes, other alphabets as they are."""
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def _raise_exception(message: object) -> NoReturn:
    raise TemplateRenderError(
        tr("The model's chat template refuses this conversation: {message}", message=message)
    )


@lru_cache(maxsize=4)
def _compiled(source: str) -> jinja2.Template:
    return _Environment().from_string(source)


def render(source: str, variables: Mapping[str, Any]) -> str:
    """The text of `source` for `variables`; TemplateRenderError where there is none.

    May run for ever on a hostile template: only for the template process and for tests.
    """
    try:
        template = _compiled(source)
        parts: list[str] = []
        size = 0
        for part in template.generate(**variables):
            size += len(part)
            if size > MAX_OUTPUT_CHARS:
                raise TemplateRenderError(
                    tr("The model's chat template writes more text than any prompt has.")
                )
            parts.append(part)
        return "".join(parts)
    except TemplateRenderError:
        raise
    except SecurityError as error:
        raise TemplateRenderError(
            tr("The model's chat template tries what it may not: {error}", error=error)
        ) from error
    except jinja2.TemplateSyntaxError as error:
        raise TemplateRenderError(
            tr(
                "The model's chat template is broken at line {line}: {message}",
                line=str(error.lineno),
                message=error.message,
            )
        ) from error
    except MemoryError as error:
        raise TemplateRenderError(tr("The model's chat template needs too much memory.")) from error
    except Exception as error:  # a stranger's program can raise anything
        raise TemplateRenderError(
            tr("The model's chat template failed: {error}", error=error or type(error).__name__)
        ) from error


def _limit_resources() -> None:
    """Bound the memory and the processor time of this process where the system can."""
    if sys.platform == "win32":
        return  # the caller's deadline ends it there
    import resource

    for limit, value in ((resource.RLIMIT_AS, _MAX_MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        _soft, hard = resource.getrlimit(limit)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(limit, (ceiling, hard))
        except (OSError, ValueError):
            continue  # macOS refuses RLIMIT_AS; the deadline remains


def _renew_cpu_limit() -> None:
    """Let each rendering use so much processor time, so that no orphan can spin for ever."""
    if sys.platform == "win32":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = used + _MAX_CPU_SECONDS
    resource.setrlimit(
        resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
    )


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer Render requests until the end of `requests`; the body of the template process."""
    _limit_resources()
    arrived: queue.SimpleQueue[Render] = queue.SimpleQueue()
    kept = KeptTexts()
    threading.Thread(target=_read_requests, args=(requests, arrived), daemon=True).start()
    while True:
        request = arrived.get()
        _renew_cpu_limit()
        reply = _answer(request, kept)
        try:
            TEMPLATE_MESSAGES.write(replies, reply)
        except OSError:
            os._exit(0)  # the engine is gone


def _read_requests(requests: BinaryIO, arrived: queue.SimpleQueue[Render]) -> None:
    with contextlib.suppress(WireError, OSError):
        while isinstance(request := TEMPLATE_MESSAGES.read(requests), Render):
            arrived.put(request)
    # The engine is gone: a rendering that never ends must not outlive it.
    os._exit(0)


def _answer(request: Render, kept: KeptTexts) -> Rendered | RenderFailed:
    try:
        numbers = kept.fill(request.variables, request.contents)
        rendered = (render(request.template, item) for item in request.variables)
        texts = (kept.parts(text, own) for text, own in zip(rendered, numbers, strict=True))
        return Rendered(request.request_id, tuple(texts))
    except TemplateRenderError as failure:
        return RenderFailed(request.request_id, str(failure)[:2000])
