"""Files as choices."""

from __future__ import annotations

from app.models.listing import HubFile, choices_of

SHA = "0" * 64


def test_single_and_split_files_smallest_first() -> None:
    left_out: list[str] = []
    files = [
        HubFile("m-Q8_0.gguf", 500, SHA),
        HubFile("BF16/m-BF16-00002-of-00002.gguf", 300, SHA),
        HubFile("BF16/m-BF16-00001-of-00002.gguf", 600, SHA),
        HubFile("m-Q4_0.gguf", 200, SHA),
    ]
    choices = choices_of(files, left_out)
    assert [(choice.name, choice.quantization, choice.size) for choice in choices] == [
        ("m-Q4_0", "Q4_0", 200),
        ("m-Q8_0", "Q8_0", 500),
        ("m-BF16", "BF16", 900),
    ]
    assert [file.path for file in choices[2].files] == [
        "BF16/m-BF16-00001-of-00002.gguf",
        "BF16/m-BF16-00002-of-00002.gguf",
    ]
    assert left_out == []


def test_sets_that_are_not_whole_are_told() -> None:
    left_out: list[str] = []
    files = [HubFile("m-00001-of-00003.gguf", 1, SHA), HubFile("m-00003-of-00003.gguf", 1, SHA)]
    assert choices_of(files, left_out) == ()
    assert left_out == ["m-00001-of-00003.gguf: 1 of 3 parts is missing."]


def test_a_name_that_promises_many_parts_costs_nothing() -> None:
    left_out: list[str] = []
    assert choices_of([HubFile("m-00001-of-99999.gguf", 1, SHA)], left_out) == ()
    assert len(left_out) == 1
