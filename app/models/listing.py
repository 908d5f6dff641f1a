"""What a repository offers: its GGUF files as choices, each with its size and SHA-256. Values only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.language import ntr
from app.models.licence import Licence
from app.models.names import quantization_of, split_name, split_of


@dataclass(frozen=True)
class HubFile:
    """A file in a repository: its path there, bytes, and SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Choice:
    """What is downloaded as one: a model in one quantization, in one file or in all parts of a split one."""

    name: str
    quantization: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Listing:
    """What a repository holds.

    Attributes:
        repo: owner/name, as the hub writes it.
        revision: the commit that was listed: files are fetched from it, whatever is changed later.
        licence: what it says about its licence.
        gated: whether its publisher wants to be asked first.
        choices: its GGUF models, smallest first.
        left_out: GGUF files that cannot be offered, each with the reason in words.
    """

    repo: str
    revision: str
    licence: Licence
    gated: bool
    choices: tuple[Choice, ...]
    left_out: tuple[str, ...]


def choices_of(files: Iterable[HubFile], left_out: list[str]) -> tuple[Choice, ...]:
    """The files as choices, all parts of a split file together; sets that are not whole are left out."""
    sets: dict[tuple[str, int], dict[int, HubFile]] = {}
    single: list[Choice] = []
    for file in files:
        split = split_of(file.path)
        if split is None:
            single.append(Choice(_name(file.path), quantization_of(file.path), (file,)))
        else:
            stem, index, count = split
            sets.setdefault((stem, count), {})[index] = file
    for (stem, count), parts in sets.items():
        if len(parts) == count:
            ordered = tuple(parts[index] for index in range(1, count + 1))
            single.append(Choice(_name(f"{stem}.gguf"), quantization_of(ordered[0].path), ordered))
        else:
            left_out.append(
                ntr(
                    "{name}: {count} of {total} parts is missing.",
                    "{name}: {count} of {total} parts are missing.",
                    count - len(parts),
                    name=split_name(stem, 1, count),
                    total=count,
                )
            )
    return tuple(sorted(single, key=lambda choice: (choice.size, choice.name)))


def _name(path: str) -> str:
    return PurePosixPath(path).name.removesuffix(".gguf")
