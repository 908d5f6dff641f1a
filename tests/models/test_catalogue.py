"""What is known offline, and what a person may type."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UserError
from app.models.catalogue import KNOWN, RECOMMENDED, HubReference, LocalReference, parse_reference
from app.models.names import checked_path, is_model, quantization_of

REPO = "someone/Some_Model-1.5-GGUF"
FILE = "Q4/m-Q4_0.gguf"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REPO, HubReference(REPO)),
        (f"  '{REPO}' ", HubReference(REPO)),
        (f"{REPO}@main", HubReference(REPO, "main")),
        (f"{REPO}:Q4_k_m", HubReference(REPO, quantization="Q4_K_M")),
        (f"{REPO}/{FILE}", HubReference(REPO, path=FILE)),
        (f"hf.co/{REPO}", HubReference(REPO)),
        (f"hf.co/{REPO}:Q8_0", HubReference(REPO, quantization="Q8_0")),
        (f"hf://{REPO}", HubReference(REPO)),
        (f"huggingface.co/{REPO}", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}", HubReference(REPO)),
        (f"https://www.huggingface.co/{REPO}/", HubReference(REPO)),
        (f"HTTPS://HuggingFace.co/{REPO}?library=x#y", HubReference(REPO)),
        (f"https://huggingface.co/{REPO}/tree/dev", HubReference(REPO, "dev")),
        (f"https://huggingface.co/{REPO}/blob/main/{FILE}", HubReference(REPO, "main", FILE)),
        (
            f"https://huggingface.co/{REPO}/resolve/main/{FILE}?download=true",
            HubReference(REPO, "main", FILE),
        ),
        (f"https://huggingface.co/{REPO}/resolve/main/a%20b.gguf", HubReference(REPO, "main", "a b.gguf")),
        (f"http://127.0.0.1:8000/{REPO}", HubReference(REPO)),
    ],
)
def test_names_and_links(text: str, expected: HubReference) -> None:
    assert parse_reference(text, "http://127.0.0.1:8000") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "model",
        "a b/c d",
        "https://huggingface.co/",
        "https://huggingface.co/someone",
        "https://huggingface.co/datasets/someone/data",
        "https://elsewhere.example/someone/model",
        "https://huggingface.co.evil.example/someone/model",
        "https://huggingface.co@evil.example/someone/model",
        "http://[::1/x",
        "someone/model/../../etc/passwd",
        "someone/model/..%2f..%2fx.gguf",
        "https://huggingface.co/someone/model/resolve/main/..%2F..%2Fx.gguf",
        "../someone",
        "someone/model\0.gguf",
        "someone/model\nother",
        "x" * 3000,
        "/no/such/file.gguf",
        "~/no-such-file-anywhere.gguf",
    ],
)
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_reference(text)


@given(st.one_of(st.text(max_size=60), st.text(st.sampled_from("ab./:@%2F~hf\\ "), max_size=40)))
def test_anything_is_understood_or_refused(text: str) -> None:
    try:
        found = parse_reference(text)
    except UserError:
        return
    if isinstance(found, HubReference):
        assert found.repo.count("/") == 1
        assert ".." not in found.repo
        assert not found.path or checked_path(found.path)


def test_files_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a b" / "m.gguf"
    path.parent.mkdir()
    path.write_bytes(b"")
    assert parse_reference(str(path)) == LocalReference(path)
    assert parse_reference(path.as_uri()) == LocalReference(path)
    monkeypatch.chdir(tmp_path)
    assert parse_reference("a b/m.gguf") == LocalReference(path)
    assert parse_reference("./a b/m.gguf") == LocalReference(path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_reference("~/a b/m.gguf") == LocalReference(path)
    (tmp_path / "someone").mkdir()
    (tmp_path / "someone" / "model").write_bytes(b"")
    assert parse_reference("someone/model") == HubReference("someone/model")


def test_the_catalogue_holds_together() -> None:
    for repository in KNOWN:
        assert parse_reference(repository.repo) == HubReference(repository.repo)
        assert any(file.quantization == RECOMMENDED for file in repository.files)
        for file in repository.files:
            assert is_model(str(checked_path(file.path)))
            assert quantization_of(file.path) == file.quantization
            assert file.exact == (len(file.sha256) == 64)
