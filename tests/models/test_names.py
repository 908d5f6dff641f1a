"""File names of strangers."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import HubError
from app.models.names import checked_path, is_model, quantization_of, split_name, split_of


@pytest.mark.parametrize("name", ["a.gguf", "Q4_K_M/a b (1)-00001-of-00002.gguf", "a/b/c/d.gguf", "é.gguf"])
def test_ordinary_names_pass(name: str) -> None:
    assert checked_path(name) == PurePosixPath(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../a.gguf",
        "a/../../b.gguf",
        "a//b.gguf",
        "a/",
        "./a.gguf",
        "..",
        "C:\\a.gguf",
        "a\\..\\b.gguf",
        "c:a.gguf",
        "a.gguf:stream",
        ".bashrc",
        "a/.ssh/b.gguf",
        "a.gguf.",
        "a.gguf ",
        "CON",
        "nul.gguf",
        "com1.gguf",
        "a\0.gguf",
        "a\n.gguf",
        "a\u202efugg.gguf",
        "a\ud800.gguf",
        "x" * 201,
        "a/b/c/d/e.gguf",
        "a?.gguf",
    ],
)
def test_names_that_could_do_harm_do_not(name: str) -> None:
    with pytest.raises(HubError, match="not safe"):
        checked_path(name)


@given(st.text(st.sampled_from("ab./\\: ~\0\n-…"), max_size=12))
def test_what_passes_stays_below_the_folder(name: str) -> None:
    try:
        path = checked_path(name)
    except HubError:
        return
    root = Path("/models").resolve()
    assert (root / path).resolve().is_relative_to(root)
    assert not path.is_absolute()


@pytest.mark.parametrize(
    ("path", "quantization"),
    [
        ("nvidia_Nemotron-Cascade-2-30B-A3B-IQ4_XS.gguf", "IQ4_XS"),
        ("Nemotron-Cascade-2-30B-A3B.i1-Q4_K_M.gguf", "Q4_K_M"),
        ("Model-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("BF16/Model-BF16-00001-of-00002.gguf", "BF16"),
        ("Q8_0/model-00001-of-00002.gguf", "Q8_0"),
        ("gpt-mxfp4_moe.gguf", "MXFP4_MOE"),
        ("model.Q5_K_S.gguf", "Q5_K_S"),
        ("Q4-tales-F16.gguf", "F16"),
        ("SmolLM2-135M.gguf", ""),
        ("IQ-test-model.gguf", ""),
    ],
)
def test_quantization(path: str, quantization: str) -> None:
    assert quantization_of(path) == quantization


def test_split_files() -> None:
    assert split_of("a/m-Q8_0-00002-of-00003.gguf") == ("a/m-Q8_0", 2, 3)
    assert split_of("m.gguf") is None
    assert split_of("m-00000-of-00003.gguf") is None
    assert split_of("m-00004-of-00003.gguf") is None
    assert split_of("m-2-of-3.gguf") is None
    assert split_name("a/m", 2, 3) == "a/m-00002-of-00003.gguf"


def test_what_is_no_chat_model() -> None:
    assert is_model("a/M-Q4_0.GGUF")
    assert not is_model("mmproj-model-f16.gguf")
    assert not is_model("model-mmproj.gguf")
    assert not is_model("model.imatrix.gguf")
    assert not is_model("README.md")
