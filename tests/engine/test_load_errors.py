"""Files that are no models, in words; and thousands of damaged headers that must not hurt the parent."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.client import EngineDied
from app.engine.load_errors import context_error, load_error
from app.engine.protocol import Failed, Load, Loaded
from app.engine.values import LoadOptions
from tests import miniatures
from tests.damage import KINDS, damage
from tests.engine.support import Driver, ask, engine

LOOP = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    with engine() as made:
        yield made


def refused(driver: Driver, path: Path | str, **options: object) -> Failed:
    """The refusal, by an engine that then loads and answers as if nothing had been."""
    failed = driver.load(path, **options)
    assert isinstance(failed, Failed), failed
    assert isinstance(driver.load(miniatures.sliding()), Loaded)
    assert driver.generate(**ask("the end", max_tokens=1)).finished.usage.generated_tokens == 1
    return failed


def test_a_missing_file(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "none.gguf"
    failed = refused(driver, path)
    assert (failed.kind, failed.message) == ("model_file", f"There is no file {path}.")
    assert failed.hint == "Check the path."


def test_a_folder(driver: Driver, tmp_path: Path) -> None:
    failed = refused(driver, tmp_path)
    assert failed.message == f"{tmp_path.name} is a folder, not a model file."


def test_a_path_that_no_system_has(driver: Driver) -> None:
    assert refused(driver, "x\0y.gguf").kind == "model_file"
    assert refused(driver, "\ud800.gguf").kind == "model_file"
    assert "cannot be read" in refused(driver, "x" * 5000 + ".gguf").message


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "secret.gguf"
    path.write_bytes(b"GGUF" * 20)
    path.chmod(0)
    failed = refused(driver, path)
    assert failed.message == "secret.gguf cannot be read: Permission denied."
    assert failed.hint == "Check its permissions."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "model.gguf is empty."),
        (b"GG", "model.gguf is cut off after 2 bytes."),
        (b"GGUF\x03\0\0\0", "model.gguf is cut off after 8 bytes."),
        (b"PK\x03\x04" + bytes(100), "model.gguf is not a GGUF model."),
        (b"<!DOCTYPE html><html>Not found</html>", "model.gguf is not a GGUF model."),
        (b"hi", "model.gguf is not a GGUF model."),
    ],
)
def test_what_is_not_a_gguf(driver: Driver, tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    failed = refused(driver, path)
    assert (failed.kind, failed.message) == ("model_file", message)


@pytest.mark.parametrize("share", [0.0001, 0.002, 0.01, 0.02, 0.05, 0.3, 0.7, 0.9999])
def test_a_truncated_file(driver: Driver, tmp_path: Path, share: float) -> None:
    """In the counts, the metadata, the table of tensors and the data."""
    data = miniatures.sliding().read_bytes()
    path = tmp_path / "model.gguf"
    path.write_bytes(data[: max(24, int(len(data) * share))])
    failed = refused(driver, path)
    assert failed.kind == "model_file"
    assert failed.message == "model.gguf is incomplete or damaged."
    assert failed.hint == "Download it again."


def test_an_unknown_architecture(driver: Driver) -> None:
    failed = refused(driver, miniatures.build(replace(miniatures.SLIDING, architecture="nonesuch")))
    assert failed.kind == "model_file"
    assert "is of the architecture “nonesuch”, which this version does not know." in failed.message
    assert failed.hint == "Update the app, or choose another model."


def test_an_absurd_context_is_no_memory(driver: Driver) -> None:
    """16 KB for each token and 16 million of them; Linux would promise even that."""
    shape = replace(miniatures.PLAIN, kv_heads=4, head_size=256)
    failed = refused(driver, miniatures.build(shape), n_ctx=2**24)
    assert failed.kind == "out_of_memory"
    assert failed.message == "There is not enough memory for a context of 16,777,216 tokens."
    assert failed.hint == "Choose a smaller context."


def test_an_unknown_cache_type(driver: Driver) -> None:
    assert refused(driver, miniatures.plain(), cache_type="q3").message == "There is no cache type 'q3'."


def test_no_chat_template_means_chatml_and_says_so(driver: Driver) -> None:
    loaded = driver.load(miniatures.build(replace(miniatures.PLAIN, template=None)))
    assert isinstance(loaded, Loaded)
    assert loaded.info.template == "chatml"
    assert loaded.info.template_problem == "This file has no chat template, so the ChatML format is used."
    assert driver.generate(**ask("Hello", max_tokens=2)).finished.reason == "length"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (LOOP, "The model's chat template runs without end."),
        ("{{ ''.__class__.__mro__ }}", "The model's chat template tries what it may not"),
        ("{% if %}", "The model's chat template is broken at line 1"),
        ("Greetings.", "The model's chat template leaves out what the user says."),
    ],
    ids=["loops", "reads", "broken", "deaf"],
)
def test_a_bad_template_refuses_questions_and_chatml_answers_them(
    driver: Driver, template: str, words: str
) -> None:
    path = miniatures.build(replace(miniatures.PLAIN, template=template))
    started = time.monotonic()
    loaded = driver.load(path)
    assert time.monotonic() - started < (2.0 + 1.0) * 10
    assert isinstance(loaded, Loaded)
    assert loaded.info.template == "model"
    assert loaded.info.template_problem.startswith(words)
    for _ in range(2):
        started = time.monotonic()
        failed = driver.generate(**ask("Hello")).failed
        assert time.monotonic() - started < 2.0 * 10
        assert failed.kind == "template"
        assert failed.message.startswith(words)
        assert "ChatML" in failed.hint
    # A raw prompt needs no template, and ChatML is a choice.
    assert driver.generate(prompt="Hello", max_tokens=2).finished.reason == "length"
    again = driver.load(path, chatml=True)
    assert isinstance(again, Loaded)
    assert (again.info.template, again.info.template_problem) == ("chatml", "")
    assert driver.generate(**ask("Hello", max_tokens=2)).finished.reason == "length"


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("ggml_backend_cuda_buffer_type_alloc_buffer: allocating 9 MiB: cudaMalloc failed: out of memory",
         "out_of_memory", "There is not enough memory for m.gguf."),
        ("alloc_tensor_range: failed to allocate CPU buffer of size 99", "out_of_memory", "not enough"),
        ("tensor 'x' data is not within the file bounds, model is corrupted or incomplete",
         "model_file", "is incomplete or damaged"),
        ("llama_model_load: error loading model: missing tensor 'output_norm.weight'",
         "model_file", "m.gguf cannot be loaded: missing tensor 'output_norm.weight'"),
        ("all is well", "model_file", "m.gguf cannot be loaded: llama.cpp gave no reason."),
    ],
)  # fmt: skip
def test_what_llama_cpp_logged_in_words(line: str, kind: str, words: str) -> None:
    error = load_error(Path("/a/m.gguf"), ["llama_model_loader: loaded meta data", line])
    assert error.kind == kind
    assert words in error.message
    assert error.hint


def test_a_context_that_cannot_be_made_in_words() -> None:
    error = context_error(
        4096, ["llama_init_from_model: failed to initialize: V cache quantization requires"]
    )
    assert (error.kind, error.hint) == ("user", "Choose other settings.")
    assert "failed to initialize" in error.message


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"cache_type": "q8_0", "flash_attention": False}, "leave flash attention to the app"),
        ({"cache_type": "q4_0"}, "Choose f16"),
    ],
)
def test_a_cache_that_cannot_be_quantized(driver: Driver, options: dict[str, object], hint: str) -> None:
    """The heads of the miniature have 16 elements, and a block of q4_0 has 32."""
    failed = refused(driver, miniatures.hybrid(), n_ctx=512, **options)
    assert "KV cache" in failed.message
    assert hint in failed.hint


# ---- damaged headers ----------------------------------------------------------------------


def mutated(data: bytes, header: int, chance: random.Random) -> bytes:
    """`data` with a damaged header: flipped bytes, extreme counters, cuts, insertions."""
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 40))):
        at = chance.randrange(4, min(header, len(damaged) - 9))
        if damage(damaged, at, chance.randrange(KINDS), chance):
            break
    return bytes(damaged)


def load_mutations(count: int, seed: int, folder: Path, budget_s: float) -> dict[str, int]:
    """Load so many damaged files in real engines; how often each outcome came."""
    chance = random.Random(seed)
    data = miniatures.sliding().read_bytes()
    header = data.index(b"blk.0.attn_norm.weight") + 4000
    outcomes = {"loaded": 0, "failed": 0, "died": 0}
    path = folder / "mutation.gguf"
    driver = Driver()
    deadline = time.monotonic() + budget_s
    try:
        driver.start()
        for number in range(count):
            path.write_bytes(mutated(data, header, chance))
            request_id = driver.new_id()
            driver.send(Load(request_id, str(path), LoadOptions(n_ctx=256, n_threads=1, n_batch=64)))
            event = driver.until(lambda e: isinstance(e, Loaded | Failed | EngineDied), timeout=30.0)
            if isinstance(event, EngineDied):
                outcomes["died"] += 1
                driver.start()
            else:
                assert isinstance(event, Loaded | Failed)
                assert event.request_id == request_id
                outcomes["loaded" if isinstance(event, Loaded) else "failed"] += 1
                if isinstance(event, Failed):
                    assert event.kind in ("model_file", "out_of_memory", "user", "template"), (number, event)
            assert time.monotonic() < deadline, f"too slow: {outcomes}"
    finally:
        driver.client.close()
    return outcomes


def test_damaged_headers_end_in_an_answer_or_a_death_of_the_child_only(tmp_path: Path) -> None:
    outcomes = load_mutations(2000, 1, tmp_path, 170.0)
    print(outcomes)
    assert sum(outcomes.values()) == 2000
    # The damage must be real: most of it is refused, and some of it goes unnoticed.
    assert outcomes["failed"] > 500
    assert outcomes["loaded"] > 20
