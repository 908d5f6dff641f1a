"""Compute buffers that nobody allocated, against those of a real load by the engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.engine.dry_run import compute_buffers
from app.engine.dry_run_client import write_sparse
from app.engine.host import Host
from app.engine.native import CancelFlag
from app.engine.values import LoadOptions
from app.errors import ModelFileError, RequestError, UserError
from app.models.gguf import read_header
from tests import miniatures
from tests.engine.plain_llama import log
from tests.models import headers

MIB = 1024 * 1024
MODELS = {
    "hybrid": miniatures.hybrid,
    "plain": miniatures.plain,
    "sliding": miniatures.sliding,
    "recurrent": lambda: miniatures.build(miniatures.RECURRENT),
}
_LINE = re.compile(r"(\S+) compute buffer size =\s*([\d.]+) MiB")


def loaded_buffers(path: Path, options: LoadOptions) -> dict[str, int]:
    """What the engine's own load says that it allocated."""
    host = Host(log(), CancelFlag())
    try:
        host.load(str(path), options, lambda _fraction: None)
        found = [_LINE.search(line) for line in log().lines]
        return {match[1]: round(float(match[2]) * MIB) for match in found if match}
    finally:
        host.unload()
        host.renderer.close()


@pytest.mark.parametrize(
    "options",
    [
        LoadOptions(n_ctx=1024, n_threads=1),
        LoadOptions(n_ctx=5000, n_threads=1, n_batch=64, flash_attention=False, cpu_only=True),
        LoadOptions(n_ctx=65_536, n_threads=1, cache_type="f32", extra_buffers=False),
    ],
    ids=["short", "no-flash", "long"],
)
@pytest.mark.parametrize("name", MODELS)
def test_as_a_real_load(name: str, options: LoadOptions) -> None:
    path = MODELS[name]()
    found = compute_buffers(path, options, log())
    assert found == loaded_buffers(path, options)
    assert set(found) == {"CPU"}


def test_the_starter_as_a_real_load(starter: Path) -> None:
    options = LoadOptions(n_ctx=4096, n_threads=1, cache_type="q8_0")
    assert compute_buffers(starter, options, log()) == loaded_buffers(starter, options)


@pytest.mark.parametrize("name", MODELS)
def test_a_file_that_has_its_header_only(name: str, tmp_path: Path) -> None:
    """As for a model that is not downloaded yet: the same, and hardly anything on the disk."""
    path = MODELS[name]()
    data = path.read_bytes()
    header = read_header(path.name, headers.reader(data), len(data))
    sparse = tmp_path / "remote.gguf"
    write_sparse(sparse, data[: header.n_bytes], len(data))
    assert sparse.stat().st_size == len(data)
    options = LoadOptions(n_ctx=4096, n_threads=1)
    assert compute_buffers(sparse, options, log()) == compute_buffers(path, options, log())


def test_the_real_shape_takes_no_room(tmp_path: Path) -> None:
    """62 GB of weights of which nothing is there, a million tokens."""
    path = tmp_path / "real.gguf"
    miniatures.header_only(miniatures.REAL, path)
    assert path.stat().st_size > 60e9
    found = compute_buffers(path, LoadOptions(n_ctx=1_048_576), log())
    assert round(found["CPU"] / MIB, 2) == 1101.01


def test_what_cannot_be_judged(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    with pytest.raises(ModelFileError):
        compute_buffers(path, LoadOptions(), log())
    path.write_bytes(miniatures.sliding().read_bytes()[:4000])
    with pytest.raises(ModelFileError):
        compute_buffers(path, LoadOptions(), log())
    with pytest.raises(RequestError):
        compute_buffers(miniatures.sliding(), LoadOptions(cache_type="q3"), log())
    # llama.cpp refuses heads of 16 in blocks of 32.
    with pytest.raises(UserError):
        compute_buffers(miniatures.sliding(), LoadOptions(n_ctx=512, cache_type="q8_0"), log())
