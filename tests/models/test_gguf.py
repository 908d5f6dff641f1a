"""Headers of real models against the gguf package, of split ones, over ranges, and hostile ones."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import gguf
import pytest

from app.errors import ModelFileError
from app.models.chunks import MOST_HEADER_BYTES
from app.models.gguf import ModelHeader, part_names, read_header, read_model, read_parts
from app.models.metadata import MOST_STRINGS
from app.models.tensors import MOST_TENSORS
from tests import miniatures
from tests.engine.state_costs import watched
from tests.models import headers
from tests.models.headers import F32, STRING, U32, Draft, array, llama_draft, llama_pairs, pair, tensor
from tests.models.mutations import run_mutations
from tests.models.support import read_bytes, refusal

MODELS = {
    "hybrid": miniatures.hybrid,
    "hybrid-f16": lambda: miniatures.build(miniatures.HYBRID_BENCH),
    "plain": miniatures.plain,
    "sliding": miniatures.sliding,
    "recurrent": lambda: miniatures.build(miniatures.RECURRENT),
}


# ---- real files ---------------------------------------------------------------------------


def reference(path: Path, found: ModelHeader) -> None:
    """Compare with what the gguf package reads."""
    theirs = gguf.GGUFReader(path)
    assert [(t.name, t.shape, t.n_bytes, t.offset) for t in found.tensors] == [
        (t.name, tuple(int(n) for n in t.shape), int(t.n_bytes), int(t.data_offset)) for t in theirs.tensors
    ]
    assert [t.type.upper() for t in found.tensors] == [t.tensor_type.name for t in theirs.tensors]
    assert found.n_params == sum(int(t.n_elements) for t in theirs.tensors)
    assert found.n_bytes == path.stat().st_size
    values = {name: field.contents() for name, field in theirs.fields.items()}
    assert found.architecture == values["general.architecture"]
    assert found.name == values["general.name"]
    assert found.chat_template == values["tokenizer.chat_template"]
    assert found.layout.vocabulary == len(values["tokenizer.ggml.tokens"])
    own = {name.partition(".")[2]: value for name, value in values.items()}
    assert found.layout.context_length == own["context_length"]
    assert found.layout.embedding == own["embedding_length"]
    assert len(found.layout.blocks) == own["block_count"]
    assert max(block.heads for block in found.layout.blocks) in (own["attention.head_count"], 0)


@pytest.mark.parametrize("name", MODELS)
def test_a_miniature_as_the_gguf_package_reads_it(name: str) -> None:
    path = MODELS[name]()
    reference(path, read_model(path))


def test_the_starter_as_the_gguf_package_reads_it(starter: Path) -> None:
    found = read_model(starter)
    reference(starter, found)
    assert (found.quantization, found.dominating_type, found.n_parts) == ("Q4_1", "q4_1", 1)


def test_only_the_header_is_read_and_in_sensible_pieces(starter: Path) -> None:
    """As over a network: few requests, and little more than the header."""
    data = starter.read_bytes()
    seen: list[tuple[int, int]] = []
    header = read_header("starter", headers.reader(data, seen), len(data))
    assert header.n_bytes < 3_000_000
    assert len(seen) <= 8
    assert max(end for _, end in seen) <= header.n_bytes + 4 * 1024 * 1024
    assert sum(end - first for first, end in seen) == header.n_read <= header.n_bytes + 4 * 1024 * 1024


def test_without_a_size_the_header_is_read_all_the_same(starter: Path) -> None:
    data = starter.read_bytes()
    known = read_header("starter", headers.reader(data), len(data))
    unknown = read_header("starter", headers.reader(data))
    assert known.tensors == unknown.tensors
    assert known.values == unknown.values


def test_pieces_of_every_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """No value is lost where a piece ends in its middle."""
    data = miniatures.sliding().read_bytes()
    whole = read_header("m", headers.reader(data), len(data))
    for first in (1, 7, 64, 1000):
        monkeypatch.setattr("app.models.chunks._FIRST_CHUNK", first)
        monkeypatch.setattr("app.models.chunks._LARGEST_CHUNK", first)
        piecewise = read_header("m", headers.reader(data), len(data))
        assert (piecewise.tensors, piecewise.values) == (whole.tensors, whole.values)


def test_expert_tensors_and_block_numbers() -> None:
    found = {tensor.name: tensor for tensor in read_model(miniatures.hybrid()).tensors}
    assert found["blk.1.ffn_up_exps.weight"].is_expert
    assert found["blk.1.ffn_down_exps.weight"].is_expert
    assert not found["blk.1.ffn_up_shexp.weight"].is_expert
    assert found["blk.7.ffn_gate_inp.weight"].block == 7
    assert found["token_embd.weight"].block is None


def test_recommended_sampling() -> None:
    more = [pair("general.sampling.temp", F32, 0.5), pair("general.sampling.top_k", 5, 20)]
    advice = read_bytes(llama_draft(*more).bytes()).sampling
    assert (advice.temperature, advice.top_k, advice.top_p, advice.min_p) == (0.5, 20, None, None)


def test_the_second_version_is_the_same() -> None:
    draft = llama_draft()
    third = read_bytes(draft.bytes())
    draft.version = 2
    assert read_bytes(draft.bytes()) == third


def test_a_quantization_that_the_file_does_not_name() -> None:
    assert read_bytes(llama_draft().bytes()).quantization == "F32"
    assert read_bytes(llama_draft(pair("general.file_type", U32, 15)).bytes()).quantization == "Q4_K_M"
    assert read_bytes(llama_draft(pair("general.file_type", U32, 1024 + 30)).bytes()).quantization == "IQ4_XS"
    assert read_bytes(llama_draft(pair("general.file_type", U32, 999)).bytes()).quantization == "F32"


# ---- parts --------------------------------------------------------------------------------


def parts(count: int = 3) -> dict[str, bytes]:
    """A model in parts with a tensor in each, as llama-gguf-split writes them."""
    found = {}
    for number in range(count):
        split = [
            pair("split.no", 2, number),
            pair("split.count", 2, count),
            pair("split.tensors.count", 5, count),
        ]
        pairs = [*llama_pairs(), *split] if number == 0 else split
        name = "token_embd.weight" if number == 0 else f"blk.0.part{number}.weight"
        draft = Draft(pairs, [tensor(name, (64, 10))], n_data=2560)
        found[f"m-{number + 1:05d}-of-{count:05d}.gguf"] = draft.bytes()
    return found


def read_all(files: dict[str, bytes]) -> ModelHeader:
    return read_parts(list(files), headers.opener(files))


def test_a_model_in_parts() -> None:
    files = parts()
    found = read_all(files)
    assert (found.n_parts, found.n_bytes) == (3, sum(map(len, files.values())))
    assert [tensor.name for tensor in found.tensors] == [
        "token_embd.weight", "blk.0.part1.weight", "blk.0.part2.weight",
    ]  # fmt: skip


def test_parts_in_a_folder_by_any_of_them(tmp_path: Path) -> None:
    for name, data in parts().items():
        (tmp_path / name).write_bytes(data)
    assert read_model(tmp_path / "m-00001-of-00003.gguf") == read_model(tmp_path / "m-00003-of-00003.gguf")
    (tmp_path / "m-00002-of-00003.gguf").unlink()
    with pytest.raises(ModelFileError, match="The part m-00002-of-00003"):
        read_model(tmp_path / "m-00001-of-00003.gguf")


def test_a_part_that_leads_back_to_the_first(tmp_path: Path) -> None:
    files = parts(2)
    (tmp_path / "m-00001-of-00002.gguf").write_bytes(files["m-00001-of-00002.gguf"])
    (tmp_path / "m-00002-of-00002.gguf").symlink_to(tmp_path / "m-00001-of-00002.gguf")
    with pytest.raises(ModelFileError, match="is not part 2 of its model"):
        read_model(tmp_path / "m-00001-of-00002.gguf")


def test_mixed_up_parts() -> None:
    files = parts()
    first, second, third = files
    for wrong in (
        {first: files[second], second: files[first], third: files[third]},
        {first: files[first], second: files[third], third: files[second]},
        {first: files[first], second: files[second]},
        {first: files[first], second: files[second], third: parts(4)["m-00003-of-00004.gguf"]},
        {first: files[first], second: llama_draft().bytes(), third: files[third]},
        {first: files[first]},
    ):
        with pytest.raises(ModelFileError):
            read_all(wrong)


def test_parts_with_a_tensor_too_many_or_twice() -> None:
    files = parts(2)
    split = [pair("split.no", 2, 1), pair("split.count", 2, 2), pair("split.tensors.count", 5, 2)]
    second = "m-00002-of-00002.gguf"
    files[second] = Draft(split, [tensor("token_embd.weight", (64, 10))], n_data=2560).bytes()
    with pytest.raises(ModelFileError, match="is in two parts"):
        read_all(files)
    files[second] = Draft(split).bytes()
    with pytest.raises(ModelFileError, match="has 1 tensors in its parts, not 2"):
        read_all(files)


def test_names_of_parts() -> None:
    assert part_names("model.gguf") == ("model.gguf",)
    assert part_names("a-00002-of-00002.gguf") == ("a-00001-of-00002.gguf", "a-00002-of-00002.gguf")
    for name in ("a-00003-of-00002.gguf", "a-00000-of-00002.gguf", "a-00001-of-99999.gguf"):
        with pytest.raises(ModelFileError):
            part_names(name)


# ---- files that cannot be read --------------------------------------------------------------


def test_paths_without_a_model(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path / "none.gguf", "There is no file"),
        (tmp_path, "cannot be read"),
        (Path("x\0y.gguf"), "cannot be read"),
        (Path("\ud800.gguf"), "no"),
    ):
        with pytest.raises(ModelFileError, match=words):
            read_model(path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"GG", "is cut off"),
        (b"<!DOCTYPE html><html>", "is not a GGUF model"),
        (b"GGUF\x03\0\0\0", "is cut off"),
        (Draft(version=1).bytes(), "version 1, which cannot be read"),
        (Draft(version=4).bytes(), "version 4, which cannot be read"),
        (Draft(version=0).bytes(), "version 0, which cannot be read"),
        (Draft(version=3, order=">").bytes(), "big-endian"),
    ],
)
def test_what_is_no_readable_gguf(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_the_worst_that_is_let_through_is_quick_and_small() -> None:
    """As many texts and tensors as are read at all, then an end."""
    tensors = [tensor(f"blk.{i % 512}.{i:050d}", (32,), 128 * i) for i in range(MOST_TENSORS)]
    pairs = [*llama_pairs(), array("a", STRING, [], MOST_STRINGS) + bytes(8 * MOST_STRINGS)]
    data = Draft(pairs, tensors, n_data=128 * MOST_TENSORS).bytes()
    started = time.process_time()
    assert len(read_bytes(data).tensors) == MOST_TENSORS
    assert time.process_time() - started < 1.0
    grown, _resident = watched(lambda: read_bytes(data))
    assert grown < 100 * 1024 * 1024


def test_a_stream_without_end_is_given_up() -> None:
    """A server that answers every range; a header never ends behind the budget."""
    asked = 0

    def read(first: int, end: int) -> bytes:
        nonlocal asked
        asked += end - first
        if first == 0:
            head = b"GGUF" + struct.pack("<IQQ", 3, 1, 9_000)
            return (head + pair("a", STRING, b"x" * 300_000) + bytes(end))[:end]
        return b"\1\0\0\0\0\0\0\0a\x08\0\0\0\0\0\0\0\0\0\0\0" * ((end - first) // 21 + 1)

    with pytest.raises(ModelFileError):
        read_header("endless", read)
    assert asked <= MOST_HEADER_BYTES


def test_mutated_headers_end_in_a_refusal_or_a_model(starter: Path) -> None:
    outcomes = run_mutations(300, 1, starter)
    assert outcomes.read + outcomes.refused == 300
    assert outcomes.refused > 100
    assert outcomes.read > 10  # about one in twelve
    assert outcomes.slowest_s < 1.0
    assert outcomes.peak_bytes < 256 * 1024 * 1024
