"""The models that the app knows without a network, and what a person may type to name any other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import RequestError
from app.language import mark, tr
from app.models.names import checked_path

DEFAULT_ENDPOINT = "https://huggingface.co"

_LONGEST = 2000
_HINT = mark("Give a name such as owner/repository, a link to it, or the path of a GGUF file.")
#: What follows a repository's name in the notation of llama.cpp and Ollama: owner/repository:Q4_K_M.
_TAG = re.compile(r"(?P<rest>.*/[^/:]+):(?P<tag>[A-Za-z0-9_.-]{1,40})")
_HOSTED = re.compile(r"(https?://|hf\.co/|huggingface\.co/|www\.huggingface\.co/)", re.IGNORECASE)


@dataclass(frozen=True)
class KnownFile:
    """One file of a known repository.

    Attributes:
        quantization: as its name gives it.
        path: its name in the repository.
        size: bytes; rounded where `exact` is not set.
        sha256: hexadecimal, an empty string where it is only known online.
        fits: where it runs well, in words that are marked for translation.
    """

    quantization: str
    path: str
    size: int
    fits: str
    exact: bool = False
    sha256: str = ""


@dataclass(frozen=True)
class KnownRepository:
    """A repository that is offered without a search."""

    repo: str
    model: str
    licence: str
    files: tuple[KnownFile, ...]


@dataclass(frozen=True)
class HubReference:
    """Something on the hub: a repository, or one file or quantization of it."""

    repo: str
    revision: str | None = None
    path: str = ""
    quantization: str = ""


@dataclass(frozen=True)
class LocalReference:
    """A file on this machine."""

    path: Path


_IQ4_XS_SHA256 = "871a80bfd682289f2efa1b4fdee899576b5a768681f2b2ad74a15b59af6a510e"
_SIZES = (
    ("IQ4_XS", 18_166_698_432, mark("24 GB card with a long context")),
    ("Q4_K_M", 24_500_000_000, mark("24 GB card with almost no room for a context")),
    ("Q5_K_M", 26_100_000_000, mark("40 GB card")),
    ("Q8_0", 33_600_000_000, mark("80 GB card, 48 GB with a short context")),
    ("BF16", 63_200_000_000, mark("two 80 GB cards")),
)
_MODEL = "Nemotron-Cascade-2-30B-A3B"
_LICENCE = "nvidia-open-model-license"
#: The file that is offered first.
RECOMMENDED = "IQ4_XS"


def _known(repo: str, pattern: str, names: tuple[str, ...], exact: dict[str, str]) -> KnownRepository:
    """A repository of the model; `exact` holds the SHA-256 of the files whose size is known to the byte."""
    files = tuple(
        KnownFile(name, pattern.format(name), size, fits, name in exact, exact.get(name, ""))
        for name, size, fits in _SIZES
        if name in names
    )
    return KnownRepository(repo, _MODEL, _LICENCE, files)


KNOWN = (
    _known(
        "bartowski/nvidia_Nemotron-Cascade-2-30B-A3B-GGUF",
        "nvidia_Nemotron-Cascade-2-30B-A3B-{}.gguf",
        ("IQ4_XS", "Q4_K_M", "Q5_K_M", "Q8_0", "BF16"),
        {"IQ4_XS": _IQ4_XS_SHA256},
    ),
    _known(
        "mradermacher/Nemotron-Cascade-2-30B-A3B-i1-GGUF",
        "Nemotron-Cascade-2-30B-A3B.i1-{}.gguf",
        ("IQ4_XS", "Q4_K_M", "Q5_K_M"),
        {},
    ),
)


def parse_reference(text: str, endpoint: str = DEFAULT_ENDPOINT) -> HubReference | LocalReference:
    """What a person means by a name, a link or a path; raises RequestError where that is not clear.

    Understood are `owner/repository`, with `@revision`, `:QUANTIZATION` or `/file.gguf` behind it, the
    same behind `hf.co/` or `hf://`, every link to a repository or file on the hub or on `endpoint`, and
    the path or `file:` link of a file on this machine. Touches no network.
    """
    text = text.strip().strip("\"'").strip()
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise RequestError(tr("This does not name a model."), tr(_HINT))
    local = _local(text)
    return LocalReference(local) if local is not None else _on_hub(text, endpoint)


def _local(text: str) -> Path | None:
    """The existing file that the text names; raises RequestError for a path to nothing."""
    if text.lower().startswith("file:"):
        from urllib.request import url2pathname  # late: the window does not wait for it

        text = url2pathname(urlsplit(text).path)
    try:
        path = Path(text).expanduser()
        exists = path.is_file()
    except (OSError, RuntimeError, ValueError):
        return None
    meant = path.is_absolute() or text.startswith(("~", "./", "../", ".\\", "..\\"))
    if exists and (meant or path.suffix.lower() == ".gguf"):
        return path.absolute()
    if meant:
        raise RequestError(tr("There is no such file: {path}", path=path), tr(_HINT))
    return None


def _on_hub(text: str, endpoint: str) -> HubReference:
    from huggingface_hub import parse_hf_uri

    tag = ""
    if "://" not in text or text.lower().startswith("hf://"):
        found = _TAG.fullmatch(text)
        if found is not None:
            text, tag = found["rest"], found["tag"]
    if not _HOSTED.match(text) and not text.lower().startswith("hf://"):
        text = f"hf://{text}"
    try:
        parsed = parse_hf_uri(re.sub(r"(?i)^(https?://)?www\.", r"\1", text), endpoint=endpoint)
    except ValueError as error:
        raise RequestError(tr("This does not name a model on the hub."), tr(_HINT)) from error
    if parsed.type != "model":
        raise RequestError(tr("This is not a model but a {type}.", type=parsed.type), tr(_HINT))
    path = str(checked_path(parsed.path_in_repo)) if parsed.path_in_repo else ""
    return HubReference(parsed.id, parsed.revision, path, tag.upper())
