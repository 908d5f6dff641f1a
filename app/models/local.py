"""Models that are files on this machine already: downloaded here, or put there by the person."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from app.errors import ModelFileError
from app.language import tr
from app.models.names import is_model, quantization_of, split_name, split_of

#: Folders below the folder of models that are looked into: owner, repository, and one more.
_DEEPEST = 3


@dataclass(frozen=True)
class LocalModel:
    """A model on the disk: `files` in order, the first is the one to load; bytes of all of them."""

    name: str
    quantization: str
    files: tuple[Path, ...]
    size: int


def local_model(path: Path) -> LocalModel:
    """The model that a GGUF file is, or is a part of; raises ModelFileError where a part is missing."""
    split = split_of(path.name)
    names = [path.name]
    if split is not None:
        stem, _, count = split
        names = [split_name(stem, index, count) for index in range(1, count + 1)]
    files = tuple(path.with_name(name) for name in names)
    sizes = []
    for file in files:
        try:
            sizes.append(file.stat().st_size)
        except OSError as error:
            raise ModelFileError(
                tr("A file of the model is missing: {name}", name=file.name),
                tr("All its parts have to be in one folder."),
            ) from error
    name = split[0] if split is not None else path.name[: -len(path.suffix)]
    return LocalModel(name, quantization_of(str(path)), files, sum(sizes))


def local_models(folder: Path) -> tuple[LocalModel, ...]:
    """All whole models below a folder, by name. Reads folders: not for the GUI's thread."""
    found: dict[Path, LocalModel] = {}
    for place, folders, names in os.walk(folder):
        root = Path(place)
        if len(root.relative_to(folder).parts) >= _DEEPEST:
            folders.clear()
        for name in filter(is_model, names):
            try:
                model = local_model(root / name)
            except ModelFileError:
                continue
            found[model.files[0]] = model
    return tuple(sorted(found.values(), key=lambda model: (model.name.lower(), model.size)))
