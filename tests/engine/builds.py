"""Builds of llama.cpp in folders, as a person would put them there: sound ones, and such as break."""

from __future__ import annotations

import subprocess
from pathlib import Path

import llama_cpp

INSIDE = Path(llama_cpp.__file__).parent / "lib"
#: What it takes to abort while the system loads it.
ABORTS = "#include <stdlib.h>\n__attribute__((constructor)) static void go(void) { abort(); }\n"
HANGS = "#include <unistd.h>\n__attribute__((constructor)) static void go(void) { for (;;) pause(); }\n"
VERSION = 'const char *ggml_version(void) { return "0.1.2"; }\n'


def sound(folder: Path) -> Path:
    """The libraries inside, each once, by links."""
    folder.mkdir(parents=True)
    for path in sorted(INSIDE.iterdir()):
        (folder / path.name).symlink_to(path)
    return folder


def damaged(folder: Path) -> Path:
    """One of them was broken off while it was copied."""
    sound(folder)
    replaced(folder, "libggml-base.so", (INSIDE / "libggml-base.so").read_bytes()[:100_000])
    return folder


def of_another_machine(folder: Path) -> Path:
    """It is for another processor: e_machine of the ELF header is that of AArch64."""
    sound(folder)
    content = bytearray((INSIDE / "libllama.so").read_bytes())
    content[18:20] = (183).to_bytes(2, "little")
    replaced(folder, "libllama.so", bytes(content))
    return folder


def compiled(folder: Path, name: str, source: str) -> Path:
    """One of them is another library."""
    sound(folder)
    made = folder.parent / f"{folder.name}.so"
    command = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(made)]
    subprocess.run(command, input=source.encode(), check=True)
    replaced(folder, name, made.read_bytes())
    return folder


def of_another_version(folder: Path) -> Path:
    return compiled(folder, "libggml-base.so", VERSION)


def without_functions(folder: Path) -> Path:
    return compiled(folder, "libllama.so", "int other;\n")


def without_ggml(folder: Path) -> Path:
    """Only a part of it was copied."""
    sound(folder)
    for path in list(folder.glob("libggml.so*")):
        path.unlink()
    return folder


def of_another_layout(folder: Path) -> Path:
    """A default value stands elsewhere, as if a field had been put in before it; all else is right."""
    sound(folder)
    source = (
        "struct context { unsigned values[40]; };\n"
        "struct context llama_context_default_params(void)"
        " { struct context made = {{7, 512, 2048}}; return made; }\n"
    )
    made = folder.parent / f"{folder.name}.so"
    command = ["cc", "-shared", "-fPIC", "-Wl,--no-as-needed", "-x", "c", "-"]
    command += ["-x", "none", str(INSIDE / "libllama.so")]
    subprocess.run([*command, "-Wl,-rpath,$ORIGIN", "-o", str(made)], input=source.encode(), check=True)
    (folder / "libllama.so").unlink()
    (folder / "libllama.so").write_bytes(made.read_bytes())
    return folder


def replaced(folder: Path, name: str, content: bytes) -> None:
    """Put another file in the place of a library, under all of its names."""
    for path in list(folder.glob(f"{name}*")):
        path.unlink()
        path.write_bytes(content)
