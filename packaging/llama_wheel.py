"""Build llama-cpp-python once for a set of CMake flags and keep the wheel.

pip's own cache is keyed by version alone, so a CUDA build and a portable one would take
each other's place in it. Here the key holds version, flags and machine, and the folder lies
outside the checkout, so that every clone of the project shares it.

    python packaging/llama_wheel.py          prints the path of the wheel, building it if needed
    CASCADE_CMAKE_ARGS="-DGGML_CUDA=ON" …    a GPU build; it gets a key of its own

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONSTRAINTS = HERE / "constraints.txt"

#: Portable code (a native build crashes where a virtual CPU announces AMX and does not
#: honour it) and no multimodal library, which a text-only model has no use for.
BASE_FLAGS = ("-DGGML_NATIVE=OFF", "-DLLAVA_BUILD=OFF")


def pinned_version(package: str = "llama-cpp-python") -> str:
    """The version of `package` that the constraints file pins; LookupError if it has none."""
    pattern = re.compile(rf"^{re.escape(package)}==(\S+)", re.IGNORECASE | re.MULTILINE)
    found = pattern.search(CONSTRAINTS.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError(f"{CONSTRAINTS.name} does not pin {package}")
    return found.group(1)


def cmake_flags() -> list[str]:
    """The base flags, overridden and extended by CASCADE_CMAKE_ARGS; sorted, one per option."""
    flags: dict[str, str] = {}
    for flag in (*BASE_FLAGS, *shlex.split(os.environ.get("CASCADE_CMAKE_ARGS", ""))):
        flags[flag.partition("=")[0]] = flag
    return [flags[name] for name in sorted(flags)]


def cache_root() -> Path:
    """The folder that keeps built wheels, outside any checkout."""
    chosen = os.environ.get("CASCADE_WHEEL_CACHE")
    if chosen:
        return Path(chosen)
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA", str(Path.home())))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "cascade-desk-build" / "wheels"


def cache_folder(version: str, flags: list[str]) -> Path:
    """Where the wheel for this version, these flags and this kind of machine is kept."""
    described = "\n".join((version, *flags, platform.system(), platform.machine()))
    key = hashlib.sha256(described.encode()).hexdigest()[:16]
    return cache_root() / f"llama-cpp-python-{version}-{key}"


def find_wheel(folder: Path) -> Path | None:
    """The wheel in `folder`, or None."""
    return next(iter(sorted(folder.glob("llama_cpp_python-*.whl"))), None)


def build(version: str, flags: list[str], folder: Path) -> Path:
    """Compile the wheel into `folder` (8 to 13 minutes on two cores) and return its path."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="build-", dir=folder.parent))
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-cache-dir"]
    command += ["--no-binary", "llama-cpp-python", "--wheel-dir", str(work)]
    command.append(f"llama-cpp-python=={version}")
    environment = dict(os.environ, CMAKE_ARGS=" ".join(flags), FORCE_CMAKE="1")
    print(f"Compiling llama-cpp-python {version} with {' '.join(flags)}", file=sys.stderr)
    print("This happens once and takes about ten minutes on two cores.", file=sys.stderr)
    try:
        subprocess.run(command, check=True, env=environment, stdout=sys.stderr)
        (work / "flags.txt").write_text("\n".join(flags) + "\n", encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        # One rename: a build that was stopped half-way is never taken for a whole one.
        work.rename(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    wheel = find_wheel(folder)
    if wheel is None:
        raise FileNotFoundError(f"pip built no wheel of llama-cpp-python {version}")
    return wheel


def main() -> int:
    version, flags = pinned_version(), cmake_flags()
    folder = cache_folder(version, flags)
    try:
        wheel = find_wheel(folder) or build(version, flags, folder)
    except subprocess.CalledProcessError as error:
        print(f"llama-cpp-python did not compile (exit {error.returncode})", file=sys.stderr)
        return 1
    print(wheel)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
