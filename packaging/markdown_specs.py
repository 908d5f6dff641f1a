"""The examples of the CommonMark and GFM specifications, for the tests.

Their licence (CC BY-SA 4.0) is not ours, so they are not in the repository: they come out of the source
archive of a Markdown parser, which pip fetches and compares with the hash below. Kept outside the checkout.

Standard library only.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

import llama_wheel

NAMES = ("commonmark.txt", "gfm.txt")
RELEASE = "marko==2.2.4"
SHA256 = "c042c66f835425673123d7536b39b4660de3b68e30078c70fd26245b31170683"


def folder() -> Path:
    """Where the specifications are kept."""
    return llama_wheel.cache_root().parent / "markdown-specs" / SHA256[:16]


def complete() -> bool:
    """Whether they are there."""
    return all((folder() / name).is_file() for name in NAMES)


def unpack(archive: Path, target: Path) -> None:
    """Put the specifications of a source archive into `target`; LookupError if they are not in it."""
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as packed:
        members = {Path(one.name).name: one for one in packed if "/tests/spec/" in one.name and one.isfile()}
        for name in NAMES:
            content = packed.extractfile(members[name]) if name in members else None
            if content is None:
                raise LookupError(f"{archive.name} has no {name}")
            half = target / f"{name}.part"
            half.write_bytes(content.read())
            half.replace(target / name)


def fetch(python: Path, environment: dict[str, str]) -> None:
    """Have pip download and check the archive, and unpack it; CalledProcessError with pip's output."""
    with tempfile.TemporaryDirectory() as work:
        asked = Path(work) / "asked.txt"
        asked.write_text(f"{RELEASE} --hash=sha256:{SHA256}\n", encoding="ascii")
        command = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
        command += ["--only-binary=pdm-backend", "--require-hashes", "-d", work, "-r", str(asked)]
        subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
        unpack(next(iter(sorted(Path(work).glob("*.tar.gz")))), folder())
