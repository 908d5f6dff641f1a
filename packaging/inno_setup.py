"""Inno Setup's compiler, for `make installer-check`: out of a package that npm fetches.

Its files are Windows programs (wine runs them) and not ours to hand on, so they are not in the
repository. npm asks the registry that it is set up with; what it brings must have the hash below.
Kept outside the checkout.

Standard library only.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import llama_wheel

RELEASE = "innosetup@6.4.1"
SHA512 = (
    "061fdd365cb216c14a046a137f5f67d66b0f9e6e0d8df6f4096562af0d825753"
    "12257632d1a8d123ec63a3f62bf43b5914b2da7e19f09b566cc53bb7d3d17c95"
)
_COMPILER = "package/bin/ISCC.exe"


def folder() -> Path:
    """Where it is kept."""
    return llama_wheel.cache_root().parent / "inno-setup" / SHA512[:16]


def compiler() -> Path:
    """The compiler's place, whether it is there or not."""
    return folder() / _COMPILER


def sha512(path: Path) -> str:
    """The file's hash, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()


def unpack(archive: Path, target: Path) -> None:
    """Check an archive and unpack it; LookupError if it is another one than ours."""
    found = sha512(archive)
    if found != SHA512:
        raise LookupError(f"{archive.name} is not what it should be: its SHA-512 is {found}")
    half = target.with_name(f"{target.name}.part")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        packed.extractall(half, filter="data")
    if not (half / _COMPILER).is_file():
        raise LookupError(f"{archive.name} has no {_COMPILER}")
    shutil.rmtree(target, ignore_errors=True)
    half.rename(target)


def provide() -> Path:
    """The compiler, fetched if need be. Raises LookupError, OSError or CalledProcessError."""
    if not compiler().is_file():
        with tempfile.TemporaryDirectory() as work:
            command = ["npm", "pack", "--silent", "--pack-destination", work, RELEASE]
            subprocess.run(command, check=True, cwd=work, capture_output=True, text=True)
            unpack(next(iter(sorted(Path(work).glob("*.tgz"))), Path(work) / "nothing"), folder())
    return compiler()
