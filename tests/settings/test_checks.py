"""What a value of a setting may be."""

from __future__ import annotations

import pytest

from app.settings.checks import Address, Choice, FilePath, Group, Real, Whole
from app.settings.model import SamplingSettings

WHOLE, MAYBE, REAL = Whole(0, 10, none=False), Whole(0, 10, none=True), Real(0, 2)


@pytest.mark.parametrize("value", [0, 10, 3])
def test_whole_numbers_in_their_range(value: int) -> None:
    assert WHOLE.passes(value)


@pytest.mark.parametrize("value", [-1, 11, 10**400, True, 3.0, "3", None, [3], float("nan")])
def test_what_is_no_whole_number(value: object) -> None:
    assert not WHOLE.passes(value)


def test_none_where_it_stands_for_automatic() -> None:
    assert MAYBE.passes(None)
    assert REAL.passes(None)


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        *((0, True), (2.0, True), (2.1, False), (float("nan"), False), (float("inf"), False)),
        *((True, False), ("1", False), (10**400, False)),
    ],
)
def test_real_numbers(value: object, passes: bool) -> None:
    assert REAL.passes(value) is passes


def test_a_choice_does_not_take_one_for_true() -> None:
    choice = Choice((None, True, False))
    assert [choice.passes(value) for value in (None, True, False, 1, 0, "")] == [True] * 3 + [False] * 3
    assert not choice.passes([])


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        *(("", True), ("/models/a b/ü.gguf", True), ("C:\\m.gguf", True), ("/\udcff.gguf", True)),
        *(("a\0b", False), ("\ud800", False), ("x" * 5000, False), (3, False), (None, False)),
    ],
)
def test_paths(value: object, passes: bool) -> None:
    assert FilePath().passes(value) is passes


@pytest.mark.parametrize(
    "value",
    ["", "https://hub.example", "http://127.0.0.1:8080", "https://hub.example/mirror", "http://[::1]:80"],
)
def test_addresses(value: str) -> None:
    assert Address(login=False).passes(value)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "hub.example",
            "ftp://hub.example",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "//hub.example",
        ),
        *("https://hub.example/?a=1", "https://hub.example/#a", "https://hub.example:0", "https://a:99999"),
        *("https://a b", "https://a\nb", "https://a\0", "https://é.example", "https://[::1", "https://a\\b"),
        *("https://" + "a" * 3000, None, 7, ["https://a"]),
    ],
)
def test_what_is_no_address(value: object) -> None:
    assert not Address(login=True).passes(value)


def test_a_login_stands_in_the_address_of_a_proxy_only() -> None:
    address = "http://me:word@proxy.example:8080"
    assert Address(login=True).passes(address)
    assert not Address(login=False).passes(address)


def test_a_group_is_of_its_kind() -> None:
    assert Group(SamplingSettings).passes(SamplingSettings())
    assert not Group(SamplingSettings).passes({})
