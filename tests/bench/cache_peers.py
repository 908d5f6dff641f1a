"""The peers of the cases of the cache, each at its best: prompt cache on, states saved where it can.

They keep the answers that they gave themselves. A peer's thought is never closed, and dropped
from the history like ours.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from app.engine.values import ChatMessage
from tests.bench.cache_runner import Answer, NotOffered, Request, Setting
from tests.engine.plain_llama import render

_WAIT_S = 300.0
_MIB = 1 << 20
_CHECKPOINTS = 64
#: Tokens of an answer that goes on.
_WENT_ON = 8


class _Process:
    """The child, and how to start and end it."""

    def __init__(self, kind: str, setting: Setting, *more: str) -> None:
        self._kind, self._setting, self._more = kind, setting, more
        self.states = setting.folder / kind
        self.states.mkdir(exist_ok=True)
        self.start(setting.n_ctx)

    def start(self, n_ctx: int) -> None:
        command = [sys.executable, "-m", "tests.bench.cache_peer", self._kind, str(self._setting.path)]
        self._child = subprocess.Popen(
            [*command, str(n_ctx), str(self.states), *self._more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.hello = self.receive()

    def send(self, job: dict[str, Any]) -> dict[str, Any]:
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(job) + "\n")
        self._child.stdin.flush()
        return self.receive()

    def receive(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"the peer {self._kind} ended: {self._child.wait(30)}")
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self, *, kill: bool = False) -> None:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        if kill:
            self._child.kill()
        self._child.stdin.close()
        self._child.wait(30)
        self._child.stdout.close()


class Server:
    """llama.cpp's server, asked by HTTP as a client would. See `Runner`."""

    name, keeps_turns = "server", True
    _FILE = "slot.bin"

    def __init__(self, setting: Setting) -> None:
        ram = 2 * setting.conversation_bytes + _CHECKPOINTS * setting.checkpoint_bytes
        self._setting = setting
        self._process = _Process("server", setting, str(-(-ram // _MIB)))

    def ask(self, request: Request) -> Answer:
        body = {**_chat(request), "reasoning_format": "none"}
        return self._answer("/v1/chat/completions", body)

    def go_on(self, request: Request, answer: Answer) -> Answer:
        prompt = self._post("/apply-template", _chat(request))["prompt"]
        return self._answer("/completion", {"prompt": prompt + answer.text, "n_predict": _WENT_ON})

    def stop_and_ask(self, request: Request) -> tuple[Answer, int]:
        body = {**_chat(request), "return_progress": True}
        kept = 0
        for event in self._stream("/v1/chat/completions", body):
            progress = event.get("prompt_progress", {"processed": 0, "total": 1})
            if 2 * progress["processed"] >= progress["total"]:
                kept = progress["processed"]
                break  # closes the connection, which stops the work
        return self.ask(request), kept

    def save(self, conversation: str) -> None:
        self._post("/slots/0?action=save", {"filename": self._FILE})

    def restart(self) -> None:
        self._again(self._setting.n_ctx)

    def resize(self, n_ctx: int) -> None:
        self._again(n_ctx)

    def kill(self, request: Request) -> None:
        for _event in self._stream("/v1/chat/completions", _chat(request)):
            self._again(self._setting.n_ctx, kill=True)
            return

    def _again(self, n_ctx: int, *, kill: bool = False) -> None:
        self._process.end(kill=kill)
        self._process.start(n_ctx)
        self._post("/slots/0?action=restore", {"filename": self._FILE})

    def _answer(self, path: str, body: dict[str, Any]) -> Answer:
        begun, first, text, read = time.monotonic(), 0.0, "", 0
        for event in self._stream(path, body):
            new = (
                event.get("content")
                or (event.get("choices") or [{}])[0].get("delta", {}).get("content")
                or ""
            )
            if new and not first:
                first = time.monotonic()
            text += new
            read = event.get("timings", {}).get("prompt_n", read)
        # In a chat the generation prompt's tags come along.
        return Answer(read, first - begun, text.replace("<think>", "").replace("</think>", "").strip())

    def _request(self, path: str, body: dict[str, Any]) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(
            self._process.hello["address"].rpartition("/")[2], timeout=_WAIT_S
        )
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise RuntimeError(f"the server's answer to {path}: {response.read(500)!r}")
        return response

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with self._request(path, body) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def _stream(self, path: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        more = {"stream": True, "temperature": 0}
        with self._request(path, {**body, **more}) as response:
            for line in response:
                data = line.removeprefix(b"data: ").strip()
                if data and data != b"[DONE]":
                    yield json.loads(data)

    def close(self) -> None:
        self._process.end()


class HighLevel:
    """llama-cpp-python's `Llama`, given whole prompts. See `Runner`."""

    name, keeps_turns = "Llama", False

    def __init__(self, setting: Setting, template: str) -> None:
        self._setting, self._template = setting, template
        self._process = _Process("llama", setting)
        self._file = self._process.states / "state.bin"

    def ask(self, request: Request) -> Answer:
        return self._ask(self._prompt(request), request)

    def go_on(self, request: Request, answer: Answer) -> Answer:
        return self._ask(self._prompt(request) + answer.text, request)

    def _ask(self, prompt: str, request: Request) -> Answer:
        job = {"prompt": prompt, "n": request.stop_after or -1, "grammar": request.grammar}
        return Answer(**self._process.send(job))

    def _prompt(self, request: Request) -> str:
        return render(
            self._template,
            messages=[_plain(message) for message in request.messages],
            add_generation_prompt=True,
            enable_thinking=request.mode == "thinking",
            bos_token="<bos>",
        )

    def stop_and_ask(self, request: Request) -> tuple[Answer, int]:
        raise NotOffered

    def save(self, conversation: str) -> None:
        self._process.send({"save": str(self._file)})

    def restart(self) -> None:
        self._again(self._setting.n_ctx)

    def resize(self, n_ctx: int) -> None:
        self._again(n_ctx)

    def kill(self, request: Request) -> None:
        self._again(self._setting.n_ctx, kill=True)

    def _again(self, n_ctx: int, *, kill: bool = False) -> None:
        self._process.end(kill=kill)
        self._process.start(n_ctx)
        self._process.send({"load": str(self._file)})

    def close(self) -> None:
        self._process.end()


def _chat(request: Request) -> dict[str, Any]:
    return {
        "messages": [_plain(message) for message in request.messages],
        "chat_template_kwargs": {"enable_thinking": request.mode == "thinking"},
        "grammar": request.grammar,
        "max_tokens": request.stop_after or -1,
    }


def _plain(message: ChatMessage) -> dict[str, str]:
    return {"role": message.role, "content": "".join((*message.documents, message.content))}
