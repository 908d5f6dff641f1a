from __future__ import annotations

import pytest

from app.diagnostics.native import native_line, qt_message


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("llama_context: n_ctx is too large", "llama_context: n_ctx is too large"),
        ("ggml_vulkan: Device memory allocation of size 12 failed.",) * 2,
        ("llama_model_load: error loading model: unknown model architecture: 'abc'",) * 2,
        ("llama_model_load: cannot open /data/My letter.gguf: No", "llama_model_load: cannot open (path)"),
        ("gguf_init: cannot open C:\\Secret\\x.gguf", "gguf_init: cannot open (path)"),
        ("llama_x: key 'some words' is odd", "llama_x: key '…' is odd"),
        ("/build/ggml-cuda.cu:123: GGML_ASSERT(n > 0) failed", "ggml-cuda.cu:123: GGML_ASSERT(n > 0) failed"),
        ('  File "/x/site-packages/jinja2/env.py", line 12, in render', "  jinja2/env.py:12 render"),
        ("Traceback (most recent call last):",) * 2,
        ("ValueError: my question", "ValueError"),
        ("json.decoder.JSONDecodeError: my question", "json.decoder.JSONDecodeError"),
        ("Fatal Python error: Aborted",) * 2,
        ("Current thread 0x00007f (most recent call first):", "Current thread 0x00007f"),
        ("my question", ""),
        ("    raise ValueError(question)", ""),
        ("Question: what is loaded?", ""),
        ("", ""),
    ],
)
def test_only_the_library_s_own_words_are_kept(said: str, kept: str) -> None:
    assert native_line(said) == kept


def test_qt_s_own_words_are_kept_up_to_what_they_quote() -> None:
    assert qt_message("QTextCursor::setPosition: Position '12' out of range") == (
        "QTextCursor::setPosition: Position"
    )
    assert qt_message("my question") == "(kept back)"
    assert len(qt_message("QX " + "y" * 10_000)) <= 300
