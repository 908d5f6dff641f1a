"""The folder of states: what is found, what goes first, what is deleted, and who else may write in it."""

from __future__ import annotations

import array
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.identity import Identity
from app.engine.statefile import Checkpoint, StateFile, read_header
from app.engine.statewriter import TEMPORARY
from app.engine.vault import Vault, conversation_key

IDENTITY = Identity("m", "t", 1, 1, True, 0, False, False, "0.3.36 abc")
STATE = 1000
BUDGET = 1 << 30


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def vault(tmp_path: Path, lines: list[str]) -> Vault:
    return Vault(tmp_path / "states", BUDGET, lines.append)


def put(
    vault: Vault,
    tokens: list[int],
    conversation: str = "one",
    *,
    identity: Identity = IDENTITY,
    positions: tuple[int, ...] = (),
    used: int | None = None,
) -> Path:
    """A file with a made-up state; `used` is the second of its last use."""
    checkpoints = [Checkpoint(position, "turn", b"c" * position) for position in positions]
    writer = vault.begin(conversation, identity, array.array("i", tokens), checkpoints, STATE)
    assert writer is not None
    writer.fill(_give)
    assert vault.finish(writer)
    if used is not None:
        os.utime(writer.path, (used, used))
    return writer.path


def _give(state: object) -> int:
    state[:] = [len(state) % 251] * len(state)  # type: ignore[index,arg-type]
    return len(state)  # type: ignore[arg-type]


def names(vault: Vault) -> set[str]:
    return {path.name for path in vault._folder.iterdir()}


@pytest.mark.parametrize(
    ("prompt", "cuts", "which", "reusable"),
    [
        ([1, 2, 3, 4, 5, 6, 7], False, "long", 6),  # goes on
        ([1, 2, 3, 4, 5, 6], True, "long", 5),  # the very same: one token is read for its logits
        ([1, 2, 3, 4, 5, 6], False, "long", 4),  # from its last checkpoint
        ([1, 2, 3, 9, 9], True, "long", 3),
        ([1, 2, 3, 9, 9], False, "any", 2),
        ([1, 2, 8, 8, 8], False, "branch", 4),
        ([1, 9], True, "any", 1),
        ([1, 9], False, None, 0),
        ([7, 7], True, None, 0),
        ([1], True, None, 0),
        ([], True, None, 0),
    ],
)
def test_the_state_that_spares_most_is_found(
    prompt: list[int], cuts: bool, which: str | None, reusable: int, vault: Vault
) -> None:
    paths = {
        "long": put(vault, [1, 2, 3, 4, 5, 6], positions=(2, 4)),
        "branch": put(vault, [1, 2, 8, 8], "two", positions=(2,)),
    }
    found = vault.find(prompt, IDENTITY, cuts=cuts)
    if which is None:
        assert found is None
    else:
        assert found is not None
        assert found.path in paths.values() if which == "any" else found.path == paths[which]
        assert found.reusable == reusable


def test_a_difference_is_found_at_every_place(vault: Vault) -> None:
    """Also where the tokens are compared in several pieces of 16,384."""
    tokens = [index % 1000 for index in range(40_000)]
    put(vault, tokens)
    for place in [*range(1, 40), *range(16_380, 16_390), *range(32_764, 32_774), 39_999]:
        other = [*tokens[:place], 5000, *tokens[place + 1 :]]
        found = vault.find(other, IDENTITY, cuts=True)
        assert found is not None
        assert found.common == place


def test_only_what_was_asked_for_is_found(vault: Vault) -> None:
    put(vault, [1, 2, 3])
    prompt = [1, 2, 3, 4]
    assert vault.find(prompt, replace(IDENTITY, llama="0.4"), cuts=True) is None
    assert vault.find(prompt, IDENTITY, cuts=True, conversation_id="two") is None
    assert vault.find(prompt, IDENTITY, cuts=True, at_least=4) is None
    assert vault.find(prompt, IDENTITY, cuts=True, conversation_id="one", at_least=3) is not None


def test_a_later_turn_takes_the_place_of_the_earlier_ones(vault: Vault) -> None:
    put(vault, [1, 2])
    branch = put(vault, [1, 9, 9])
    other_model = put(vault, [1, 2], identity=replace(IDENTITY, model="n"))
    other_conversation = put(vault, [1, 2], "two")
    longest = put(vault, [1, 2, 3, 4])
    again = put(vault, [1, 2, 3, 4], positions=(2,))
    assert again == longest
    assert len(read_header(again).marks) == 1
    assert names(vault) == {p.name for p in (branch, other_model, other_conversation, longest)}


def size_of_one(vault: Vault) -> int:
    return put(vault, [1, 2, 3]).stat().st_size


@pytest.mark.parametrize(
    ("used", "fit", "left"),
    [
        ([1, 2, 3, 4], 4, [0, 1, 2, 3]),
        ([1, 2, 3, 4], 3, [1, 2, 3]),
        ([4, 3, 2, 1], 2, [0, 1]),
        ([2, 9, 1, 8], 2, [1, 3]),
        ([5, 5, 5, 9], 1, [3]),
        ([1, 2, 3, 4], 0, []),
    ],
)
def test_the_least_recently_used_goes_first(
    used: list[int], fit: int, left: list[int], tmp_path: Path, vault: Vault
) -> None:
    paths = [put(vault, [n, 2, 3], f"c{n}", used=1000 + second) for n, second in enumerate(used)]
    vault.budget = fit * paths[0].stat().st_size
    vault.trim()
    assert [index for index, path in enumerate(paths) if path.exists()] == left
    assert vault.total_bytes() == fit * (paths[left[0]].stat().st_size if left else 0)


def test_use_counts_and_a_new_file_makes_room_for_itself(vault: Vault) -> None:
    first, second = put(vault, [1, 2, 3], "a", used=1000), put(vault, [4, 5, 6], "b", used=2000)
    vault.budget = 2 * first.stat().st_size
    vault.touch(first)
    third = put(vault, [7, 8, 9], "c")
    assert first.exists()
    assert third.exists()
    assert not second.exists()


def test_what_is_larger_than_the_budget_is_not_begun(vault: Vault, lines: list[str]) -> None:
    path = put(vault, [1, 2, 3])
    vault.budget = path.stat().st_size
    assert vault.begin("two", IDENTITY, array.array("i", [1]), (), vault.budget) is None
    assert "the budget is" in lines[0]
    assert names(vault) == {path.name}


def test_a_conversation_is_deleted_with_all_its_branches(vault: Vault) -> None:
    put(vault, [1, 2, 3])
    put(vault, [4, 5, 6])
    kept = put(vault, [1, 2, 3], "two")
    assert vault.delete("one")
    assert names(vault) == {kept.name}
    assert vault.delete("one")
    assert vault.delete_all()
    assert vault.total_bytes() == 0


def test_a_state_in_the_making_dies_with_its_conversation(vault: Vault, lines: list[str]) -> None:
    writer = vault.begin("one", IDENTITY, array.array("i", [1, 2]), (), STATE)
    assert writer is not None
    assert vault.total_bytes() == writer.n_bytes
    writer.fill(_give)
    assert vault.delete("one")
    assert not vault.finish(writer)
    assert "was not saved" in lines[0]
    assert names(vault) == set()


@pytest.mark.parametrize(
    "identifier", ["", "../../escape", "/etc/passwd", "a" * 5000, "\0", "\ud800", "NUL", "*"]
)
def test_an_id_is_never_part_of_a_path(identifier: str, tmp_path: Path, vault: Vault) -> None:
    path = put(vault, [1, 2, 3], identifier)
    assert path.parent == tmp_path / "states"
    assert len(path.name) == 32 + 1 + 32 + len(".state")
    assert path.name.startswith(conversation_key(identifier))
    kept = put(vault, [1, 2, 3], "kept")
    assert vault.delete(identifier)
    assert names(vault) == {kept.name}


def test_only_the_owner_can_read(vault: Vault) -> None:
    before = os.umask(0)
    try:
        path = put(vault, [1, 2, 3])
        writer = vault.begin("two", IDENTITY, array.array("i", [1]), (), STATE)
        assert writer is not None
        (temporary,) = vault._folder.glob(f"*{TEMPORARY}")
        modes = [stat.S_IMODE(p.stat().st_mode) for p in (path, temporary, vault._folder)]
        writer.abandon()
    finally:
        os.umask(before)
    assert modes == [0o600, 0o600, 0o700]


def test_leftovers_go_at_the_start_but_not_what_another_writes(tmp_path: Path, vault: Vault) -> None:
    state = put(vault, [1, 2, 3])
    writer = vault.begin("two", IDENTITY, array.array("i", [1, 2]), (), STATE)
    assert writer is not None
    writer.fill(_give)
    leftover = tmp_path / "states" / f"{'0' * 32}-1{TEMPORARY}"
    leftover.write_bytes(b"half a state")
    other = Vault(tmp_path / "states", BUDGET, print)
    assert not leftover.exists()
    assert other.finish(writer)
    assert names(vault) == {state.name, writer.path.name}


def test_files_that_vanish_are_no_matter(vault: Vault) -> None:
    path = put(vault, [1, 2, 3], "a")
    other = put(vault, [1, 2], "b")
    assert vault.find([1, 2, 3, 4], IDENTITY, cuts=True) is not None
    path.unlink()
    found = vault.find([1, 2, 3, 4], IDENTITY, cuts=True)
    assert found is not None
    assert found.path == other
    vault.touch(path)
    assert vault.remove(path)
    vault.trim()


def test_an_open_file_stays_what_it_was(vault: Vault) -> None:
    path = put(vault, [1, 2, 3])
    with StateFile(path) as file:
        assert vault.delete_all()
        put(vault, [1, 2, 3], positions=(2,))
        assert file.tokens().tolist() == [1, 2, 3]
        file.check_state(lambda: False)
        assert file.give_state(sum) == STATE * (STATE % 251)


def test_a_stopped_save_leaves_nothing(vault: Vault) -> None:
    for calls in range(3):
        asked = iter([False] * calls)
        writer = vault.begin("one", IDENTITY, array.array("i", [1, 2]), [Checkpoint(1, "turn", b"x")], STATE)
        assert writer is not None
        writer.fill(_give)
        assert not vault.finish(writer, lambda asked=asked: next(asked, True))
        assert names(vault) == set()


@pytest.mark.parametrize(
    "swap", ["conversation", "branch", "link", "directory", "pipe", "foreign", "newer", "longer", "shorter"]
)
def test_what_is_not_what_its_name_says_is_not_found(
    swap: str, tmp_path: Path, vault: Vault, lines: list[str]
) -> None:
    path = put(vault, [1, 2, 3])
    data = path.read_bytes()
    key, branch = path.stem.split("-")
    path.unlink()
    target = path
    if swap == "conversation":
        target = path.with_name(f"{'a' * 32}-{branch}.state")
    elif swap == "branch":
        target = path.with_name(f"{key}-{'b' * 32}.state")
    if swap == "link":
        (tmp_path / "elsewhere").write_bytes(data)
        target.symlink_to(tmp_path / "elsewhere")
    elif swap == "directory":
        target.mkdir()
    elif swap == "pipe":
        os.mkfifo(target)
    else:
        changed = {
            "foreign": b"%PDF-1.7" + data[8:],
            "newer": data[:8] + b"\2" + data[9:],
            "longer": data + b"\0",
            "shorter": data[:-1],
        }
        target.write_bytes(changed.get(swap, data))
    assert vault.find([1, 2, 3, 4], IDENTITY, cuts=True) is None
    assert vault.find([1, 2, 3, 4], IDENTITY, cuts=True) is None
    assert len([line for line in lines if "is not used" in line]) == 1
    if swap in ("newer", "link", "directory"):
        assert os.path.lexists(target)  # not ours to judge
    else:
        assert not os.path.lexists(target)
