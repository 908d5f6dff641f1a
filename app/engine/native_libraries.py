"""Has the binding load a build of llama.cpp that the person put there. Engine's child processes only.

Before anything imports llama_cpp: its module loads the libraries. Once wrong ones are loaded, in part
or whole, no others can take their place in this process: it ends, with a line that says why, and the
parent starts another one (app.engine.libraries).

What is checked, since a C interface says nothing of itself:
- the version that ggml gives: it must be that of the libraries inside;
- every function that the binding binds is there;
- structures are laid out as the binding has them: their default values are where they are expected.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

from app.engine.libraries import BINDING_VARIABLE, MARK, VARIABLE

_BINDING: Final = "llama_cpp"
#: Exit status of a process that found them unfit.
REFUSED: Final = 3
_PATTERNS: Final = {"win32": ("{}.dll", "lib{}.dll"), "darwin": ("lib{}.dylib", "lib{}.so")}
#: Default values in src/llama-model.cpp and src/llama-context.cpp, so chosen that a field more or less
#: anywhere in the structure moves one of them.
MODEL_DEFAULTS: Final = {
    "devices": None, "n_gpu_layers": -1, "split_mode": 1, "main_gpu": 0, "vocab_only": False,
    "check_tensors": False, "use_extra_bufts": True, "no_host": False, "no_alloc": False,
}  # fmt: skip
CONTEXT_DEFAULTS: Final = {
    "n_ctx": 512, "n_batch": 2048, "n_ubatch": 512, "n_seq_max": 1, "rope_scaling_type": -1,
    "pooling_type": -1, "attention_type": -1, "flash_attn_type": -1, "yarn_ext_factor": -1.0,
    "defrag_thold": -1.0, "type_k": 1, "type_v": 1, "embeddings": False, "offload_kqv": True,
    "no_perf": True, "op_offload": True, "swa_full": True, "kv_unified": False, "n_samplers": 0,
}  # fmt: skip


def use() -> str:
    """Load the build that the parent named: its folder, or "" for the libraries inside.

    Where it can't be used, the process ends here.
    """
    _without_its_package()
    folder = os.environ.pop(VARIABLE, "")
    if not folder:
        return ""
    os.environ[BINDING_VARIABLE] = folder
    try:
        _load(Path(folder))
        import llama_cpp.llama_cpp as llama

        _check_layout(llama)
        _register(Path(folder))
    except AttributeError as error:  # a function that isn't there
        _refuse("other", str(error))
    except (OSError, RuntimeError) as error:
        _refuse("load", str(error))
    return folder


def dry_run() -> int:
    """The body of `cascade-desk dry-run`, with the libraries that the parent named."""
    use()
    from app.engine.dry_run import main

    return main()


def backends() -> tuple[str, ...]:
    """The names of the backends that are loaded ("CPU", "Vulkan", "CUDA")."""
    from app.engine.ggml import function

    count = function("ggml_backend_reg_count", ctypes.c_size_t)()
    get = function("ggml_backend_reg_get", ctypes.c_void_p, ctypes.c_size_t)
    name = function("ggml_backend_reg_name", ctypes.c_char_p, ctypes.c_void_p)
    return tuple((name(get(index)) or b"").decode("utf-8", "replace") for index in range(count))


def library(folder: Path, stem: str, platform: str = sys.platform) -> Path | None:
    """The file of a library in a folder."""
    names = (pattern.format(stem) for pattern in _PATTERNS.get(platform, ("lib{}.so",)))
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _load(folder: Path) -> None:
    """Load what the others need by its whole path, so that no namesake elsewhere comes first."""
    if sys.platform == "win32":
        os.add_dll_directory(str(folder))
    for stem in ("ggml-base", "ggml", "llama"):
        path = library(folder, stem)
        if path is None:
            raise FileNotFoundError(f"there is no {stem} in it")
        loaded = ctypes.CDLL(str(path))
        if stem == "ggml-base":
            _check_version(loaded)


def _check_version(base: Any) -> None:
    version = base.ggml_version
    version.restype = ctypes.c_char_p
    theirs = version() or b""
    if own_version_holds(theirs) is False:
        _refuse("version", f"{_shown(theirs)} {_own_version()}")


def _without_its_package() -> None:
    """Have `import llama_cpp.llama_cpp` bring the C interface alone.

    The package's own module imports its high-level classes, and numpy with them: most of what the engine
    would take to start, and nothing that is used here.
    """
    if _BINDING in sys.modules or (found := importlib.util.find_spec(_BINDING)) is None:
        return
    spec = importlib.machinery.ModuleSpec(_BINDING, None, is_package=True)
    spec.submodule_search_locations = found.submodule_search_locations
    bare = importlib.util.module_from_spec(spec)
    bare.__version__ = _binding_version() or "unknown"  # type: ignore[attr-defined]
    sys.modules[_BINDING] = bare


def own_version_holds(version: bytes) -> bool | None:
    """Whether the libraries inside are of this version; None where there are none.

    Their text is looked at only: to load them beside the others would mix both.
    """
    path = _own_base()
    return None if path is None else version + b"\0" in path.read_bytes()


def _own_base() -> Path | None:
    spec = importlib.util.find_spec(_BINDING)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return library(Path(places[0]) / "lib", "ggml-base") if places else None


def _own_version() -> str:
    found = _binding_version()
    return f"llama-cpp-python-{found}" if found else "another"


def _binding_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return ""


def _check_layout(llama: Any) -> None:
    for made, wanted in (
        (llama.llama_model_default_params(), MODEL_DEFAULTS),
        (llama.llama_context_default_params(), CONTEXT_DEFAULTS),
    ):
        for name, value in wanted.items():
            if getattr(made, name) != value:
                _refuse("other", f"{name} is {getattr(made, name)!r}")


def _register(folder: Path) -> None:
    """A build whose backends are files of their own has none yet: have it find them beside it."""
    from app.engine.ggml import function

    if not function("ggml_backend_reg_count", ctypes.c_size_t)():
        load = function("ggml_backend_load_all_from_path", None, ctypes.c_char_p)
        load(os.fsencode(folder))


def _refuse(kind: str, detail: str) -> NoReturn:
    sys.stderr.write(f"{MARK}{kind}: {' '.join(detail.split())[:500]}\n")
    sys.stderr.flush()
    os._exit(REFUSED)


def _shown(version: bytes) -> str:
    return version.decode("ascii", "replace")[:40] or "unknown"
